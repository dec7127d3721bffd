//! A file that cannot be a ledger is said to be exactly what it is.

use std::path::Path;

use centime_core::meter::Meter;
use centime_ledger::sqlite::OpenMode::{Read, Write};
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::{Entries, LedgerError, Reports, Verify};
use rusqlite::Connection;

use crate::homes::new_path;
use crate::samples::{all, by, entry};

fn error(path: &Path, mode: centime_ledger::sqlite::OpenMode) -> LedgerError {
    SqliteLedger::open(path, mode).unwrap_err()
}

fn fill(path: &Path, count: usize) {
    let mut ledger = SqliteLedger::open(path, Write).unwrap();
    let batch: Vec<_> =
        (0..count).map(|index| entry(&format!("{index}"), &[(Meter::Input, "1")])).collect();
    ledger.append(&batch).unwrap();
}

#[test]
fn a_reader_makes_no_file() {
    let (_folder, path) = new_path();
    let error = error(&path, Read);
    assert!(
        matches!(&error, LedgerError::Open { reason, .. } if reason == "there is no such file yet")
    );
    assert!(error.to_string().starts_with(&format!("cannot open the ledger `{}`", path.display())));
    assert!(!path.exists());
}

#[test]
fn what_stands_in_the_way_is_named() {
    let (folder, _) = new_path();
    let absent = folder.path().join("no/such/folder/centime.db");
    for mode in [Read, Write] {
        for (path, expected) in [
            (absent.as_path(), "there is no folder"),
            (folder.path(), "it is a folder"),
            (Path::new(""), "the name of the file is empty"),
        ] {
            let error = error(path, mode);
            assert!(matches!(error, LedgerError::Open { .. }), "{error:?}");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}

#[test]
fn an_empty_file_becomes_a_ledger_only_by_writing() {
    let (_folder, path) = new_path();
    std::fs::write(&path, "").unwrap();
    assert!(matches!(error(&path, Read), LedgerError::Open { .. }));
    fill(&path, 1);
    assert_eq!(all(&SqliteLedger::open(&path, Read).unwrap()).len(), 1);
}

#[test]
fn garbage_is_no_ledger_and_stays_as_it_is() {
    let (_folder, path) = new_path();
    for garbage in [
        &b"x"[..],
        &[b'x'; 511],
        &[b'x'; 512],
        &[0; 4096],
        "SQLite format 3\0 and then".repeat(99).as_bytes(),
    ] {
        std::fs::write(&path, garbage).unwrap();
        for mode in [Read, Write] {
            let error = error(&path, mode);
            assert!(matches!(error, LedgerError::Damaged { .. }), "{error:?}");
            assert!(error.to_string().contains("restore a backup"), "{error}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), garbage);
    }
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    for foreign in [
        "CREATE TABLE t (x)",
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 1",
        "CREATE TABLE entries (x); PRAGMA user_version = 1",
    ] {
        let (_folder, path) = new_path();
        Connection::open(&path).unwrap().execute_batch(foreign).unwrap();
        let before = std::fs::read(&path).unwrap();
        for mode in [Read, Write] {
            let error = error(&path, mode);
            assert!(matches!(error, LedgerError::Damaged { .. }), "{foreign}: {error:?}");
            assert!(error.to_string().contains("another program's database"), "{error}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), before, "{foreign}");
    }
}

#[test]
fn a_newer_ledger_asks_for_a_newer_program() {
    let (_folder, path) = new_path();
    fill(&path, 1);
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
    for mode in [Read, Write] {
        let error = error(&path, mode);
        assert!(matches!(error, LedgerError::Newer { found: 999, .. }), "{error:?}");
    }
}

#[test]
fn a_file_cut_short_is_damaged() {
    let (_folder, path) = new_path();
    fill(&path, 500);
    // Closing it took the log into the file.
    let whole = std::fs::read(&path).unwrap();
    for kept in [50, 1000, 4096, 10_000, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        std::fs::write(&path, &whole[..kept]).unwrap();
        for mode in [Read, Write] {
            let error = error(&path, mode);
            assert!(matches!(error, LedgerError::Damaged { .. }), "{kept}: {error:?}");
        }
    }
}

#[test]
fn pages_of_rubbish_are_found_and_never_panic() {
    let (_folder, path) = new_path();
    fill(&path, 2000);
    let whole = std::fs::read(&path).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xA5);
        std::fs::write(&path, &damaged).unwrap();
        let found = SqliteLedger::open(&path, Read).and_then(|ledger| {
            ledger.report(&by("user,date"))?;
            ledger.verify(&mut |_| {})
        });
        match found {
            Ok(found) => assert!(!found.differences.is_empty(), "page {page}"),
            Err(error) => {
                assert!(matches!(error, LedgerError::Damaged { .. }), "page {page}: {error:?}");
            }
        }
    }
}

#[test]
fn a_reader_cannot_write() {
    let (_folder, path) = new_path();
    fill(&path, 1);
    let mut reader = SqliteLedger::open(&path, Read).unwrap();
    let error = reader.append(&[entry("late", &[])]).unwrap_err();
    assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error:?}");
    assert_eq!(all(&reader).len(), 1);
}

#[test]
fn a_write_protected_file_is_read_only() {
    let (_folder, path) = new_path();
    fill(&path, 1);
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    // Whom no permission binds, as in many containers, writes all the same.
    let is_bound = std::fs::OpenOptions::new().append(true).open(&path).is_err();
    match SqliteLedger::open(&path, Write) {
        Ok(_) => assert!(!is_bound),
        Err(error) => {
            assert!(is_bound && matches!(error, LedgerError::ReadOnly { .. }), "{error:?}");
        }
    }
    assert_eq!(all(&SqliteLedger::open(&path, Read).unwrap()).len(), 1);
}

#[test]
fn names_that_mean_something_to_sqlite_are_files() {
    let (folder, _) = new_path();
    for name in ["file:x?mode=memory", "100%.db", "a b#c?d.db", "é.db"] {
        let path = folder.path().join(name);
        fill(&path, 1);
        assert!(path.exists(), "{name}");
        assert_eq!(all(&SqliteLedger::open(&path, Read).unwrap()).len(), 1, "{name}");
    }
}
