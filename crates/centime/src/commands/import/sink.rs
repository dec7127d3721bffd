//! Where an import goes: the ledger, the rejects and the summary.

use centime_core::entry::Entry;
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::{Appended, Entries};

use super::Args;
use super::batch::Batch;
use super::records::Problem;
use super::rejects::Rejects;
use super::summary::Summary;
use crate::app::App;
use crate::failure::{Failure, Outcome};
use crate::output::Progress;

/// Where an import goes.
pub(super) struct Sink {
    ledger: SqliteLedger,
    pub(super) rejects: Rejects,
    pub(super) summary: Summary,
}

impl Sink {
    /// Opens the file for what is refused, and the ledger, which is made where there is none.
    pub(super) fn open(app: &App, args: &Args) -> Result<Self, Failure> {
        Ok(Self {
            rejects: Rejects::open(args.rejects.as_deref())?,
            ledger: app.ledger_for_writing()?,
            summary: Summary::new(app.zone.clone()),
        })
    }

    /// Refuses a record.
    pub(super) fn refuse(&mut self, problem: &Problem, progress: &Progress) -> Outcome {
        self.summary.refused += 1;
        progress.bar().suspend(|| self.rejects.refuse(problem))
    }

    /// Writes a batch, and refuses what the ledger refuses of it.
    pub(super) fn write(&mut self, batch: Batch, progress: &Progress) -> Outcome {
        let Batch { entries, records, .. } = batch;
        let answers = self.ledger.append(&entries)?;
        let mut told = Ok(());
        for ((entry, record), answer) in entries.into_iter().zip(records).zip(answers) {
            match answer {
                Appended::New => self.summary.add(&entry),
                Appended::Known => self.summary.known += 1,
                Appended::Conflict => {
                    let what = conflict(&entry);
                    let problem = Problem { record, id: entry.own_id, what };
                    // The others of the batch are in, and are counted all the same.
                    told = told.and(self.refuse(&problem, progress));
                }
            }
        }
        told
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
