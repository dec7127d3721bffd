//! A batch is written whole or not at all, beside readers and other writers, through failures.

use std::path::Path;
use std::time::Duration;

use centime_core::entry::Entry;
use centime_core::meter::Meter;
use centime_ledger::Appended::{Known, New};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{Entries, JournalId, Journals, LedgerError, Mark, Reports, Verify};
use rusqlite::Connection;

use crate::homes::new_path;
use crate::samples::{adjustment, all, by, entry};

fn open(path: &Path) -> SqliteLedger {
    SqliteLedger::open(path, OpenMode::Write).unwrap()
}

/// A batch of entries with a user each, whom nobody else has.
fn batch(name: &str, count: usize) -> Vec<Entry> {
    let user = |index| {
        let mut entry = entry(&format!("{name}-{index}"), &[(Meter::Input, "1")]);
        entry.attribution.user = Some(format!("{name}-user-{index}"));
        entry.attribution.session = Some(format!("{name}-session-{index}"));
        entry.model = format!("{name}-model");
        entry
    };
    (0..count).map(user).collect()
}

#[test]
fn a_failed_batch_leaves_nothing_behind_not_even_in_memory() {
    let (_folder, path) = new_path();
    let mut ledger = open(&path);
    ledger.append(&batch("before", 2)).unwrap();
    let outside = Connection::open(&path).unwrap();
    outside
        .execute_batch(
            "CREATE TRIGGER fault BEFORE INSERT ON entries WHEN new.own_id = 'failing-5' \
             BEGIN SELECT raise(ABORT, 'the fifth wheel'); END",
        )
        .unwrap();
    let failing = batch("failing", 9);
    let error = ledger.append(&failing).unwrap_err();
    assert!(matches!(&error, LedgerError::Refused { reason, .. } if reason == "the fifth wheel"));
    assert_eq!(all(&ledger).len(), 2);
    let names = "SELECT count(*) FROM names WHERE text LIKE 'failing%'";
    assert_eq!(outside.query_row(names, (), |row| row.get(0)), Ok(0));

    // The numbers of the names that were rolled back now go to others.
    outside.execute_batch("DROP TRIGGER fault").unwrap();
    let other = batch("other", 9);
    assert_eq!(ledger.append(&other).unwrap(), [New; 9]);
    assert_eq!(ledger.append(&failing).unwrap(), [New; 9]);
    for entry in other.iter().chain(&failing) {
        assert_eq!(ledger.entry(entry.uid).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);
}

#[test]
fn a_load_finds_what_it_appended_and_nobody_does_once_it_is_dropped() {
    let (_folder, path) = new_path();
    let mut ledger = open(&path);
    let attempt = entry("a", &[(Meter::Input, "1000"), (Meter::Output, "50")]);
    let adjusting = adjustment(&attempt, 0, Meter::Output, "-50", -500_000_000);
    let dropped = batch("dropped", 9);
    let mut load = ledger.load().unwrap();
    load.append(&dropped).unwrap();
    assert_eq!(load.entry(dropped[8].uid).unwrap().as_ref(), Some(&dropped[8]));
    assert_eq!(load.entry(attempt.uid).unwrap(), None);
    drop(load);

    // The numbers of the names that were read go to others now.
    let committed = batch("committed", 9);
    let mut load = ledger.load().unwrap();
    load.append(&committed).unwrap();
    load.append(&[attempt.clone(), adjusting.clone()]).unwrap();
    assert_eq!(load.entry(dropped[8].uid).unwrap(), None);
    assert_eq!(load.entry(committed[8].uid).unwrap().as_ref(), Some(&committed[8]));
    assert_eq!(load.entry(attempt.uid).unwrap().as_ref(), Some(&attempt));
    assert_eq!(load.adjustments(attempt.uid).unwrap(), [adjusting]);
    load.commit().unwrap();
    for entry in &committed {
        assert_eq!(ledger.entry(entry.uid).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);
}

#[test]
fn a_mark_is_kept_with_its_batch_or_not_at_all() {
    let (_folder, path) = new_path();
    let mut ledger = open(&path);
    let outside = Connection::open(&path).unwrap();
    let fault =
        "CREATE TRIGGER fault BEFORE INSERT ON entries BEGIN SELECT raise(ABORT, 'no'); END";
    outside.execute_batch(fault).unwrap();
    let mark = Mark { journal: JournalId([1; 16]), position: 9 };
    ledger.append_marked(&batch("a", 1), &[mark]).unwrap_err();
    assert_eq!(ledger.mark(mark.journal).unwrap(), None);
    outside.execute_batch("DROP TRIGGER fault").unwrap();
    ledger.append_marked(&batch("a", 1), &[mark]).unwrap();
    assert_eq!(open(&path).mark(mark.journal).unwrap(), Some(9));
}

#[test]
fn a_writer_that_dies_in_the_middle_leaves_whole_batches() {
    let (folder, path) = new_path();
    let mut ledger = open(&path);
    ledger.append(&batch("whole", 20)).unwrap();
    // A transaction so large that its pages are in the log before it ends.
    let dying = Connection::open(&path).unwrap();
    dying
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN IMMEDIATE; \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
             INSERT INTO names (kind, text) SELECT 'user', 'half-' || i FROM n;",
        )
        .unwrap();
    // What the kernel has at this moment is what a killed process leaves.
    let remains = folder.path().join("remains.db");
    std::fs::copy(&path, &remains).unwrap();
    let log = |path: &Path| path.with_extension("db-wal");
    assert!(std::fs::copy(log(&path), log(&remains)).unwrap() > 100_000);
    let mut survivor = open(&remains);
    assert_eq!(all(&survivor).len(), 20);
    assert_eq!(survivor.append(&batch("next", 3)).unwrap(), [New; 3]);
    let found = survivor.verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (23, vec![]));
    let halves = "SELECT count(*) FROM names WHERE text LIKE 'half-%'";
    let halves = Connection::open(&remains).unwrap().query_row(halves, (), |row| row.get(0));
    assert_eq!(halves, Ok(0));
}

#[test]
fn readers_see_whole_batches_while_one_writes() {
    let (_folder, path) = new_path();
    let mut writer = open(&path);
    const SIZE: i64 = 50;
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let reader = SqliteLedger::open(&path, OpenMode::Read).unwrap();
                scope.spawn(move || {
                    let mut met = 0;
                    while met < 20 * SIZE {
                        let requests = reader.total(&by("")).unwrap().requests;
                        assert!(requests >= met && requests % SIZE == 0, "{met} {requests}");
                        met = requests;
                    }
                })
            })
            .collect();
        for index in 0..20 {
            writer.append(&batch(&format!("b{index}"), 50)).unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn a_reader_is_not_kept_waiting_by_an_open_transaction() {
    let (_folder, path) = new_path();
    open(&path).append(&batch("a", 3)).unwrap();
    let writing = Connection::open(&path).unwrap();
    writing.execute_batch("BEGIN IMMEDIATE; DELETE FROM entries").unwrap();
    let reader = SqliteLedger::open(&path, OpenMode::Read).unwrap();
    assert_eq!(reader.total(&by("")).unwrap().requests, 3);
}

#[test]
fn a_second_writer_waits_for_the_first() {
    let (_folder, path) = new_path();
    let mut ledger = open(&path);
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO names (kind, text) VALUES ('user', 'u')")
        .unwrap();
    std::thread::scope(|scope| {
        let appending = scope.spawn(move || ledger.append(&batch("waiting", 3)).unwrap());
        std::thread::sleep(Duration::from_millis(300));
        assert!(!appending.is_finished());
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(appending.join().unwrap(), [New; 3]);
    });
}

#[test]
fn writers_take_turns_and_nothing_is_written_twice() {
    let (_folder, path) = new_path();
    let answers: Vec<_> = std::thread::scope(|scope| {
        // All of them make the file, and all of them import the same.
        let write = || {
            let mut ledger = open(&path);
            let batches = (0..10).map(|index| batch(&format!("b{index}"), 20));
            batches.flat_map(|batch| ledger.append(&batch).unwrap()).collect::<Vec<_>>()
        };
        let writers: Vec<_> = (0..4).map(|_| scope.spawn(write)).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let count = |what| answers.iter().filter(|&&answer| answer == what).count();
    assert_eq!((count(New), count(Known)), (200, 600));
    let found = open(&path).verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (200, vec![]));
}

#[test]
fn programs_that_make_a_ledger_at_the_same_time_all_get_it() {
    const PROGRAMS: usize = 8;
    for _ in 0..20 {
        let (_folder, path) = new_path();
        let start = std::sync::Barrier::new(PROGRAMS);
        std::thread::scope(|scope| {
            for _ in 0..PROGRAMS {
                scope.spawn(|| {
                    start.wait();
                    drop(open(&path));
                });
            }
        });
    }
}

#[test]
fn names_of_another_writer_are_found_not_made_again() {
    let (_folder, path) = new_path();
    let (mut first, mut second) = (open(&path), open(&path));
    first.append(&batch("a", 3)).unwrap();
    let again: Vec<Entry> = batch("a", 3)
        .into_iter()
        .map(|mut entry| {
            entry.uid.0[0] ^= 1;
            entry
        })
        .collect();
    assert_eq!(second.append(&again).unwrap(), [New; 3]);
    let count = |sql: &str| Connection::open(&path).unwrap().query_row(sql, (), |row| row.get(0));
    assert_eq!(count("SELECT count(*) FROM contexts"), Ok(3));
    assert_eq!(count("SELECT count(*) FROM cards"), Ok(1));
}
