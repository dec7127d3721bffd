//! Opening somebody's file so that nothing of it, or beside it, is written.
//!
//! A file in WAL mode is the hard case: to read one, SQLite makes a log and an index beside it, and
//! whoever only reads cannot take them away again. Where neither is there, nobody has the file open
//! and all of it is in the file itself, so it is read as one that does not change; should somebody
//! come and change it all the same, it is opened anew. Where the index is there it is only read.
//! Where a log was left without an index, SQLite has to make one, and it stays.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};

use super::{ForeignError, MAGIC};
use crate::sqlite::file::{index_of, length, log_of, uri};

/// How long a page waits for another program's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the header says how transactions are made, and that it is by a log.
const WRITE_VERSION_AT: usize = 18;
const WAL: u8 = 2;

/// A connection that only reads.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) db: Connection,
    /// What the file was when it was taken for one that nobody has open.
    idle: Option<Stamp>,
}

/// What changes where somebody opens and writes a file.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    has_log: bool,
}

impl Stamp {
    fn of(path: &Path) -> Self {
        let metadata = std::fs::metadata(path);
        Self {
            bytes: length(path),
            modified: metadata.and_then(|metadata| metadata.modified()).ok(),
            has_log: log_of(path).exists() || index_of(path).exists(),
        }
    }
}

impl Opened {
    /// Opens a file.
    pub(super) fn new(path: &Path) -> Result<Self, ForeignError> {
        let stamp = Stamp::of(path);
        let is_idle = is_by_log(path)? && !index_of(path).exists() && length(&log_of(path)) == 0;
        let how = if is_idle {
            "immutable=1"
        } else if index_of(path).exists() {
            "readonly_shm=1"
        } else {
            "mode=ro"
        };
        let db = connect(&uri(path, how));
        // An index of before that nobody keeps up is of no use to whoever may not write it.
        let db = if how == "readonly_shm=1" {
            db.or_else(|_| connect(&uri(path, "mode=ro")))
        } else {
            db
        };
        Ok(Self { db: db?, idle: is_idle.then_some(stamp) })
    }

    /// Whether somebody opened or wrote the file though nobody seemed to.
    pub(super) fn was_taken_for_idle_wrongly(&self, path: &Path) -> bool {
        self.idle.as_ref().is_some_and(|stamp| *stamp != Stamp::of(path))
    }
}

fn connect(uri: &str) -> Result<Connection, ForeignError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(uri, flags)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    // What the schema of a stranger calls is not called.
    db.execute_batch(
        "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1",
    )?;
    db.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))?;
    Ok(db)
}

/// Whether a file is in WAL mode; it is read before SQLite opens it, as closing it later would take
/// away SQLite's locks.
fn is_by_log(path: &Path) -> Result<bool, ForeignError> {
    let mut header = [0; WRITE_VERSION_AT + 1];
    let open = |error: std::io::Error| ForeignError::Open(error.to_string());
    match File::open(path).map_err(open)?.read_exact(&mut header) {
        Ok(()) if header.starts_with(MAGIC) => Ok(header[WRITE_VERSION_AT] == WAL),
        _ => Err(ForeignError::NotSqlite),
    }
}
