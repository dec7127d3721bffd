//! The ledger, as a program uses it.

use std::ops::ControlFlow;
use std::path::Path;

use centime_core::entry::Entry;
use centime_core::time::Timestamp;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_engine::{KeyNames, Pricer};
use centime_export as export;
use centime_insight::{Analysis, Question};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{
    Appended, Entries as _, EntryFilter, LedgerError, PriceRevision, Prices, Secrets as _,
    Verification, Verify,
};
use centime_providers::event::{Constants, read_event};
use jiff::tz::TimeZone;

use crate::book::{BookError, PriceBook};

/// The source of entries that a program records.
const SOURCE: &str = "library";

/// Why a call was not recorded.
#[derive(Debug)]
pub enum RecordError {
    /// The event cannot be read: why, with the field.
    Event(String),
    /// Its id is in the ledger with other content.
    Conflict,
    /// The ledger failed.
    Ledger(LedgerError),
}

impl From<LedgerError> for RecordError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl std::fmt::Display for RecordError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event(what) => out.write_str(what),
            Self::Conflict => out.write_str(
                "the id is in the ledger with other content; an entry is never changed, so give this \
                 event an id of its own",
            ),
            Self::Ledger(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for RecordError {}

/// A ledger in a SQLite file.
#[derive(Debug)]
pub struct Ledger(SqliteLedger);

impl Ledger {
    /// Opens the ledger of a file, and makes it where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, is no ledger, or was written by a newer Centime.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("centime.db");
    /// let ledger = centime::Ledger::open(&path)?;
    /// assert_eq!(ledger.verify()?.entries, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        SqliteLedger::open(path, OpenMode::Write).map(Self)
    }

    /// Records one call that was made: a usage event, with the provider's whole answer, its usage object or
    /// meters (`docs/import.md` says what an event has). It is priced by the embedded book under the
    /// prices that the ledger keeps. Without an `at` it was made now.
    ///
    /// # Errors
    /// When the event cannot be read, its id is that of another one, or the ledger cannot be written.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let mut ledger = centime::Ledger::open(&folder.path().join("centime.db"))?;
    /// let event = r#"{"model": "gpt-5", "user": "alice", "tags": {"app": "bot"},
    ///                 "usage": {"prompt_tokens": 1200, "completion_tokens": 100}}"#;
    /// let entry = ledger.record(event, "2026-11-24T12:00:00Z".parse()?)?;
    /// assert_eq!(entry.charge.to_string(), "0.0025");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(&mut self, event: &str, now: Timestamp) -> Result<Entry, RecordError> {
        let unreadable = |error: &dyn std::fmt::Display| RecordError::Event(error.to_string());
        let read = read_event(event, &Constants::default(), &TimeZone::UTC);
        let read = read.map_err(|error| unreadable(&error))?;
        let book = PriceBook::of_ledger(self).map_err(|error| match error {
            BookError::Ledger(error) => RecordError::Ledger(error),
            BookError::Format(error) => unreadable(&error),
        })?;
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|error| unreadable(&error))?;
        let names = KeyNames::under(&self.0.naming_secret(&fresh)?);
        let mut pricer = Pricer::new(book.0);
        let mut ingest = Ingest::new(&mut pricer, SOURCE, ChargePolicy::Ours, names);
        let entry =
            ingest.entry(read, event.as_bytes(), now).map_err(|error| unreadable(&error))?;
        match self.0.append(std::slice::from_ref(&entry))?.first() {
            Some(Appended::Conflict) => Err(RecordError::Conflict),
            _ => Ok(entry),
        }
    }

    pub(crate) const fn store(&self) -> &SqliteLedger {
        &self.0
    }

    pub(crate) const fn store_mut(&mut self) -> &mut SqliteLedger {
        &mut self.0
    }

    /// Asks what was spent.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn analyse(&self, question: &Question) -> Result<Analysis, LedgerError> {
        Analysis::of(&self.0, question)
    }

    /// Writes the calls that a filter lets through, oldest first; see `docs/export.md`.
    ///
    /// # Errors
    /// When the ledger cannot be read or the file cannot be written, which is not whole then.
    ///
    /// ```
    /// use centime::{EntryFilter, export::Format};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let ledger = centime::Ledger::open(&folder.path().join("centime.db"))?;
    /// let file = std::fs::File::create(folder.path().join("calls.parquet"))?;
    /// let exported = ledger.export(&EntryFilter::default(), Format::Parquet, Box::new(file))?;
    /// assert_eq!(exported.total.to_string(), "0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export(
        &self,
        filter: &EntryFilter,
        format: export::Format,
        out: export::Output,
    ) -> Result<export::Exported, export::ExportError> {
        let go_on = &mut |_| ControlFlow::Continue(());
        export::export(&self.0, filter, &mut *format.sink(out)?, go_on)
    }

    /// The prices that the ledger keeps, the earliest first.
    pub(crate) fn price_revisions(&self) -> Result<Vec<PriceRevision>, LedgerError> {
        self.0.price_revisions()
    }

    /// Proves every entry and every sum.
    ///
    /// # Errors
    /// When the ledger cannot be read at all.
    pub fn verify(&self) -> Result<Verification, LedgerError> {
        self.0.verify(&mut |_| ())
    }
}
