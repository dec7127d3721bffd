//! The ledger in one SQLite file, whose schema is documented for its users (`docs/schema.md`).
//!
//! *Texts are written once.* What whole series of entries share is a **context**, and every text in
//! it a **name**; an entry refers to its context by number. *Sums are made in Rust*, over the few
//! columns that count, so that no sum can overflow and every store adds by the same rule.
//!
//! The file is in WAL mode: one connection writes at a time, and readers, each with a connection of
//! its own, see whole batches, and neither wait nor are waited for.

mod fault;
pub(crate) mod file;
mod migrate;
mod open;

mod backup;
mod codec;
mod health;
mod schema;
mod wide;

mod alerts;
mod identities;
mod intern;
mod keys;
mod load;
mod marks;
mod prices;
mod rules;
mod secrets;
mod write;

mod dictionary;
mod feedback;
mod holds;
mod read;
mod report;
mod rollups;
mod select;
mod verify;
mod visit;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use centime_core::alert::Alert;
use centime_core::entry::{Entry, Uid};
use centime_core::key::Key;
use centime_core::score::Score;
use centime_core::time::Timestamp;
use rusqlite::{Connection, Transaction};

use crate::alerts::{ChannelState, Delivery, Message, Raised, Sent};
use crate::error::LedgerError;
use crate::journal::{JournalId, Mark};
use crate::prices::PriceRevision;
use crate::query::{EntryFilter, Page};
use crate::report::{GroupRow, ReportQuery};
use crate::rules::{RuleChange, SetRules};
use crate::scored::ScoredRow;
use crate::traits::{
    Alerts, Announce, Appended, Entries, Feedback, Journals, KeyAdded, Keys, Prices, Reports,
    Rules, ScoreAdded, Secrets, Verification, Verify, Visit,
};

pub use health::Health;

pub(crate) use migrate::APPLICATION_ID;

use dictionary::Dictionary;
use fault::Fault;
use intern::Interned;
use write::Writer;

pub use load::Load;

/// The most texts of a kind, contexts or rate cards that are remembered; beyond it all of them are
/// learnt anew. What comes from outside can be any number, and the memory of a process cannot.
const REMEMBERED_MAX: usize = 100_000;

/// What a ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading alone, beside whoever writes: the file must be there and stays as it is, of whatever
    /// version.
    Read,
    /// Reading and writing: the file is made where there is none, and brought up to date.
    Write,
}

/// A ledger in a SQLite file.
///
/// A transaction costs one flush of the disk and a write of every page that it touches: what comes in
/// millions is best [loaded](SqliteLedger::load) in tens of thousands.
///
/// ```
/// use centime_ledger::sqlite::{OpenMode, SqliteLedger};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("centime.db");
/// let absent = SqliteLedger::open(&path, OpenMode::Read).unwrap_err();
/// assert!(absent.to_string().contains("there is no such file yet"));
///
/// let ledger = SqliteLedger::open(&path, OpenMode::Write)?;
/// assert_eq!(ledger.path(), path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteLedger {
    path: PathBuf,
    connection: Connection,
    interned: Interned,
    dictionary: RefCell<Dictionary>,
}

impl SqliteLedger {
    /// Opens the ledger in a file.
    ///
    /// # Errors
    /// When there is no ledger to read or none can be made, when the file is something else,
    /// damaged, locked, read-only or of a newer Centime; see [`LedgerError`].
    pub fn open(path: &Path, mode: OpenMode) -> Result<Self, LedgerError> {
        Ok(Self {
            connection: open::connect(path, mode)?,
            path: path.to_owned(),
            interned: Interned::default(),
            dictionary: RefCell::default(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a transaction that any number of batches are appended in.
    ///
    /// ```
    /// use centime_ledger::sqlite::{OpenMode, SqliteLedger};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut ledger = SqliteLedger::open(&folder.path().join("centime.db"), OpenMode::Write)?;
    /// let mut load = ledger.load()?;
    /// assert_eq!(load.append(&[])?, []);
    /// load.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the ledger is read-only, or locked by another writer for longer than this one waits.
    pub fn load(&mut self) -> Result<Load<'_>, LedgerError> {
        let is_readonly = self.connection.is_readonly("main").map_err(Fault::from);
        if is_readonly.map_err(self.named())? {
            return Err(LedgerError::ReadOnly { path: self.path.clone() });
        }
        let Self { path, connection, interned, .. } = self;
        let writer = Writer::begin(connection, std::mem::take(interned));
        let writer = writer.map_err(|fault| fault.in_file(path))?;
        Ok(Load::new(path, writer, interned))
    }

    /// Sees to it that reports by these tags are answered from rollups; for a tag that is new, all
    /// entries are read once.
    ///
    /// # Errors
    /// When the store failed; then nothing was changed.
    pub fn declare_tags(&mut self, tags: &[String]) -> Result<(), LedgerError> {
        let declared = rollups::declare_tags(&mut self.connection, tags);
        declared.map_err(|fault| fault.in_file(&self.path))
    }

    /// Copies the ledger, as it is at this moment, into a file that is not there yet; others write on
    /// meanwhile. The copy is whole, or not there.
    ///
    /// # Errors
    /// When there is a file of this name, or the copy cannot be written.
    pub fn backup(&self, target: &Path) -> Result<(), LedgerError> {
        backup::backup(&self.connection, target)
    }

    /// The version of the ledger's schema.
    ///
    /// # Errors
    /// When the store failed.
    pub fn version(&self) -> Result<u32, LedgerError> {
        migrate::version_of(&self.connection).map_err(self.named())
    }

    fn named(&self) -> impl FnOnce(Fault) -> LedgerError {
        |fault| fault.in_file(&self.path)
    }
}

impl Entries for SqliteLedger {
    fn append(&mut self, batch: &[Entry]) -> Result<Vec<Appended>, LedgerError> {
        self.append_marked(batch, &[])
    }

    fn entry(&self, uid: Uid) -> Result<Option<Entry>, LedgerError> {
        let found = read::entry(&self.connection, &self.dictionary, uid);
        found.map_err(self.named())
    }

    fn entries_named(&self, id: &str) -> Result<Vec<Entry>, LedgerError> {
        let found = read::entries_named(&self.connection, &self.dictionary, id);
        found.map_err(self.named())
    }

    fn adjustments(&self, uid: Uid) -> Result<Vec<Entry>, LedgerError> {
        let found = read::adjustments(&self.connection, &self.dictionary, uid);
        found.map_err(self.named())
    }

    fn entries(&self, filter: &EntryFilter, page: &Page) -> Result<Vec<Entry>, LedgerError> {
        let found = read::page(&self.connection, &self.dictionary, filter, page);
        found.map_err(self.named())
    }

    fn written_after(&self, place: u64, limit: usize) -> Result<Vec<(u64, Uid)>, LedgerError> {
        read::written_after(&self.connection, place, limit).map_err(self.named())
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut() -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let moment = moment(&self.connection).map_err(self.named())?;
        look()?;
        drop(moment);
        Ok(())
    }

    fn visit_attempts(
        &self,
        filter: &EntryFilter,
        visit: &mut Visit<'_>,
    ) -> Result<(), LedgerError> {
        let visited = visit::attempts(&self.connection, &self.dictionary, filter, visit);
        visited.map_err(self.named())
    }
}

impl Journals for SqliteLedger {
    fn append_marked(
        &mut self,
        batch: &[Entry],
        marks: &[Mark],
    ) -> Result<Vec<Appended>, LedgerError> {
        if batch.is_empty() && marks.is_empty() {
            return Ok(Vec::new());
        }
        let mut load = self.load()?;
        let appended = load.append(batch)?;
        load.keep(marks)?;
        load.commit()?;
        Ok(appended)
    }

    fn mark(&self, journal: JournalId) -> Result<Option<u64>, LedgerError> {
        marks::mark(&self.connection, journal).map_err(self.named())
    }
}

impl Reports for SqliteLedger {
    fn report(&self, query: &ReportQuery) -> Result<Vec<GroupRow>, LedgerError> {
        let groups = report::report(&self.connection, &self.dictionary, query);
        groups.map_err(self.named())
    }

    fn reads_entries(&self, query: &ReportQuery) -> Result<bool, LedgerError> {
        report::reads_entries(&self.connection, query).map_err(self.named())
    }
}

impl Prices for SqliteLedger {
    fn price_revisions(&self) -> Result<Vec<PriceRevision>, LedgerError> {
        prices::revisions(&self.connection).map_err(self.named())
    }

    fn keep_price_revision(&mut self, revision: &PriceRevision) -> Result<bool, LedgerError> {
        prices::keep(&mut self.connection, revision).map_err(|fault| fault.in_file(&self.path))
    }
}

impl Rules for SqliteLedger {
    fn rules(&self) -> Result<SetRules, LedgerError> {
        rules::rules(&self.connection).map_err(self.named())
    }

    fn held(&self) -> Result<Vec<Uid>, LedgerError> {
        holds::all(&self.connection).map_err(self.named())
    }

    fn rules_revision(&self) -> Result<u64, LedgerError> {
        rules::revision(&self.connection).map_err(self.named())
    }

    fn change_rules(&mut self, change: &RuleChange) -> Result<bool, LedgerError> {
        rules::change(&mut self.connection, change).map_err(|fault| fault.in_file(&self.path))
    }
}

/// A transaction that sees one moment; `None` within another, which does so already.
fn moment(db: &Connection) -> Result<Option<Transaction<'_>>, Fault> {
    Ok(if db.is_autocommit() { Some(db.unchecked_transaction()?) } else { None })
}

impl Secrets for SqliteLedger {
    fn naming_secret(&mut self, fresh: &[u8; 32]) -> Result<[u8; 32], LedgerError> {
        secrets::naming(&mut self.connection, fresh).map_err(|fault| fault.in_file(&self.path))
    }
}

impl Keys for SqliteLedger {
    fn keys(&self) -> Result<Vec<Key>, LedgerError> {
        keys::all(&self.connection).map_err(self.named())
    }

    fn add_key(&mut self, key: &Key) -> Result<KeyAdded, LedgerError> {
        keys::add(&mut self.connection, key).map_err(|fault| fault.in_file(&self.path))
    }

    fn change_key(&mut self, key: &Key) -> Result<bool, LedgerError> {
        keys::change(&mut self.connection, key).map_err(|fault| fault.in_file(&self.path))
    }

    fn keys_revision(&self) -> Result<u64, LedgerError> {
        keys::revision(&self.connection).map_err(self.named())
    }
}

impl Alerts for SqliteLedger {
    fn raise(
        &mut self,
        alerts: &[Alert],
        at: Timestamp,
        announce: &mut Announce<'_>,
    ) -> Result<usize, LedgerError> {
        let raised = alerts::raise(&mut self.connection, alerts, at, announce);
        raised.map_err(|fault| fault.in_file(&self.path))
    }

    fn raised(&self, limit: usize) -> Result<Vec<Raised>, LedgerError> {
        alerts::raised(&self.connection, limit).map_err(self.named())
    }

    fn post(
        &mut self,
        messages: &[Message],
        at: Timestamp,
        digest: Option<Timestamp>,
    ) -> Result<bool, LedgerError> {
        let posted = alerts::post(&mut self.connection, messages, at, digest);
        posted.map_err(|fault| fault.in_file(&self.path))
    }

    fn digested(&self) -> Result<Option<Timestamp>, LedgerError> {
        alerts::digested(&self.connection).map_err(self.named())
    }

    fn take_message(
        &mut self,
        channel: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Delivery>, LedgerError> {
        let taken = alerts::take(&mut self.connection, channel, now, until);
        taken.map_err(|fault| fault.in_file(&self.path))
    }

    fn end_message(&mut self, id: &str, now: Timestamp, sent: &Sent) -> Result<(), LedgerError> {
        let ended = alerts::end(&mut self.connection, id, now, sent);
        ended.map_err(|fault| fault.in_file(&self.path))
    }

    fn channel_state(&self, channel: &str) -> Result<ChannelState, LedgerError> {
        alerts::channel(&self.connection, channel).map_err(self.named())
    }
}

impl Feedback for SqliteLedger {
    fn add_score(
        &mut self,
        attempt: Uid,
        score: Score,
        now: Timestamp,
    ) -> Result<ScoreAdded, LedgerError> {
        let added = feedback::add(&mut self.connection, attempt, score, now);
        added.map_err(|fault| fault.in_file(&self.path))
    }

    fn score(&self, attempt: Uid) -> Result<Option<Score>, LedgerError> {
        feedback::score(&self.connection, attempt).map_err(self.named())
    }

    fn scored(&self, query: &ReportQuery) -> Result<Vec<ScoredRow>, LedgerError> {
        let groups = feedback::scored(&self.connection, &self.dictionary, query);
        groups.map_err(self.named())
    }
}

impl Verify for SqliteLedger {
    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification, LedgerError> {
        let found = verify::verify(&self.path, &self.connection, &self.dictionary, progress);
        found.map_err(self.named())
    }
}
