//! The journal of a gateway: what it is about to do, and what came of it, before the ledger knows.
//!
//! A call must be in the ledger whatever happens, and the ledger is too slow to ask before each. So the
//! **intent** to call is appended here, by one write to the kernel, before the first byte of the request
//! leaves; then its **outcome**, the whole entry; or that it was **released**, nothing having been sent.
//! Entries go from here into the ledger in batches. What the death of a process leaves is read by
//! whoever opens the journal next: outcomes that the ledger does not have go in, once, and an intent
//! without an outcome goes in as `in_doubt`.
//!
//! A journal is a folder of its own, `centime.db.calls` beside the ledger (never `…db-journal`, which is
//! SQLite's), of files that are only appended to, a **segment** each. A segment is deleted as soon as
//! the ledger has everything in it.
//!
//! *The death of the process* loses nothing that was written here. *The loss of power* may lose what
//! came after the last flush, [`Settings::flush_every`] ago; or nothing, with [`Durability::Power`].
//!
//! ```
//! use centime_core::entry::Entry;
//! use centime_core::time::Timestamp;
//! use centime_engine::journal::{Journal, Settings};
//! use centime_ledger::Entries as _;
//! use centime_ledger::memory::MemoryLedger;
//!
//! # use centime_engine::{Pricer, ingest::Ingest};
//! # let mut pricer = Pricer::new(centime_prices::embedded()?);
//! # let mut ingest = Ingest::new(&mut pricer, "gateway", Default::default(), centime_engine::KeyNames::under(&[7; 32]));
//! # let event = r#"{"id":"1","model":"gpt-5","meters":{"input":1}}"#;
//! # let utc = jiff::tz::TimeZone::UTC;
//! # let read = centime_providers::event::read_event(event, &Default::default(), &utc)?;
//! # let now: Timestamp = "2026-11-01T12:00:00Z".parse()?;
//! # let entry: Entry = ingest.entry(read, event.as_bytes(), now)?;
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("centime.db.calls");
//! let mut ledger = MemoryLedger::default();
//!
//! let (journal, found) = Journal::open(&path, Settings::default(), &mut ledger, now)?;
//! assert_eq!(found.in_doubt, 0);
//! journal.intend(&entry)?.wait()?; // only now may the call be made
//! drop(journal); // … and nobody ever heard of it again
//!
//! let (_, found) = Journal::open(&path, Settings::default(), &mut ledger, now)?;
//! assert_eq!(found.in_doubt, 1);
//! assert!(ledger.entry(entry.uid)?.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bytes;
mod entry;
mod record;

mod error;
mod folder;

mod disk;
mod live;
mod peek;
mod pending;
mod replay;

#[cfg(test)]
mod tests;

pub use bytes::Malformed;
pub use disk::Written;
pub use error::{Damage, JournalError};
pub use peek::{Peeked, peek};
pub use record::{Found, Record, Records};
pub use replay::Recovered;

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use centime_core::entry::{Entry, Uid};
use centime_core::time::Timestamp;
use centime_ledger::writer::{Answer, NotTaken, Submission, Writer};
use centime_ledger::{Journals, Mark};

use folder::Folder;
use live::Live;
use record::Writing;

/// What a record in the journal is safe from when its writing has been waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The death of the process.
    #[default]
    Process,
    /// The loss of power, too: a flush of the disk is waited for.
    Power,
}

/// How a journal is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What records are safe from.
    pub durability: Durability,
    /// How long after a record the disk is flushed, where nobody waits for it.
    pub flush_every: Duration,
    /// How long a segment gets before the next one is begun.
    pub segment_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            durability: Durability::Process,
            flush_every: Duration::from_millis(10),
            segment_bytes: 64 << 20,
        }
    }
}

/// A journal, open for this process alone. It is shared by all who make calls.
#[derive(Debug)]
pub struct Journal {
    live: Arc<Live>,
    flusher: Option<JoinHandle<()>>,
}

impl Journal {
    /// Opens the journal in a folder, which is made where there is none, and brings into the ledger what
    /// an earlier process left in it: every call once, however often this is begun anew. `now` is when
    /// these entries are recorded.
    ///
    /// # Errors
    /// When the folder cannot be used, another process has it, a newer Centime wrote it, or the ledger
    /// does not take what is in it; then all of it is left for the next time.
    pub fn open(
        path: &Path,
        settings: Settings,
        ledger: &mut impl Journals,
        now: Timestamp,
    ) -> Result<(Self, Recovered), JournalError> {
        let folder = Folder::open(path)?;
        let (start, recovered) = replay::replay(&folder, ledger, now)?;
        let live = Arc::new(Live::begin(folder, settings, start)?);
        let flushing = Arc::clone(&live);
        let flusher = Builder::new().name("journal flusher".to_owned());
        let flusher = flusher.spawn(move || flushing.flush_until_closed());
        let flusher = flusher.map_err(|error| JournalError::open(path, &error))?;
        Ok((Self { live, flusher: Some(flusher) }, recovered))
    }

    /// Writes that a call is about to be made: `entry` is what the ledger gets if nothing more is ever
    /// known of it. Only then, and after [`Written::wait`], may the first byte of the request leave.
    ///
    /// # Errors
    /// When it could not be written: the call must not be made.
    pub fn intend(&self, entry: &Entry) -> Result<Written, JournalError> {
        self.live.append(Writing::Intent(entry))
    }

    /// Writes what came of a call: the entry to be in the ledger. Then [`Journal::fold`] it.
    ///
    /// # Errors
    /// When it could not be written; the ledger can still get it.
    pub fn settle(&self, entry: &Entry) -> Result<Written, JournalError> {
        self.live.append(Writing::Outcome(entry))
    }

    /// Writes that of a call that was intended nothing was sent, so that no entry is to be of it.
    ///
    /// # Errors
    /// When it could not be written; the call will be `in_doubt` if this process dies before the journal
    /// moves on.
    pub fn release(&self, uid: Uid) -> Result<(), JournalError> {
        self.live.append(Writing::Released(uid)).map(|_| ())
    }

    /// Hands an entry that was settled to the ledger, and never waits. `told` is called with the answer,
    /// by the thread that writes; where it is an error, or the writer has no room, the entry stays in the
    /// journal and goes into the ledger when the journal is opened next.
    ///
    /// # Errors
    /// When the writer did not take it; the entry comes back.
    pub fn fold(
        &self,
        writer: &Writer,
        entry: Entry,
        told: impl FnOnce(Answer) + Send + 'static,
    ) -> Result<(), NotTaken> {
        let uid = entry.uid;
        let submission = Submission { entries: vec![entry], mark: Some(self.mark()) };
        let live = Arc::clone(&self.live);
        writer.try_submit(submission)?.then(move |answer| {
            if answer.is_ok() {
                live.applied(uid);
            }
            told(answer);
        });
        Ok(())
    }

    /// The ledger has the entry of a call for good; [`Journal::fold`] says so by itself.
    pub fn applied(&self, uid: Uid) {
        self.live.applied(uid);
    }

    /// Up to where everything is in the ledger.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.live.mark()
    }

    /// How many calls are in flight, or not in the ledger yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.live.pending()
    }
}

impl Drop for Journal {
    /// What was written is flushed.
    fn drop(&mut self) {
        self.live.close();
        if let Some(flusher) = self.flusher.take() {
            let _ = flusher.join();
        }
    }
}
