//! `centime alerts`: what somebody should know of.

mod check;
mod list;
mod test;

use clap::Subcommand;

use crate::app::App;
use crate::failure::Outcome;

/// Limits that were reached, and the channels that tell of them
///
/// The limits stand in `[alerts]` of the configuration; without it a day may cost 100 US dollars, that of a
/// user 10 and that of a model 50. A running gateway watches them all the time.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    List(list::Args),
    Test(test::Args),
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.command {
        Command::Check(args) => check::run(app, args),
        Command::List(args) => list::run(app, args),
        Command::Test(args) => test::run(app, args),
    }
}
