//! `centime import`: usage events into the ledger, exactly once.

mod records;
mod rejects;
mod summary;
mod table;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use centime_core::entry::Entry;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::{Appended, Entries};
use centime_providers::event::Constants;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::App;
use crate::failure::{Failure, Outcome};
use crate::input;
use records::{Problem, Record, Records};
use rejects::Rejects;
use summary::Summary;

/// Usage events into the ledger, exactly once
///
/// An event that is in the ledger already is known and passed over, so that a file may be imported
/// again, whole or longer than before. A line that cannot be read is refused and reported with its
/// file and line; the good ones go in.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime import events.jsonl more-events.jsonl.gz
  centime import trace.csv --map at=TIMESTAMP,input=ContextTokens,output=GeneratedTokens \\
      --set model=gpt-4,user=conv
  my-exporter | centime import -")]
pub(crate) struct Args {
    /// The files, plain or gzipped; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What the files are; `auto` looks at their content
    #[arg(long, value_enum, default_value_t = Kind::Auto)]
    from: Kind,

    /// Which column of a CSV file holds which field: an event key (at, model, user, tag:app, …) or a
    /// meter (input, output, cache_read, …)
    #[arg(long, value_name = "FIELD=COLUMN,…", value_delimiter = ',')]
    map: Vec<String>,

    /// Fields that are the same for every event; they beat what the file says
    #[arg(long, value_name = "FIELD=VALUE,…", value_delimiter = ',')]
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
    /// One usage event a line
    Jsonl,
    /// A table with a header
    Csv,
}

/// Whose figure is the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Charge {
    /// What the price book says
    Ours,
    /// What the event says, where it says so
    Reported,
}

/// How many entries are written at once.
const BATCH_ENTRIES: usize = 8192;

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let constants = pairs("--set", &args.set)?;
    let constants = constants.iter().map(|(field, value)| (field.as_str(), value.as_str()));
    let constants = Constants::new(constants, &app.zone)
        .map_err(|error| Failure::Usage(format!("--set: {error}")))?;
    let map = pairs("--map", &args.map)?;
    let mut import = Import {
        app,
        ledger: app.ledger_for_writing()?,
        pricer: app.pricer()?,
        rejects: Rejects::open(args.rejects.as_deref())?,
        summary: Summary::default(),
        is_stopped: stop_flag(),
    };
    for path in &args.files {
        import.file(path, args, &map, &constants)?;
        if import.is_stopped.load(Ordering::Relaxed) {
            break;
        }
    }
    import.rejects.finish()?;
    import.summary.print(app)?;
    if import.is_stopped.load(Ordering::Relaxed) {
        let message = "stopped; what was read is in the ledger, import again for the rest";
        return Err(Failure::Environment(message.to_owned()));
    }
    match import.summary.refused {
        0 => Ok(()),
        1 => Err(Failure::Usage("1 record was refused; the others are in the ledger".to_owned())),
        many => Err(Failure::Usage(format!(
            "{many} records were refused; the others are in the ledger"
        ))),
    }
}

/// Set by the first Ctrl-C: the batch in hand is written, and the import ends. The second ends the
/// process at once; the ledger is whole then too.
fn stop_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    // Without a handler Ctrl-C ends the process as usual, so a failure to set one is no matter.
    let _ = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    flag
}

fn pairs(flag: &str, texts: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| {
        let (field, value) = text.split_once('=').ok_or_else(|| {
            Failure::Usage(format!("{flag} `{text}`: write `FIELD=…`, several parted by commas"))
        })?;
        Ok((field.trim().to_owned(), value.to_owned()))
    };
    texts.iter().map(pair).collect()
}

struct Import<'a> {
    app: &'a App,
    ledger: SqliteLedger,
    pricer: Pricer,
    rejects: Rejects,
    summary: Summary,
    is_stopped: Arc<AtomicBool>,
}

impl Import<'_> {
    fn file(
        &mut self,
        path: &std::path::Path,
        args: &Args,
        map: &[(String, String)],
        constants: &Constants,
    ) -> Outcome {
        let progress = ProgressBar::new(0);
        let input = input::open(path, &progress)?;
        show(&progress, &input);
        let mut records = Records::open(input, args.from, map)?;
        let policy = match args.charge {
            Charge::Ours => ChargePolicy::Ours,
            Charge::Reported => ChargePolicy::Reported,
        };
        let mut batch = Batch::default();
        {
            let mut ingest = Ingest::new(&mut self.pricer, records.source(), policy);
            while let Some(read) = records.next_record(constants, &self.app.zone)? {
                let entry = read.and_then(|(event, record)| {
                    let id = event.id.clone();
                    match ingest.entry(event, &record.raw, self.app.now) {
                        Ok(entry) => Ok((entry, record)),
                        Err(error) => Err(Problem { record, id, what: error.to_string() }),
                    }
                });
                match entry {
                    Ok((entry, record)) => batch.push(entry, record),
                    Err(problem) => {
                        progress.suspend(|| self.rejects.refuse(&problem))?;
                        self.summary.refused += 1;
                    }
                }
                if batch.entries.len() >= BATCH_ENTRIES {
                    let refused = batch.write(&mut self.ledger, &mut self.summary)?;
                    for problem in refused {
                        progress.suspend(|| self.rejects.refuse(&problem))?;
                    }
                    if self.is_stopped.load(Ordering::Relaxed) {
                        break;
                    }
                }
            }
        }
        for problem in batch.write(&mut self.ledger, &mut self.summary)? {
            progress.suspend(|| self.rejects.refuse(&problem))?;
        }
        progress.finish_and_clear();
        Ok(())
    }
}

/// Shows how far a file has been read, on a terminal, once it takes noticeably long.
fn show(progress: &ProgressBar, input: &input::Input) {
    let template = match input.bytes {
        Some(bytes) => {
            progress.set_length(bytes);
            "{msg} {wide_bar} {bytes}/{total_bytes} {eta}"
        }
        None => "{msg} {bytes} {spinner}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        progress.set_style(style);
    }
    progress.set_message(input.name.clone());
}

/// Entries that are written together, and where each came from.
#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    records: Vec<Record>,
}

impl Batch {
    fn push(&mut self, entry: Entry, record: Record) {
        self.entries.push(entry);
        self.records.push(record);
    }

    /// Writes the batch, and returns what the ledger refused of it.
    fn write(
        &mut self,
        ledger: &mut SqliteLedger,
        summary: &mut Summary,
    ) -> Result<Vec<Problem>, Failure> {
        let answers = ledger.append(&self.entries)?;
        let mut refused = Vec::new();
        let entries = std::mem::take(&mut self.entries);
        let records = std::mem::take(&mut self.records);
        for ((entry, record), answer) in entries.into_iter().zip(records).zip(answers) {
            match answer {
                Appended::New => summary.add(&entry),
                Appended::Known => summary.known += 1,
                Appended::Conflict => {
                    summary.refused += 1;
                    let what = conflict(&entry);
                    refused.push(Problem { record, id: entry.own_id, what });
                }
            }
        }
        Ok(refused)
    }
}

fn conflict(entry: &Entry) -> String {
    match &entry.own_id {
        Some(id) => format!(
            "conflict: the id `{id}` is in the ledger with other content; an entry is never changed, \
             so give this event an id of its own"
        ),
        None => {
            "conflict: the same record is in the ledger with other fields set; to keep both, map \
                 a column to `id`"
                .to_owned()
        }
    }
}
