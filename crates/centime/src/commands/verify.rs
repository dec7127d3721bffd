//! `centime verify`: proof that every figure of the ledger adds up.

use centime_core::money::TotalPicoUsd;
use centime_ledger::Verify as _;
use serde::Serialize;

use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Decimal, Progress, Table, counted, dollars, print_json, print_line};

/// Proves that every entry and every sum of the ledger adds up
///
/// Exits 0 when all of it does, and otherwise names every difference and exits 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  centime verify --db centime.db")]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(app: &App, _: &Args) -> Outcome {
    let ledger = app.ledger()?;
    let mut progress = Progress::new();
    progress.style("{spinner} {human_pos} entries proved");
    let found = ledger.verify(&mut |entries| {
        progress.step();
        progress.bar().set_position(entries);
    })?;
    drop(progress);
    let name = |entry: &Option<centime_core::entry::Uid>| entry.map(|uid| uid.to_string());
    match app.format {
        Format::Json => {
            #[derive(Serialize)]
            struct Difference<'a> {
                entry: Option<String>,
                what: &'a str,
            }
            #[derive(Serialize)]
            struct Verified<'a> {
                ok: bool,
                entries: u64,
                total: Decimal<TotalPicoUsd>,
                differences: Vec<Difference<'a>>,
            }
            let differences = found.differences.iter();
            print_json(&Verified {
                ok: found.differences.is_empty(),
                entries: found.entries,
                total: Decimal(found.total),
                differences: differences
                    .map(|found| Difference { entry: name(&found.entry), what: &found.what })
                    .collect(),
            })?;
        }
        Format::Csv | Format::Table => {
            let mut table = Table::new([("entry", Align::Left), ("difference", Align::Left)]);
            for difference in &found.differences {
                let entry = name(&difference.entry).unwrap_or_else(|| "—".to_owned());
                table.row(vec![entry, difference.what.clone()]);
            }
            if app.format == Format::Csv {
                table.print_csv()?;
            } else if found.differences.is_empty() {
                print_line(format_args!(
                    "verified: {}, {}; every line, entry and sum adds up",
                    counted(found.entries.into(), ["entry", "entries"]),
                    dollars(found.total),
                ))?;
            } else {
                table.print()?;
            }
        }
    }
    match found.differences.len() {
        0 => Ok(()),
        1 => Err(Failure::No("1 difference".to_owned())),
        many => Err(Failure::No(format!("{many} differences"))),
    }
}
