//! Opening a file as a ledger, or saying exactly why not.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::OpenMode;
use super::fault::Fault;
use super::file;
use super::migrate::{self, APPLICATION_ID};
use crate::error::LedgerError;

/// How long a writer waits for another one's batch, which takes milliseconds.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and how far apart, the switch to WAL is tried beside other programs that open.
const WAL_ATTEMPTS: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(50);

/// A connection to the ledger in a file, ready for use.
pub(super) fn connect(path: &Path, mode: OpenMode) -> Result<Connection, LedgerError> {
    let in_file = |fault: Fault| fault.in_file(path);
    file::check(path, mode)?;
    let mut connection = match mode {
        OpenMode::Read => connect_reader(path).map_err(in_file)?,
        OpenMode::Write => connect_writer(path).map_err(in_file)?,
    };
    // Before anything is looked at: where nothing can be written, looking can fail for want of a log.
    if mode == OpenMode::Write
        && connection.is_readonly("main").map_err(Fault::from).map_err(in_file)?
    {
        return Err(LedgerError::ReadOnly { path: path.to_owned() });
    }
    check_found(look_at(&connection).map_err(in_file)?, mode, path)?;
    if mode == OpenMode::Write {
        set_writer(&connection).map_err(in_file)?;
        migrate::migrate(&mut connection).map_err(in_file)?;
        // What an entry refers to is written before it, in the same transaction, and `verify` follows
        // every reference; to have SQLite look each up again would cost a writer a tenth of its time.
        let set = connection.pragma_update(None, "foreign_keys", false);
        set.map_err(Fault::from).map_err(in_file)?;
    }
    check_ends(&connection, path).map_err(in_file)?;
    migrate::read_as_it_is(&connection).map_err(in_file)?;
    Ok(connection)
}

/// A further connection that reads the ledger of another one, which was looked at already.
pub(super) fn connect_helper(path: &Path) -> Result<Connection, LedgerError> {
    let in_file = |fault: Fault| fault.in_file(path);
    let connection = connect_reader(path).map_err(in_file)?;
    migrate::read_as_it_is(&connection).map_err(in_file)?;
    Ok(connection)
}

fn connect_writer(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file::plain(path), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn connect_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = |flags: OpenFlags, name: &Path| {
        let connection = Connection::open_with_flags(name, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        migrate::version_of(&connection).map(|_| connection)
    };
    let opened = open(flags, &file::plain(path));
    // In a folder that cannot be written no log can be made; where none is left over, nobody writes
    // the file either, and it can be read as it stands.
    if opened.as_ref().is_err_and(Fault::is_refusal) && !file::log_of(path).exists() {
        let uri = file::immutable_uri(path);
        return open(flags | OpenFlags::SQLITE_OPEN_URI, Path::new(&uri)).or(opened);
    }
    opened
}

/// What a file is, by its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A database without anything in it.
    Nothing,
    /// A ledger of this version.
    Ledger(u32),
    /// A database of some other program.
    Foreign,
}

/// Looks at one moment of the file: another program may be making a ledger of it just now.
fn look_at(connection: &Connection) -> Result<Found, Fault> {
    let connection = connection.unchecked_transaction()?;
    let application: i32 = connection.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    let version = migrate::version_of(&connection)?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(match (application, version, objects) {
        (APPLICATION_ID, 1.., 1..) => Found::Ledger(version),
        (0, 0, 0) => Found::Nothing,
        _ => Found::Foreign,
    })
}

/// Refuses what this program cannot use in this mode.
fn check_found(found: Found, mode: OpenMode, path: &Path) -> Result<(), LedgerError> {
    let known = migrate::version_known();
    let path = path.to_owned();
    match (found, mode) {
        (Found::Foreign, _) => {
            let reason = "it is another program's database, not a ledger".to_owned();
            Err(LedgerError::Damaged { path, reason })
        }
        (Found::Ledger(found), _) if found > known => {
            Err(LedgerError::Newer { path, found, known })
        }
        (Found::Nothing, OpenMode::Read) => {
            let reason = "there is no ledger in it yet".to_owned();
            Err(LedgerError::Open { path, reason })
        }
        _ => Ok(()),
    }
}

fn set_writer(connection: &Connection) -> Result<(), Fault> {
    set_wal(connection)?;
    // FULL: what was acknowledged survives the loss of power. It costs one flush a batch.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // 32 MiB hold what the batches of a load touch in common: the identities of one generation, and
    // the rollups of a day.
    connection.pragma_update(None, "cache_size", -32_768)?;
    // Bulk loads touch the same pages again and again: checkpoint each 32 MiB, not each 4.
    connection.pragma_update(None, "wal_autocheckpoint", 8_192)?;
    // A log that grew while a long reader was there shrinks again.
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    Ok(())
}

/// Switches to WAL, in which readers and the writer do not wait for one another. It stays in the
/// file, so this does something for a new one only.
///
/// SQLite does not wait for a lock here, so that two programs that make the same file are not a
/// deadlock. Where the file system cannot share memory the old mode stays: slower, and as safe.
fn set_wal(connection: &Connection) -> Result<(), Fault> {
    for _ in 1..WAL_ATTEMPTS {
        match try_set_wal(connection) {
            Err(fault) if fault.is_busy() => std::thread::sleep(WAL_PAUSE),
            done => return done,
        }
    }
    try_set_wal(connection)
}

fn try_set_wal(connection: &Connection) -> Result<(), Fault> {
    Ok(connection.query_row("PRAGMA journal_mode = WAL", (), |_| Ok(()))?)
}

/// The cheap part of a check: the ends of the trees must be readable, and a file that was cut short
/// is told by its length. `verify` does the rest.
fn check_ends(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let number = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    number("SELECT count(*) FROM (SELECT seq FROM entries ORDER BY seq DESC LIMIT 1)")?;
    number("SELECT count(*) FROM (SELECT at FROM entries ORDER BY at DESC LIMIT 1)")?;
    let bytes_expected = number("PRAGMA page_count")? * number("PRAGMA page_size")?;
    match file::bytes_of(path) {
        Some(bytes) if bytes < bytes_expected => {
            let reason = format!("it is cut short, {bytes} of {bytes_expected} bytes are left");
            Err(Fault::Damaged(reason))
        }
        _ => Ok(()),
    }
}
