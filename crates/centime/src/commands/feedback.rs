//! `centime feedback`: how good answers were.

use centime_core::score::Score;
use centime_ledger::{Feedback, ScoreAdded};
use serde::Serialize;

use super::named;
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Decimal, Table, print_json, print_line, visible};

/// How good answers were
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Give an entry a score from 0 to 1: how good its answer was
    ///
    /// The last score of an entry counts; earlier ones are kept in the ledger. `centime report
    /// efficiency` then shows what the scored requests cost, divided by the sum of their scores.
    #[command(after_help = "\
Examples:
  centime feedback add req-1 --score 0.9
  centime report efficiency --since 30d")]
    Add {
        /// The id of the entry: its own, or the 32 digits that `centime entries` shows
        #[arg(value_name = "ENTRY_ID")]
        id: String,

        /// From 0 (useless) to 1 (as good as can be), with up to six decimals
        #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
        score: Score,
    },
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let Command::Add { id, score } = &args.command;
    // A ledger that is not there is not made, and a mistake touches none.
    let attempt = named::attempt(&app.ledger()?, id)?;
    let added = app.ledger_for_writing()?.add_score(attempt.uid, *score, app.now)?;
    let is_new = match added {
        ScoreAdded::New => true,
        ScoreAdded::Known => false,
        ScoreAdded::NoAttempt => {
            return Err(Failure::Environment(format!("the entry `{id}` is gone from the ledger")));
        }
    };
    match app.format {
        Format::Json => {
            #[derive(Serialize)]
            struct Given {
                entry: String,
                score: Decimal<Score>,
                new: bool,
            }
            let entry = attempt.uid.to_string();
            print_json(&Given { entry, score: Decimal(*score), new: is_new })
        }
        Format::Csv => {
            let mut table = Table::new(["entry", "score", "new"].map(|name| (name, Align::Left)));
            table.row(vec![attempt.uid.to_string(), score.to_string(), is_new.to_string()]);
            table.print_csv()
        }
        Format::Table => {
            let already = if is_new { "" } else { " already" };
            let id = attempt.id();
            print_line(format_args!("`{}` has the score {score}{already}", visible(&id)))
        }
    }
}
