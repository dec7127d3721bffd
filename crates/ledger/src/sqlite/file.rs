//! The file at the path: what it must be before SQLite sees it, and how SQLite is told its name.
//!
//! Nothing here may *open* the file: closing it again would take away the locks that other
//! connections of this process hold on it, as POSIX has it, and other programs would write over them.

use std::path::{Path, PathBuf};

use super::OpenMode;
use crate::error::LedgerError;

/// The smallest page of SQLite, and so its smallest file.
const BYTES_MIN: u64 = 512;

/// Refuses what cannot become a ledger; of most of it SQLite would only say "cannot open".
pub(super) fn check(path: &Path, mode: OpenMode) -> Result<(), LedgerError> {
    if let Some(reason) = obstacle(path, mode) {
        return Err(LedgerError::Open { path: path.to_owned(), reason });
    }
    // SQLite takes a very short text for an empty database, and would write over it.
    if (1..BYTES_MIN).contains(&length(path)) {
        let reason = "it is not a SQLite database".to_owned();
        return Err(LedgerError::Damaged { path: path.to_owned(), reason });
    }
    Ok(())
}

/// What stands in the way of opening it, if anything.
fn obstacle(path: &Path, mode: OpenMode) -> Option<String> {
    if path.as_os_str().is_empty() {
        return Some("the name of the file is empty".to_owned());
    }
    if path.is_dir() {
        return Some("it is a folder; name a file in it".to_owned());
    }
    if path.exists() && !path.is_file() {
        return Some("it is no regular file".to_owned());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent
        && !parent.is_dir()
    {
        return Some(format!("there is no folder `{}`; make it first", parent.display()));
    }
    if mode == OpenMode::Read && !path.exists() {
        return Some("there is no such file yet".to_owned());
    }
    None
}

/// The path as SQLite takes it: `:memory:` and `file:…` are files like any other.
pub(super) fn plain(path: &Path) -> PathBuf {
    if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() }
}

/// The file as a URI that promises SQLite that nobody writes it.
pub(super) fn immutable_uri(path: &Path) -> String {
    uri(path, "immutable=1")
}

/// The file as a URI with a parameter.
pub(crate) fn uri(path: &Path, parameter: &str) -> String {
    let mut uri = String::from("file:");
    for byte in plain(path).as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?" + parameter
}

/// The log that belongs to a file in WAL mode.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// The index of that log, which those who have the file open share.
pub(crate) fn index_of(path: &Path) -> PathBuf {
    beside(path, "-shm")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// How many bytes the file has; `None` while some of its pages may still be in the log alone.
///
/// Ask for the size that SQLite expects *before*: what is in the log is in the file before the log
/// is emptied.
pub(super) fn bytes_of(path: &Path) -> Option<i64> {
    if length(&log_of(path)) > 0 {
        return None;
    }
    i64::try_from(length(path)).ok()
}

pub(crate) fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, OpenFlags};

    use super::super::{migrate, open};
    use super::*;

    #[test]
    fn names_mean_files_whatever_sqlite_makes_of_them() {
        for name in [":memory:", "file:x?mode=memory"] {
            assert_eq!(plain(Path::new(name)), Path::new(".").join(name));
        }
        assert_eq!(plain(Path::new("/a/b.db")), Path::new("/a/b.db"));
    }

    #[test]
    fn a_file_that_nobody_writes_is_read_without_a_log() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.db", "100%.db", "a b#c?d&e.db", "é.db"] {
            let path = folder.path().join(name);
            drop(open::connect(&path, OpenMode::Write).unwrap());
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            let db = Connection::open_with_flags(immutable_uri(&path), flags).unwrap();
            assert_eq!(migrate::version_of(&db).unwrap(), migrate::version_known(), "{name}");
            assert!(!log_of(&path).exists());
        }
    }
}
