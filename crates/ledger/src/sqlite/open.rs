//! Opening a file as a ledger, or saying exactly why not.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::OpenMode;
use super::fault::Fault;
use super::migrate::{self, APPLICATION_ID};
use crate::error::LedgerError;

/// How long a writer waits for another one's batch, which takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and how far apart, the switch to WAL is tried beside other programs that open.
const WAL_ATTEMPTS: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(50);

/// A connection to the ledger in a file, ready for use.
pub(super) fn connect(path: &Path, mode: OpenMode) -> Result<Connection, LedgerError> {
    check_path(path, mode)?;
    check_magic(path)?;
    let connection = match mode {
        OpenMode::Read => connect_reader(path),
        OpenMode::Write => connect_writer(path),
    };
    let connection = connection.map_err(|fault| fault.in_file(path))?;
    if mode == OpenMode::Write && connection.is_readonly("main").unwrap_or(false) {
        return Err(LedgerError::ReadOnly { path: path.to_owned() });
    }
    let found = look_at(&connection).map_err(|fault| fault.in_file(path))?;
    prepare(connection, mode, found, path)
}

/// What stands at the path must be what the mode needs; SQLite itself only says "cannot open".
fn check_path(path: &Path, mode: OpenMode) -> Result<(), LedgerError> {
    let refuse = |reason: String| Err(LedgerError::Open { path: path.to_owned(), reason });
    if path.as_os_str().is_empty() {
        return refuse("the name of the file is empty".to_owned());
    }
    if path.is_dir() {
        return refuse("it is a folder; name a file in it".to_owned());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent
        && !parent.is_dir()
    {
        return refuse(format!("there is no folder `{}`; make it first", parent.display()));
    }
    if mode == OpenMode::Read && !path.exists() {
        return refuse("there is no such file yet".to_owned());
    }
    Ok(())
}

/// A file that has something in it must be a database: SQLite takes a short text for an empty one
/// and would write over it.
fn check_magic(path: &Path) -> Result<(), LedgerError> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut start = Vec::with_capacity(MAGIC.len());
    // What cannot be read here, SQLite cannot read either, and says why.
    if let Ok(file) = File::open(path) {
        let _ = file.take(16).read_to_end(&mut start);
    }
    if start.is_empty() || start == MAGIC {
        return Ok(());
    }
    let reason = "it is not a SQLite database".to_owned();
    Err(LedgerError::Damaged { path: path.to_owned(), reason })
}

/// The path as SQLite takes it: `:memory:` and `file:…` are files like any other.
fn plain(path: &Path) -> PathBuf {
    if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() }
}

fn connect_writer(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(plain(path), flags)?;
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
    match open(flags, &plain(path)) {
        // In a folder that cannot be written no WAL can be made; where none is left over, nobody
        // writes the file either, and it can be read as it stands.
        Err(fault) if fault.is_cannot_open() && !wal_of(path).exists() => {
            open(flags | OpenFlags::SQLITE_OPEN_URI, Path::new(&immutable_uri(path)))
        }
        opened => opened,
    }
}

/// The file as a URI that promises SQLite that nobody writes it.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in plain(path).as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}

fn wal_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
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

fn look_at(connection: &Connection) -> Result<Found, Fault> {
    let application: i32 = connection.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    let version = migrate::version_of(connection)?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(match (application, version, objects) {
        (APPLICATION_ID, 1.., 1..) => Found::Ledger(version),
        (0, 0, 0) => Found::Nothing,
        _ => Found::Foreign,
    })
}

fn prepare(
    mut connection: Connection,
    mode: OpenMode,
    found: Found,
    path: &Path,
) -> Result<Connection, LedgerError> {
    let known = migrate::version_known();
    let refuse = |reason: String| Err(LedgerError::Open { path: path.to_owned(), reason });
    match (found, mode) {
        (Found::Foreign, _) => {
            let reason = "it is another program's database, not a ledger".to_owned();
            return Err(LedgerError::Damaged { path: path.to_owned(), reason });
        }
        (Found::Ledger(found), _) if found > known => {
            return Err(LedgerError::Newer { path: path.to_owned(), found, known });
        }
        (Found::Nothing, OpenMode::Read) => {
            return refuse("there is no ledger in it yet".to_owned());
        }
        (Found::Ledger(found), OpenMode::Read) if found < known => {
            return refuse(format!(
                "its schema has version {found} and has to be brought to {known} first: \
                 run `centime db migrate`"
            ));
        }
        _ => {}
    }
    let prepared = match mode {
        OpenMode::Read => set_reader(&connection),
        OpenMode::Write => set_writer(&connection).and_then(|()| migrate::migrate(&mut connection)),
    };
    prepared.and_then(|()| check_ends(&connection, path)).map_err(|fault| fault.in_file(path))?;
    Ok(connection)
}

fn set_reader(connection: &Connection) -> Result<(), Fault> {
    // A reader of a ledger never has a reason to write, whatever statement it is given.
    Ok(connection.pragma_update(None, "query_only", true)?)
}

fn set_writer(connection: &Connection) -> Result<(), Fault> {
    set_wal(connection)?;
    // FULL: what was acknowledged survives the loss of power. It costs one flush a batch.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A reference to a name that is not there would be an entry that cannot be read.
    connection.pragma_update(None, "foreign_keys", true)?;
    // 64 MiB hold the index of the identities, which are random, of a few million entries.
    connection.pragma_update(None, "cache_size", -65_536)?;
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

/// The cheap part of a check: a file that was cut short is told by its length, and the ends of the
/// trees must be readable. `verify` does the rest.
fn check_ends(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let number = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    number("SELECT ifnull(max(seq), 0) FROM entries WHERE seq > 0")?;
    number("SELECT count(at) FROM (SELECT at FROM entries ORDER BY at DESC LIMIT 1)")?;
    number("SELECT count(uid) FROM (SELECT uid FROM entries ORDER BY uid DESC LIMIT 1)")?;
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    // Pages may still be in the WAL and not in the file: then its length says nothing.
    if length(&wal_of(path)) == 0 {
        let bytes_expected = number("PRAGMA page_count")? * number("PRAGMA page_size")?;
        let bytes = length(path);
        if i64::try_from(bytes).is_ok_and(|bytes| bytes < bytes_expected) {
            let reason = format!("it is cut short, {bytes} of {bytes_expected} bytes are left");
            return Err(Fault::Damaged(reason));
        }
    }
    Ok(())
}
