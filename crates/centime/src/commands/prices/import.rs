//! `centime prices import`: a price list into the ledger.

use std::path::{Path, PathBuf};

use super::damaged;
use super::draft::{Current, Draft};
use super::offers::{Dating, offers};
use super::shown::Shown;
use crate::app::{App, read_prices};
use crate::failure::{Failure, Outcome};
use crate::output;

/// A price list into the ledger, from a date on: what it prices otherwise than the price book
///
/// LiteLLM's price map, genai-prices' data or Centime's own format, plain or gzipped, told apart by
/// content. Rates without a date hold from `--from` on, dated ones from their dates.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices import model_prices_and_context_window.json
  centime prices import our-contract.prices --from 2026-01-01")]
pub(super) struct Args {
    /// The price list; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// From when rates without a date hold; now by default
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let from = match &args.from {
        Some(text) => app.bound("from", text)?,
        None => app.second(),
    };
    let current = Current::read(app)?;
    let list = read_prices(&args.file)?;
    let name = name_of(&args.file);
    let found = offers(&current.book, &list.book, Dating::AsListed(from), &name)
        .map_err(|error| damaged(&error))?;
    let left_out = [list.unexpressed, found.left_out].concat();
    let draft = Draft { origin: format!("prices import {name}"), revised: found.revised };
    let mut shown = Shown::unmade(&draft.revised, &current);
    (shown.unchanged, shown.left_out) = (Some(found.unchanged), &left_out);
    if draft.revised.is_empty() {
        output::note("nothing is imported: the price book says the same already");
        return shown.print(app);
    }
    let (book, revision) = current.with(&draft, app)?;
    if !Current::keep(app, &revision)? {
        return Err(Failure::Environment(RACED.to_owned()));
    }
    shown.made(book.version(), revision.number).print(app)
}

/// What is said where somebody else was faster.
pub(super) const RACED: &str =
    "somebody else revised the prices meanwhile; nothing was changed, run it again";

/// The file's own name: where it lay is nobody's business later.
pub(super) fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned())
}
