//! `centime db`: care of the ledger's file.

use crate::app::App;
use crate::failure::Outcome;
use crate::output::print_line;

/// Care of the ledger's file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Bring the ledger's schema up to date, and fill the totals of newly declared tags
    ///
    /// Every command that writes does it too; this does nothing else. All of it is done, or nothing.
    #[command(after_help = "\
Examples:
  centime backup before.db && centime db migrate
  centime db migrate --db centime.db")]
    Migrate,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let Command::Migrate = args.command;
    let before = app.ledger()?.version()?;
    let after = app.ledger_for_writing()?.version()?;
    if before == after {
        return print_line(format_args!("the ledger is up to date: schema version {after}"));
    }
    print_line(format_args!("the ledger is brought from schema version {before} to {after}"))
}
