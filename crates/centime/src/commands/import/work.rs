//! The work of an import: file by file, batch by batch.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use centime_core::entry::Entry;
use centime_core::time::Timestamp;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest, IngestError};
use centime_providers::event::Constants;

use super::batch::{Batch, Piece};
use super::pairs::pairs;
use super::records::{Found, Problem, Read, Reading, Record, Records};
use super::sink::Sink;
use super::{Args, Charge};
use crate::app::App;
use crate::failure::{Failure, Outcome};
use crate::input;
use crate::output::{self, Progress};

/// How many batches wait to be written while more are read.
const BATCHES_IN_HAND: usize = 2;

/// How many of the unused columns are named.
const NAMED_MAX: usize = 20;

/// An import.
pub(super) struct Import<'a> {
    app: &'a App,
    args: &'a Args,
    how: Reading,
    pricer: Pricer,
    /// Opened when there is something to put into it: a mistake in the command makes no ledger.
    sink: Option<Sink>,
    is_stopped: Arc<AtomicBool>,
}

impl<'a> Import<'a> {
    /// Reads the flags and the prices.
    pub(super) fn new(app: &'a App, args: &'a Args) -> Result<Self, Failure> {
        let set = pairs("--set", &args.set)?;
        let constants = set.iter().map(|(field, value)| (field.as_str(), value.as_str()));
        let constants = Constants::new(constants, &app.zone)
            .map_err(|error| Failure::Usage(format!("--set: {error}")))?;
        let map = pairs("--map", &args.map)?;
        let how = Reading { kind: args.from, map, set, constants, zone: app.zone.clone() };
        Ok(Self { app, args, how, pricer: app.pricer()?, sink: None, is_stopped: stop_flag() })
    }

    /// Imports files, once all of them are known to be there and to be what they should be.
    pub(super) fn files(&mut self, files: &[PathBuf]) -> Outcome {
        for path in files {
            self.check(path)?;
        }
        for path in files {
            self.file(path)?;
            if self.is_stopped() {
                break;
            }
        }
        Ok(())
    }

    /// Looks at the start of a file that can be read again.
    fn check(&self, path: &Path) -> Outcome {
        if input::is_file(path)? {
            let nobody = indicatif::ProgressBar::hidden();
            let input = input::open(path, &nobody)?;
            Records::open_file(path, input, &self.how, &nobody)?.next_record(&self.how)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Outcome {
        let mut progress = Progress::new();
        let input = input::open(path, progress.bar())?;
        describe(&progress, &input);
        let name = input.name.clone();
        let mut records = Records::open_file(path, input, &self.how, progress.bar())?;
        tell_unused(&name, records.unused());
        // A file that cannot be read at all makes no ledger either.
        let next = records.next_record(&self.how)?;
        let sink = match &mut self.sink {
            Some(sink) => sink,
            none => none.insert(Sink::open(self.app, self.args)?),
        };
        let policy = match self.args.charge {
            Charge::Ours => ChargePolicy::Ours,
            Charge::Reported => ChargePolicy::Reported,
        };
        let reader = Reader {
            ingest: Ingest::new(&mut self.pricer, records.source(), policy, sink.key_names.clone()),
            records,
            how: &self.how,
            now: self.app.now,
            keeps_records: self.args.rejects.is_some(),
            is_stopped: &self.is_stopped,
        };
        let (pieces, read) = sync_channel(BATCHES_IN_HAND);
        // One core reads, parses and prices, the other writes.
        thread::scope(|scope| {
            let reader = scope.spawn(move || reader.read(next, &pieces));
            let mut write = || {
                while let Ok(piece) = read.recv() {
                    match piece {
                        Piece::Batch(batch) => sink.write(batch, &read, &mut progress)?,
                        Piece::Refused(problem) => sink.refuse(&problem, &progress)?,
                    }
                }
                Ok(())
            };
            let written = write();
            // Where it failed, whoever reads on must know.
            drop(read);
            let ended = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // What was read before it went wrong is good.
            written.and(ended)
        })
    }

    /// Writes out what is refused, and tells what came in: of an import that failed, where anything
    /// did.
    pub(super) fn finish(&mut self, is_whole: bool) -> Outcome {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let kept = sink.rejects.finish();
        if is_whole || !sink.summary.is_empty() {
            sink.summary.print(self.app)?;
        }
        kept
    }

    /// How many records were refused.
    pub(super) fn refused(&self) -> u64 {
        self.sink.as_ref().map_or(0, |sink| sink.summary.refused)
    }

    /// Whether somebody pressed Ctrl-C.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}

/// The thread that reads a file, parses its events and prices them.
struct Reader<'a> {
    records: Records,
    ingest: Ingest<'a>,
    how: &'a Reading,
    now: Timestamp,
    /// Whether what is refused is kept in a file; only then are the bytes of a record.
    keeps_records: bool,
    is_stopped: &'a AtomicBool,
}

impl Reader<'_> {
    /// Reads on from a record, until the file ends, somebody stops it, or nobody writes any more.
    fn read(mut self, mut next: Option<Read>, pieces: &SyncSender<Piece>) -> Outcome {
        let mut batch = Batch::new(&self.how.zone);
        let ended = loop {
            let Some(read) = next else { break Ok(()) };
            match self.entry_of(read) {
                Ok((entry, mut record)) => {
                    let bytes = record.raw.len();
                    if !self.keeps_records {
                        record.raw = Vec::new();
                    }
                    batch.push(entry, record, bytes);
                }
                Err(problem) => {
                    if pieces.send(Piece::Refused(problem)).is_err() {
                        return Ok(());
                    }
                }
            }
            if batch.is_full() {
                let full = std::mem::replace(&mut batch, Batch::new(&self.how.zone));
                if pieces.send(Piece::Batch(Box::new(full))).is_err() {
                    return Ok(());
                }
                if self.is_stopped.load(Ordering::Relaxed) {
                    break Ok(());
                }
            }
            next = match self.records.next_record(self.how) {
                Ok(next) => next,
                Err(failure) => break Err(failure),
            };
        };
        if !batch.is_empty() {
            // Where nobody writes any more, the writer says why.
            let _ = pieces.send(Piece::Batch(Box::new(batch)));
        }
        ended
    }

    fn entry_of(&mut self, read: Read) -> Result<(Entry, Record), Problem> {
        let (found, record) = read?;
        let event = match found {
            Found::Event(event) => event,
            Found::Entry(entry) if entry.at.is_plausible(self.now) => return Ok((*entry, record)),
            Found::Entry(entry) => {
                let what = IngestError::Implausible { at: entry.at }.to_string();
                return Err(Problem { record, id: entry.own_id, what });
            }
        };
        let id = event.id.clone();
        match self.ingest.entry(event, &record.raw, self.now) {
            Ok(entry) => Ok((entry, record)),
            Err(error) => Err(Problem { record, id, what: error.to_string() }),
        }
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

/// How far a file has been read.
fn describe(progress: &Progress, input: &input::Input) {
    progress.style(match input.bytes {
        Some(_) => "{msg} {wide_bar} {bytes}/{total_bytes} {eta}",
        None => "{msg} {bytes} {spinner}",
    });
    if let Some(bytes) = input.bytes {
        progress.bar().set_length(bytes);
    }
    progress.bar().set_message(output::visible(&input.name).into_owned());
}

fn tell_unused(name: &str, columns: &[String]) {
    if columns.is_empty() {
        return;
    }
    let mut named = columns.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    if columns.len() > NAMED_MAX {
        named.push_str(&format!(" and {} more", columns.len() - NAMED_MAX));
    }
    output::note(&format!("{name}: columns that are not used: {named}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::import::Kind;
    use crate::commands::samples::PRICES;
    use centime_ledger::{EntryFilter, Page};

    const EVENT: &str = r#"{"at":"2026-11-01","model":"big","meters":{"input":1}}"#;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new(files: &[(&str, &[u8])]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, content) in files {
                std::fs::write(folder.path().join(name), content).unwrap();
            }
            std::fs::write(folder.path().join("prices"), PRICES).unwrap();
            Self(folder)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// How an import ended, and how many entries it left; `None` where it made no ledger.
        fn import(&self, files: &[&str], map: &str, set: &str) -> (Outcome, Option<usize>) {
            let app = App::of_test(&self.path("new.db"));
            let list = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let args = Args {
                files: files.iter().map(|name| self.path(name)).collect(),
                from: Kind::Auto,
                map: list(map).into_iter().collect(),
                set: list(set).into_iter().collect(),
                charge: Charge::Ours,
                rejects: None,
            };
            let ended = super::super::run(&app, &args);
            let entries = self.path("new.db").exists().then(|| {
                use centime_ledger::Entries;
                let page = Page { limit: 100, after: None };
                app.ledger().unwrap().entries(&EntryFilter::default(), &page).unwrap().len()
            });
            (ended, entries)
        }
    }

    #[test]
    fn a_mistake_in_the_command_makes_no_ledger() {
        let event = EVENT.as_bytes();
        let folder = Folder::new(&[
            ("good", event),
            ("t.csv", b"model,input\nbig,1\n"),
            ("near.csv", b"model,input,output_tok\nbig,1,2\n"),
            ("pretty", b"{\n \"model\": \"big\"}\n"),
        ]);
        for (files, map, set, word) in [
            (&["good", "missing"][..], "", "", "missing"),
            (&["good", "."], "", "", "is a folder"),
            (&["good"], "", "colour=red", "colour"),
            (&["good"], "model=m", "", "--map is for CSV"),
            (&["good", "t.csv"], "", "user", "FIELD="),
            (&["t.csv"], "model=Model", "", "no such column"),
            (&["good", "near.csv"], "", "", "--map model=model,input=input,output=output_tok"),
            (&["good", "pretty"], "", "", "jq -c"),
        ] {
            match folder.import(files, map, set) {
                (Err(Failure::Usage(message)), None) => {
                    assert!(message.contains(word), "{message}");
                }
                other => panic!("{files:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_was_read_before_a_file_went_wrong_is_in_and_told() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        let many: String =
            (0..2000).map(|index| format!("{{\"id\":\"{index}\",{}\n", &EVENT[1..])).collect();
        std::io::Write::write_all(&mut packed, many.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let array = format!("[{EVENT},{EVENT},");
        for (content, least) in [(&packed[..packed.len() / 2], 100), (array.as_bytes(), 2)] {
            let folder = Folder::new(&[("cut", content), ("good", EVENT.as_bytes())]);
            let app = App::of_test(&folder.path("new.db"));
            let args = Args {
                files: vec![folder.path("good"), folder.path("cut")],
                from: Kind::Auto,
                map: Vec::new(),
                set: Vec::new(),
                charge: Charge::Ours,
                rejects: None,
            };
            let mut import = Import::new(&app, &args).unwrap();
            let ended = import.files(&args.files);
            assert!(matches!(ended, Err(Failure::Usage(_))), "{ended:?}");
            let summary = &import.sink.as_ref().unwrap().summary;
            assert!(!summary.is_empty());
            let (_, entries) = folder.import(&["good"], "", "");
            assert!(entries.unwrap() >= least.min(100), "{entries:?}");
        }
    }
}
