//! Where intents and outcomes are kept: in the journal first, and from there in the ledger.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use centime_core::entry::{Entry, Uid};
use centime_engine::call::{Kept, RecordError, Recorder};
use centime_engine::journal::{Durability, Journal};
use centime_engine::settings::LedgerFailure;
use centime_ledger::writer::{Answer, NotTaken, Writer, WriterError};
use centime_server::Log;

/// How many entries that the ledger did not take are held to be offered again. Beyond it they stay in
/// the journal alone, and go in when the gateway is started next.
const HELD_MAX: usize = 100_000;

/// Keeps calls in the journal and hands their entries to the ledger.
#[derive(Clone)]
pub(super) struct JournalRecorder {
    inner: Arc<Inner>,
}

struct Inner {
    journal: Journal,
    writer: Writer,
    durability: Durability,
    ledger_failure: LedgerFailure,
    /// Whether the ledger did not take what it was last given.
    is_away: AtomicBool,
    /// What it did not take.
    held: Mutex<VecDeque<Entry>>,
    log: Arc<Log>,
}

impl JournalRecorder {
    pub(super) fn new(
        journal: Journal,
        writer: Writer,
        durability: Durability,
        ledger_failure: LedgerFailure,
        log: Arc<Log>,
    ) -> Self {
        let (is_away, held) = (AtomicBool::new(false), Mutex::default());
        let inner = Inner { journal, writer, durability, ledger_failure, is_away, held, log };
        Self { inner: Arc::new(inner) }
    }

    /// How many calls are in flight or not in the ledger yet.
    pub(super) fn pending(&self) -> usize {
        self.inner.journal.pending()
    }

    /// Whether the ledger takes entries, as far as is known.
    pub(super) fn is_away(&self) -> bool {
        self.inner.is_away.load(Ordering::Relaxed)
    }

    /// Offers the ledger once more what it did not take.
    pub(super) fn offer_again(&self) {
        let held = std::mem::take(&mut *self.inner.held());
        for entry in held {
            self.fold(entry);
        }
    }

    fn fold(&self, entry: Entry) {
        let back = entry.clone();
        let again = self.clone();
        let told = move |answer: Answer| again.told(answer, back);
        if let Err(refused) = self.inner.journal.fold(&self.inner.writer, entry, told) {
            let (NotTaken::Full(submission) | NotTaken::Closed(submission)) = refused;
            submission.entries.into_iter().for_each(|entry| self.hold(entry));
        }
    }

    /// Takes the ledger's answer.
    fn told(&self, answer: Answer, entry: Entry) {
        match answer {
            Ok(_) => {
                if self.inner.is_away.swap(false, Ordering::Relaxed) {
                    self.inner.log.event("ledger_back", &[]);
                }
            }
            Err(error) => {
                if !self.inner.is_away.swap(true, Ordering::Relaxed) {
                    self.inner.log.event("ledger_away", &[("error", &error.to_string())]);
                }
                if !matches!(error, WriterError::Closed) {
                    self.hold(entry);
                }
            }
        }
    }

    fn hold(&self, entry: Entry) {
        let mut held = self.inner.held();
        if held.len() < HELD_MAX {
            held.push_back(entry);
        }
    }
}

impl Inner {
    fn held(&self) -> std::sync::MutexGuard<'_, VecDeque<Entry>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for JournalRecorder {
    fn intend(&self, doubtful: &Entry) -> Result<Option<Kept>, RecordError> {
        let inner = &self.inner;
        if inner.ledger_failure == LedgerFailure::Refuse && self.is_away() {
            return Err(RecordError("the ledger cannot be written".to_owned()));
        }
        let lost = |error: centime_engine::journal::JournalError| RecordError(error.to_string());
        let written = inner.journal.intend(doubtful).map_err(lost)?;
        if inner.durability == Durability::Process {
            // It is written; there is no more to wait for.
            drop(written);
            return Ok(None);
        }
        Ok(Some(Box::pin(async move { written.await.map_err(lost) })))
    }

    fn settle(&self, entry: Entry) {
        if let Err(error) = self.inner.journal.settle(&entry).map(drop) {
            // The ledger still gets it, unless the process dies before.
            self.inner.log.event("journal_failed", &[("error", &error.to_string())]);
        }
        self.fold(entry);
    }

    fn release(&self, uid: Uid) {
        if let Err(error) = self.inner.journal.release(uid) {
            self.inner.log.event("journal_failed", &[("error", &error.to_string())]);
        }
    }
}
