//! How a ledger's file is, without changing it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;
use super::{SqliteLedger, file, migrate};
use crate::error::LedgerError;

/// How a ledger's file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The version of its schema.
    pub version: u32,
    /// The newest version that this program knows.
    pub version_known: u32,
    /// SQLite's word for how it writes: `wal`, where the file system allows it.
    pub journal_mode: String,
    /// The size of the file.
    pub bytes: u64,
    /// The size of the log beside it.
    pub log_bytes: u64,
    /// What SQLite finds wrong with the file, by its quick check.
    pub damage: Vec<String>,
}

impl SqliteLedger {
    /// Looks at the file. Reads all of it once.
    ///
    /// ```
    /// use centime_ledger::sqlite::{OpenMode, SqliteLedger};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let ledger = SqliteLedger::open(&folder.path().join("centime.db"), OpenMode::Write)?;
    /// let health = ledger.health()?;
    /// assert_eq!((health.journal_mode.as_str(), health.damage.len()), ("wal", 0));
    /// assert_eq!(health.version, health.version_known);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the store failed; damage is in the answer, as far as it can be.
    pub fn health(&self) -> Result<Health, LedgerError> {
        let db = &self.connection;
        let look = || {
            Ok::<_, Fault>(Health {
                version: migrate::version_of(db)?,
                version_known: migrate::version_known(),
                journal_mode: db.query_row("PRAGMA journal_mode", (), |row| row.get(0))?,
                bytes: file::length(&self.path),
                log_bytes: file::length(&file::log_of(&self.path)),
                damage: damage(db)?,
            })
        };
        look().map_err(self.named())
    }

    /// Whether the ledger in a file could be written now: takes the writer's lock, and gives it back.
    ///
    /// # Errors
    /// When it could not, and why.
    pub fn try_write(path: &Path) -> Result<(), LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let take = || {
            let db = Connection::open_with_flags(file::plain(path), flags)?;
            db.busy_timeout(super::open::BUSY_TIMEOUT)?;
            if db.is_readonly("main")? {
                return Ok(false);
            }
            db.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
            Ok(true)
        };
        match take().map_err(|error: rusqlite::Error| Fault::from(error).in_file(path)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(LedgerError::ReadOnly { path: path.to_owned() }),
            Err(error) => Err(error),
        }
    }
}

fn damage(db: &Connection) -> Result<Vec<String>, Fault> {
    let check = || {
        let mut statement = db.prepare("PRAGMA quick_check")?;
        let rows = statement.query_map((), |row| row.get::<_, String>(0))?;
        rows.filter(|said| said.as_deref() != Ok("ok")).collect::<Result<Vec<_>, _>>()
    };
    match check().map_err(Fault::from) {
        Err(fault) if fault.is_damage() => Ok(vec![fault.to_string()]),
        checked => checked,
    }
}
