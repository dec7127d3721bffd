//! `centime import`: usage events into the ledger, exactly once.

mod work;

mod records;

mod array;
mod columns;
mod costs;
mod likeness;
mod map;
mod rows;
mod table;

mod adjustments;
mod batch;
mod pairs;
mod rejects;
mod sink;
mod summary;

use std::path::PathBuf;

use crate::app::App;
use crate::failure::{Failure, Outcome};
use work::Import;

/// Usage events into the ledger, exactly once
///
/// An event that is in the ledger already is known and passed over, so that a file may be imported
/// again, whole or longer than before. The lines of `centime export --format jsonl` go in as the entries
/// they are, adjustments too, so that an export is a copy that can be restored. A line that cannot be read is refused and reported with its
/// file and line; the good ones go in.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime import events.jsonl more-events.jsonl.gz archive.jsonl.zst
  centime import 'logs/**/*.jsonl.gz'
  centime import trace.csv --map at=TIMESTAMP,input=ContextTokens,output=GeneratedTokens \\
      --set model=gpt-4,user=conv
  centime import costs.db
  my-exporter | centime import -")]
pub(crate) struct Args {
    /// The files, plain or packed by gzip or zstd; `-` is standard input. A quoted pattern is the files
    /// that match, sorted: `*`, `?` and `[…]` within a name, `**` for folders within folders
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What the files are; `auto` looks at their content
    #[arg(long, value_enum, default_value_t = Kind::Auto)]
    from: Kind,

    /// Which column of a CSV file holds which field: an event key (at, model, user, tag:app, …) or a
    /// meter (input, output, cache_read, …). Without it, columns are known by their names. May be
    /// repeated
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    map: Vec<String>,

    /// Fields that are the same for every event; they beat what the file says. A comma parts them
    /// only where the name of a field follows. May be repeated
    #[arg(long, value_name = "FIELD=VALUE,…")]
    set: Vec<String>,

    /// Whose figure is the charge: ours, or the `reported_cost` of the events that have one
    #[arg(long, value_enum, default_value_t = Charge::Ours)]
    charge: Charge,

    /// Write what is refused to this file, one JSON object a record
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Told by its content
    Auto,
    /// One usage event a line, or one array of them
    Jsonl,
    /// A table with a header
    Csv,
    /// A SQLite file with a table `costs`, as cost scripts keep it
    Costs,
}

/// Whose figure is the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Charge {
    /// What the price book says
    Ours,
    /// What the event says, where it says so
    Reported,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let mut import = Import::new(app, args)?;
    let files = crate::input::expanded(&args.files)?;
    let ended = import.files(&files);
    // Whatever ended it, what came in is told.
    let told = import.finish(ended.is_ok());
    ended.and(told)?;
    if import.is_stopped() {
        let message = "stopped; what was read is in the ledger, import again for the rest";
        return Err(Failure::Environment(message.to_owned()));
    }
    match import.refused() {
        0 => Ok(()),
        1 => Err(Failure::Usage("1 record was refused; the others are in the ledger".to_owned())),
        many => Err(Failure::Usage(format!(
            "{many} records were refused; the others are in the ledger"
        ))),
    }
}
