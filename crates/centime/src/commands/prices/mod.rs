//! `centime prices`: what the price book holds, since when, and what changed.

mod diff;
mod history;
mod list;
mod show;

mod import;
mod set;
mod update;

mod changes;
mod compare;
mod rates;

mod draft;
mod offers;
mod shown;

use centime_core::price::{Found, ModelRef, PriceBook};
use centime_core::time::Timestamp;
use clap::Subcommand;

use super::names;
use crate::app::App;
use crate::failure::{Failure, Outcome};

/// The price book: its models, their rates, since when they hold, what changed, and prices of one's own
///
/// It is the book inside the program under what was set, imported or updated in the ledger.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices list sonnet
  centime prices show gpt-4o
  centime prices history o3
  centime prices diff embedded new-prices.json
  centime prices set mystery-1 input=0.10 output=0.40 --per 1M
  centime prices import our-contract.prices --from 2026-01-01
  centime prices update --dry-run")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    History(history::Args),
    Diff(diff::Args),
    Set(set::Args),
    Import(import::Args),
    Update(update::Args),
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.command {
        Command::List(args) => list::run(app, args),
        Command::Show(args) => show::run(app, args),
        Command::History(args) => history::run(app, args),
        Command::Diff(args) => diff::run(app, args),
        Command::Set(args) => set::run(app, args),
        Command::Import(args) => import::run(app, args),
        Command::Update(args) => update::run(app, args),
    }
}

/// The moment that a question is about.
#[derive(Debug, clap::Args)]
struct Moment {
    /// The rates in force at this moment: a date, a time, or a span back from now such as `30d`; now
    /// by default
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Moment {
    fn read(&self, app: &App) -> Result<Timestamp, Failure> {
        self.at.as_ref().map_or(Ok(app.now), |text| app.bound("at", text))
    }
}

/// The model that a name means, or what to say where it means none.
fn find(book: &PriceBook, name: &str) -> Result<Found, Failure> {
    book.resolve(ModelRef { provider: None, model: name })
        .map_err(|unresolved| Failure::Usage(names::unresolved(book, name, &unresolved)))
}

/// What cannot be read is said with its place; a test keeps the embedded book from it.
fn damaged(error: &centime_core::price::format::FormatError) -> Failure {
    Failure::Environment(format!("the price book is damaged: {error}"))
}

/// A date where the moment is a midnight, the moment to the second elsewhere.
fn date(at: Timestamp) -> String {
    const SECOND: i64 = 1_000_000;
    let second = Timestamp::from_micros(at.micros() - at.micros().rem_euclid(SECOND));
    let text = second.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

/// The date of a card; a price map has none for its rates.
fn date_of_card(from: Timestamp) -> String {
    if from == Timestamp::EARLIEST { "undated".to_owned() } else { date(from) }
}
