//! `centime export`: the ledger as a file of other tools.

mod stop;

use std::io::{IsTerminal, stdout};
use std::ops::ControlFlow;
use std::path::PathBuf;

use centime_core::entry::PricingStatus;
use centime_export::{BillingAccount, ExportError, Exported, FocusVersion, export};
use clap::ValueEnum;
use clap::builder::{EnumValueParser, TypedValueParser as _};

use super::conditions::Conditions;
use super::names;
use crate::app::App;
use crate::cli::Shape;
use crate::draft::Draft;
use crate::failure::{Failure, Outcome};
use crate::output::{Progress, cost, counted, note, say, visible};

/// The ledger, or a part of it, as a file: exact, and the same sum as every report
///
/// Of all of these, `csv`, `parquet` and `focus` fold the adjustments of a call into it; `jsonl` has
/// them as lines of their own. The file is whole or not there: it is written beside and takes its name
/// at the end. A file that has the name already is replaced.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime export --format csv -o calls.csv
  centime export --format parquet --since 2026-11-01 --until 2026-12-01 -o november.parquet
  centime export --format jsonl --where team=search | gzip > search.jsonl.gz
  centime export --format focus --billing-account 4711 -o focus.csv

What every column is: docs/export.md")]
pub(crate) struct Args {
    /// What to write
    // The same name as the global flag, and other values.
    #[arg(
        long,
        id = "format",
        required = true,
        value_name = "FORMAT",
        value_parser = EnumValueParser::<FileFormat>::new().map(Shape::File)
    )]
    format: Shape,

    /// The file to write; `-` or none for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The version of FOCUS
    #[arg(long, value_enum, value_name = "VERSION", default_value_t = Focus::V1_4)]
    focus_version: Focus,

    /// FOCUS' `BillingAccountId`: the account that your bill is for
    #[arg(long, value_name = "ID", default_value = "centime")]
    billing_account: String,

    #[command(flatten)]
    conditions: Conditions,
}

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// For spreadsheets and scripts: a row a call, beginning with the columns of the view `costs`
    Csv,
    /// A full copy: one JSON object a line, each entry with all its fields
    Jsonl,
    /// For data frames and databases: a row a call, in typed columns
    Parquet,
    /// FOCUS, the FinOps specification, as CSV: a row a charge line
    Focus,
}

/// The versions of FOCUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Focus {
    /// Of 2025, which most tools read
    #[value(name = "1.2")]
    V1_2,
    /// Of 2026
    #[value(name = "1.4")]
    V1_4,
}

impl Args {
    fn format(&self) -> Result<centime_export::Format, Failure> {
        Ok(match self.format {
            Shape::File(FileFormat::Csv) => centime_export::Format::Csv,
            Shape::File(FileFormat::Jsonl) => centime_export::Format::JsonLines,
            Shape::File(FileFormat::Parquet) => centime_export::Format::Parquet,
            Shape::File(FileFormat::Focus) => centime_export::Format::Focus {
                version: match self.focus_version {
                    Focus::V1_2 => FocusVersion::V1_2,
                    Focus::V1_4 => FocusVersion::V1_4,
                },
                account: BillingAccount(self.billing_account.clone()),
            },
            Shape::Answer(_) => {
                let message = "--format: an export is `csv`, `jsonl`, `parquet` or `focus`; write it \
                               after `export`";
                return Err(Failure::Usage(message.to_owned()));
            }
        })
    }

    /// The file; `None` for standard output.
    fn file(&self) -> Option<&PathBuf> {
        self.output.as_ref().filter(|path| path.as_os_str() != "-")
    }
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let format = args.format()?;
    let filter = args.conditions.filter(app)?;
    let ledger = app.ledger()?;
    let draft = match args.file() {
        Some(path) => Some(Draft::new(path, ledger.path())?),
        None if format == centime_export::Format::Parquet && stdout().is_terminal() => {
            let message = "Parquet is not for terminals: name a file with `-o FILE`, or pipe it";
            return Err(Failure::Usage(message.to_owned()));
        }
        None => None,
    };
    let out: centime_export::Output = match &draft {
        Some(draft) => Box::new(draft.output()?),
        None => Box::new(stdout()),
    };
    let mut progress = Progress::new();
    progress.style("{spinner} {human_pos} calls exported");
    let stop = stop::flag();
    let mut go_on = |calls| {
        progress.step();
        progress.bar().set_position(calls);
        if stop.is_set() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let written =
        format.sink(out).and_then(|mut sink| export(&ledger, &filter, &mut *sink, &mut go_on));
    drop(progress);
    let exported = match (written, &draft) {
        (Err(ExportError::Write(error)), Some(draft)) => return Err(draft.failed(&error)),
        (written, _) => written?,
    };
    let Some(draft) = draft else {
        tell_missing(&exported);
        return Ok(());
    };
    let name = draft.keep()?;
    let is_whole = exported.unpriced == 0;
    let status = if is_whole { PricingStatus::Priced } else { PricingStatus::Partial };
    say(format_args!(
        "{}: {}, {}",
        visible(&name),
        counted(exported.calls.into(), ["call", "calls"]),
        cost(exported.total, status),
    ));
    tell_missing(&exported);
    Ok(())
}

/// What has no price is never silently free.
fn tell_missing(exported: &Exported) {
    if exported.unpriced == 0 {
        return;
    }
    let calls = counted(exported.unpriced.into(), ["call has", "calls have"]);
    match exported.left_out {
        0 => note(&format!("{calls} no price, or not for everything")),
        lines => note(&format!(
            "{calls} no price, or not for everything; FOCUS cannot say so, and {} left out",
            counted(lines.into(), ["charge line is", "charge lines are"])
        )),
    }
    names::hint_at_repricing();
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Ledger(error) => error.into(),
            ExportError::Write(error) => error.into(),
            ExportError::Interrupted => Self::Environment(error.to_string()),
            ExportError::Unfit { .. } => Self::Usage(error.to_string()),
        }
    }
}
