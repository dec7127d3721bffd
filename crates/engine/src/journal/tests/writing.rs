//! Writing: what is kept how long, and what is waited for.

use std::path::Path;
use std::time::Duration;

use centime_ledger::memory::MemoryLedger;
use centime_ledger::writer::{Bounds, WriterThread};
use centime_ledger::{Entries as _, Journals as _};

use super::samples::{entry, in_doubt};
use crate::journal::{Durability, Journal, JournalError, Settings};

fn open(path: &Path, settings: Settings) -> Journal {
    let now = entry(0).at;
    Journal::open(path, settings, &mut MemoryLedger::default(), now).unwrap().0
}

fn segments(path: &Path) -> usize {
    let files = path.read_dir().unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "calls")).count()
}

/// Segments of a few records each.
const SMALL: Settings = Settings {
    durability: Durability::Process,
    flush_every: Duration::from_millis(1),
    segment_bytes: 1000,
};

/// Waits until there are so many segments: they are deleted by another thread.
fn assert_segments(path: &Path, expected: usize) {
    for _ in 0..2000 {
        if segments(path) == expected {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(segments(path), expected);
}

#[test]
fn segments_go_when_the_ledger_has_them_and_not_before() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    let journal = open(&path, SMALL);
    let long = in_doubt(1000);
    journal.intend(&long).unwrap().wait().unwrap();
    for number in 0..100 {
        journal.intend(&in_doubt(number)).unwrap().wait().unwrap();
        journal.settle(&entry(number)).unwrap().wait().unwrap();
        journal.applied(entry(number).uid);
    }
    assert_eq!(journal.pending(), 1);
    let many = segments(&path);
    assert!(many > 10, "{many}");
    journal.release(long.uid).unwrap();
    // The next one that is applied lets go of all.
    journal.intend(&in_doubt(1)).unwrap().wait().unwrap();
    journal.applied(entry(1).uid);
    assert_segments(&path, 1);
    assert_eq!(journal.pending(), 0);
}

#[test]
fn the_mark_stands_before_the_first_call_that_the_ledger_lacks() {
    let home = tempfile::tempdir().unwrap();
    let journal = open(&home.path().join("calls"), SMALL);
    for number in 0..50 {
        let before = journal.mark().position;
        journal.intend(&in_doubt(number)).unwrap().wait().unwrap();
        // At its record, which may be behind the header of a new segment.
        let mark = journal.mark().position;
        assert!((before..=before + 40).contains(&mark), "{number} is in flight");
        journal.settle(&entry(number)).unwrap().wait().unwrap();
        assert_eq!(journal.mark().position, mark, "{number} is not in the ledger");
        journal.applied(entry(number).uid);
        assert!(journal.mark().position > mark + 100);
    }
}

#[test]
fn what_is_folded_is_in_the_ledger_with_a_mark_behind_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    let journal = open(&path, SMALL);
    let thread = WriterThread::start(MemoryLedger::default(), Bounds::default()).unwrap();
    for number in 0..100 {
        journal.intend(&in_doubt(number)).unwrap().wait().unwrap();
        journal.settle(&entry(number)).unwrap().wait().unwrap();
        journal.fold(thread.writer(), entry(number), |answer| assert!(answer.is_ok())).unwrap();
    }
    // What comes behind all of it.
    thread.writer().append(Vec::new()).unwrap();
    assert_eq!(journal.pending(), 0);
    assert_segments(&path, 1);
    let end = journal.mark();
    let ledger = thread.finish().unwrap();
    assert!(ledger.mark(end.journal).unwrap().is_some_and(|mark| mark < end.position));
    for number in 0..100 {
        assert!(ledger.entry(entry(number).uid).unwrap().is_some());
    }
    // Folding into a ledger that is closed gives the entry back, and keeps it in the journal.
    let thread = WriterThread::start(ledger, Bounds::default()).unwrap();
    let writer = thread.writer().clone();
    drop(thread);
    journal.settle(&entry(200)).unwrap().wait().unwrap();
    journal.fold(&writer, entry(200), |_| ()).unwrap_err();
    assert_eq!(journal.pending(), 1);
}

#[test]
fn many_wait_for_the_disk_together() {
    const THREADS: u64 = 8;
    let home = tempfile::tempdir().unwrap();
    let settings = Settings { durability: Durability::Power, ..SMALL };
    let journal = open(&home.path().join("calls"), settings);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let journal = &journal;
            scope.spawn(move || {
                for number in 0..20 {
                    let entry = in_doubt(thread * 1000 + number);
                    journal.intend(&entry).unwrap().wait().unwrap();
                }
            });
        }
    });
    assert_eq!(journal.pending(), 160);
}

#[test]
fn a_record_that_is_too_long_is_refused_and_harms_no_other() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    let journal = open(&path, SMALL);
    let mut long = in_doubt(1);
    long.attribution.metadata = Some("m".repeat(2 << 20));
    let error = journal.intend(&long).unwrap_err();
    assert!(matches!(error, JournalError::TooLong { .. }), "{error:?}");
    journal.intend(&in_doubt(2)).unwrap().wait().unwrap();
    drop(journal);
    let mut ledger = MemoryLedger::default();
    let (_, found) = Journal::open(&path, SMALL, &mut ledger, entry(0).at).unwrap();
    assert_eq!((found.in_doubt, found.damage), (1, vec![]));
}
