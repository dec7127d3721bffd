//! Where an import goes: the ledger, the rejects and the summary.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use centime_core::entry::Entry;
use centime_engine::KeyNames;
use centime_ledger::Appended;
use centime_ledger::sqlite::SqliteLedger;

use super::Args;
use super::adjustments::Adjustments;
use super::batch::{Batch, Piece};
use super::records::Problem;
use super::rejects::Rejects;
use super::summary::Summary;
use crate::app::{App, key_names};
use crate::failure::{Failure, Outcome};
use crate::output::Progress;

/// How many entries go into one transaction: about half a second's.
const ENTRIES_MAX: usize = 65_536;
/// How long a transaction may take, be it for want of entries: others who write wait for five seconds.
const TIME_MAX: Duration = Duration::from_secs(2);

/// Where an import goes.
pub(super) struct Sink {
    ledger: SqliteLedger,
    pub(super) key_names: KeyNames,
    adjustments: Adjustments,
    pub(super) rejects: Rejects,
    pub(super) summary: Summary,
}

impl Sink {
    /// Opens the file for what is refused, and the ledger, which is made where there is none.
    pub(super) fn open(app: &App, args: &Args) -> Result<Self, Failure> {
        let rejects = Rejects::open(args.rejects.as_deref())?;
        let mut ledger = app.ledger_for_writing()?;
        Ok(Self {
            rejects,
            key_names: key_names(&mut ledger)?,
            ledger,
            adjustments: Adjustments::default(),
            summary: Summary::new(app.zone.clone()),
        })
    }

    /// Refuses a record.
    pub(super) fn refuse(&mut self, problem: &Problem, progress: &Progress) -> Outcome {
        self.summary.refused += 1;
        progress.bar().suspend(|| self.rejects.refuse(problem))
    }

    /// Writes a batch and what comes after it in one transaction, until that is large or has taken
    /// long: others may want to write.
    pub(super) fn write(
        &mut self,
        first: Box<Batch>,
        pieces: &Receiver<Piece>,
        progress: &mut Progress,
    ) -> Outcome {
        #[allow(clippy::disallowed_methods, reason = "how long others have waited")]
        let begun = Instant::now();
        let Self { ledger, adjustments, rejects, summary, key_names: _ } = self;
        let mut load = ledger.load()?;
        let mut written = summary.empty();
        let mut told = Ok(());
        let (mut entries, mut next) = (0, Some(Piece::Batch(first)));
        while let Some(piece) = next {
            progress.step();
            match piece {
                Piece::Refused(problem) => {
                    written.refused += 1;
                    told = progress.bar().suspend(|| rejects.refuse(&problem));
                }
                Piece::Batch(batch) => {
                    entries += batch.entries.len();
                    let (batch, misfits) = adjustments.sort_out(&mut load, *batch)?;
                    let answers = load.append(&batch.entries)?;
                    let conflicts = written.add_answered(batch, &answers);
                    for problem in misfits.into_iter().chain(conflicts) {
                        written.refused += 1;
                        // The others of the batch are in, and are counted all the same.
                        let refused = progress.bar().suspend(|| rejects.refuse(&problem));
                        told = told.and(refused);
                    }
                }
            }
            let goes_on = told.is_ok() && entries < ENTRIES_MAX;
            let time_left = TIME_MAX.saturating_sub(begun.elapsed());
            next = if goes_on { pieces.recv_timeout(time_left).ok() } else { None };
        }
        load.commit()?;
        summary.absorb(written);
        told
    }
}

impl Summary {
    /// Adds what became of a batch; returns what the ledger refused of it.
    fn add_answered(&mut self, batch: Batch, answers: &[Appended]) -> Vec<Problem> {
        if answers.iter().all(|&answer| answer == Appended::New) {
            self.absorb(batch.summary);
            return Vec::new();
        }
        let mut refused = Vec::new();
        for ((entry, record), answer) in batch.entries.into_iter().zip(batch.records).zip(answers) {
            match answer {
                Appended::New => self.add(&entry),
                Appended::Known => self.known += 1,
                Appended::Conflict => {
                    let what = conflict(&entry);
                    refused.push(Problem { record, id: entry.own_id, what });
                }
            }
        }
        refused
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
