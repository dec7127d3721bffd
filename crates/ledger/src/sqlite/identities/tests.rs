//! A ledger of several generations.

use std::path::Path;

use rusqlite::Connection;

use super::SIZE;
use crate::error::LedgerError;
use crate::sqlite::tests::{batch, entry, ledger};
use crate::sqlite::{OpenMode, SqliteLedger};
use crate::traits::{Appended, Entries as _, Verify as _};

const ENTRIES: u64 = 3 * SIZE.unsigned_abs() + 100;

fn differences(ledger: &SqliteLedger) -> Vec<String> {
    let found = ledger.verify(&mut |_| {}).unwrap();
    found.differences.into_iter().map(|difference| difference.what).collect()
}

fn filled(folder: &Path) -> SqliteLedger {
    let mut ledger = ledger(folder);
    ledger.append(&batch(0..ENTRIES)).unwrap();
    ledger
}

#[test]
fn every_entry_is_found_and_known_again_whatever_its_generation() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = ledger(folder.path());
    // Another one that knows the ledger from before, and one that comes to it later.
    let mut second = ledger(folder.path());
    second.append(&batch(0..5)).unwrap();
    for from in (0..ENTRIES).step_by(1_000) {
        let answers = first.append(&batch(from..(from + 1_000).min(ENTRIES))).unwrap();
        let known = answers.iter().filter(|&&answer| answer == Appended::Known).count();
        assert_eq!(known, if from == 0 { 5 } else { 0 });
        // In between the other one writes.
        assert_eq!(second.append(&batch(ENTRIES + from..ENTRIES + from + 1)).unwrap().len(), 1);
    }
    let mut third = ledger(folder.path());
    for ledger in [&mut first, &mut second, &mut third] {
        let answers = ledger.append(&batch(0..ENTRIES)).unwrap();
        assert!(answers.iter().all(|&answer| answer == Appended::Known));
    }
    for index in (0..ENTRIES).step_by(777) {
        assert_eq!(third.entry(entry(index).uid).unwrap(), Some(entry(index)));
    }
    assert_eq!(third.entry(entry(9 * ENTRIES).uid).unwrap(), None);
    assert_eq!(differences(&third), [""; 0]);
}

#[test]
fn what_comes_again_in_one_batch_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    let twice: Vec<_> = batch(0..ENTRIES).into_iter().flat_map(|one| [one.clone(), one]).collect();
    let answers = ledger.append(&twice).unwrap();
    let (pairs, _) = answers.as_chunks();
    assert!(pairs.iter().all(|pair| *pair == [Appended::New, Appended::Known]));
    assert_eq!(differences(&ledger), [""; 0]);
}

#[test]
fn identities_that_begin_alike_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    let alike = |index: u64, end: u8| {
        let mut entry = entry(index);
        entry.uid.0 = [7; 16];
        entry.uid.0[15] = end;
        entry
    };
    let mut entries = batch(0..ENTRIES);
    let middle = entries.len() / 2;
    entries.insert(middle, alike(900_001, 1));
    entries.insert(0, alike(900_002, 2));
    entries.push(alike(900_003, 3));
    assert!(ledger.append(&entries).unwrap().iter().all(|&answer| answer == Appended::New));
    assert!(ledger.append(&entries).unwrap().iter().all(|&answer| answer == Appended::Known));
    for (index, end) in [(900_001, 1), (900_002, 2), (900_003, 3)] {
        let wanted = alike(index, end);
        assert_eq!(ledger.entry(wanted.uid).unwrap(), Some(wanted));
    }
    assert_eq!(differences(&ledger), [""; 0]);
}

#[test]
fn a_load_that_is_not_committed_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    ledger.append(&batch(0..10)).unwrap();
    let mut load = ledger.load().unwrap();
    assert!(load.append(&batch(5..ENTRIES)).unwrap()[5..].iter().all(|&new| new == Appended::New));
    assert_eq!(load.append(&batch(0..100)).unwrap(), [Appended::Known; 100]);
    drop(load);
    assert_eq!(ledger.entry(entry(10).uid).unwrap(), None);

    let mut load = ledger.load().unwrap();
    let (first, second) = (batch(10..ENTRIES), batch(0..ENTRIES + 1));
    assert!(load.append(&first).unwrap().iter().all(|&answer| answer == Appended::New));
    assert_eq!(load.append(&second).unwrap().last(), Some(&Appended::New));
    load.commit().unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (ENTRIES + 1, vec![]));

    let mut reader = SqliteLedger::open(ledger.path(), OpenMode::Read).unwrap();
    assert!(matches!(reader.load(), Err(LedgerError::ReadOnly { .. })));
}

#[test]
fn what_was_changed_of_identities_is_named() {
    for (change, expected) in [
        ("DELETE FROM identities WHERE seq = 5000", "it is not found by its identity"),
        (
            "UPDATE identities SET prefix = zeroblob(8) WHERE seq = 5000",
            "it is not found by its identity",
        ),
        (
            "INSERT INTO identities VALUES (0, zeroblob(8), 99999)",
            "an identity is kept for entry number 99999, and is not that entry's",
        ),
        (
            "INSERT INTO generations (number) VALUES (77); \
             INSERT INTO identities VALUES (77, zeroblob(8), 5)",
            "an identity is kept for entry number 5, and is not that entry's",
        ),
        ("UPDATE generations SET filter = NULL WHERE number = 1", "generation 1 has no filter"),
        ("DELETE FROM generations WHERE number = 0", "generation 0 has no filter"),
        (
            "UPDATE generations SET filter = zeroblob(length(filter)) WHERE number = 1",
            "the filter of its generation denies its identity",
        ),
        (
            "UPDATE entries SET uid = (SELECT uid FROM entries WHERE seq = 9) WHERE seq = 9000; \
             UPDATE identities SET prefix = (SELECT prefix FROM identities WHERE seq = 9) \
             WHERE seq = 9000",
            "another entry has the same identity",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(folder.path());
        assert_eq!(differences(&ledger), [""; 0]);
        let outside = Connection::open(ledger.path()).unwrap();
        outside.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        outside.execute_batch(change).unwrap();
        let found = differences(&ledger);
        assert!(found.iter().any(|what| what == expected), "{change}: {found:?}");
    }
}
