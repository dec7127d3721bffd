//! `centime backup`: a copy of the ledger.

use std::path::PathBuf;

use crate::app::App;
use crate::failure::Outcome;
use crate::output::{print_line, visible};

/// Copies the ledger as it is at this moment, while others write on
///
/// The copy is a whole ledger of its own, packed. It never takes the place of a file that is there.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime backup centime-$(date +%F).db
  centime verify --db centime-2026-11-23.db")]
pub(crate) struct Args {
    /// The file to make
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    app.ledger()?.backup(&args.file)?;
    let name = args.file.display().to_string();
    print_line(format_args!("the ledger is copied to `{}`", visible(&name)))
}
