//! Replaying: whatever an earlier process left, the ledger has every call once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use centime_core::entry::{Entry, Status};
use centime_core::time::Timestamp;
use centime_ledger::memory::MemoryLedger;
use centime_ledger::{
    Appended, Entries as _, EntryFilter, JournalId, Journals, LedgerError, Mark, Page,
};

use super::samples::{entry, in_doubt};
use crate::journal::{Durability, Journal, JournalError, Recovered, Settings};

/// Segments of a few records each.
const SMALL: Settings = Settings {
    durability: Durability::Process,
    flush_every: Duration::from_millis(1),
    segment_bytes: 2000,
};

fn later() -> Timestamp {
    Timestamp::from_micros(entry(0).at.micros() + 60_000_000)
}

fn open(path: &Path, ledger: &mut impl Journals) -> (Journal, Recovered) {
    Journal::open(path, SMALL, ledger, later()).unwrap()
}

fn intend(journal: &Journal, number: u64) {
    journal.intend(&in_doubt(number)).unwrap().wait().unwrap();
}

fn settle(journal: &Journal, number: u64) {
    journal.settle(&entry(number)).unwrap().wait().unwrap();
}

fn segments(path: &Path) -> Vec<PathBuf> {
    let files = path.read_dir().unwrap().map(|file| file.unwrap().path());
    let is_segment = |path: &PathBuf| path.extension().is_some_and(|name| name == "calls");
    let mut segments: Vec<PathBuf> = files.filter(is_segment).collect();
    segments.sort();
    segments
}

fn status(ledger: &MemoryLedger, number: u64) -> Option<Status> {
    ledger.entry(entry(number).uid).unwrap().map(|entry| entry.status)
}

/// A journal in which `calls` were settled, and is left by its process.
fn left_behind(path: &Path, calls: u64) {
    let settings = if calls > 100 { Settings::default() } else { SMALL };
    let mut ledger = MemoryLedger::default();
    let (journal, _) = Journal::open(path, settings, &mut ledger, later()).unwrap();
    for number in 0..calls {
        intend(&journal, number);
        settle(&journal, number);
    }
}

#[test]
fn every_call_goes_in_as_far_as_it_came() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    let mut ledger = MemoryLedger::default();
    let (journal, found) = open(&path, &mut ledger);
    assert_eq!(found, Recovered::default());
    for number in 1..=6 {
        intend(&journal, number);
    }
    settle(&journal, 2);
    journal.release(entry(3).uid).unwrap();
    settle(&journal, 4);
    ledger.append(&[entry(4), entry(5)]).unwrap(); // 5: the journal lost what the ledger has
    settle(&journal, 6);
    settle(&journal, 7); // it was never intended
    drop(journal);

    let (journal, found) = open(&path, &mut ledger);
    assert_eq!((found.new, found.known, found.in_doubt), (3, 2, 1));
    assert_eq!((found.torn_bytes, found.damage), (0, vec![]));
    use Status::{InDoubt, Ok};
    let expected = [Some(InDoubt), Some(Ok), None, Some(Ok), Some(Ok), Some(Ok), Some(Ok)];
    assert_eq!([1, 2, 3, 4, 5, 6, 7].map(|number| status(&ledger, number)), expected);
    let doubtful = ledger.entry(entry(1).uid).unwrap().unwrap();
    assert_eq!(doubtful, Entry { recorded_at: later(), ..in_doubt(1) });
    // It starts anew, after what the ledger has.
    assert_eq!(segments(&path).len(), 1);
    let mark = ledger.mark(journal.mark().journal).unwrap().unwrap();
    assert!(mark > 0 && mark < journal.mark().position);
    drop(journal);
    let (_, found) = open(&path, &mut ledger);
    assert_eq!(found, Recovered::default());
}

/// A ledger that fails when it is told to, before or after it has written.
struct Failing {
    ledger: MemoryLedger,
    calls: u32,
    fails_at: u32,
    has_written: bool,
}

impl Journals for Failing {
    fn append_marked(
        &mut self,
        batch: &[Entry],
        marks: &[Mark],
    ) -> Result<Vec<Appended>, LedgerError> {
        self.calls += 1;
        let path = PathBuf::from("centime.db");
        if self.calls != self.fails_at {
            return self.ledger.append_marked(batch, marks);
        }
        if self.has_written {
            self.ledger.append_marked(batch, marks)?;
        }
        Err(LedgerError::Full { path })
    }

    fn mark(&self, journal: JournalId) -> Result<Option<u64>, LedgerError> {
        self.ledger.mark(journal)
    }
}

#[test]
fn a_replay_that_fails_is_done_again_and_nothing_goes_in_twice() {
    // Those of one batch, and of two.
    for (calls, writes, fails_at, has_written) in [
        (3, 1, 1, false),
        (3, 1, 1, true),
        (3, 1, 2, true),
        (4100, 2, 2, false),
        (4100, 2, 2, true),
    ] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("calls");
        left_behind(&path, calls);
        let left = segments(&path);
        let ledger = MemoryLedger::default();
        let mut ledger = Failing { ledger, calls: 0, fails_at, has_written };
        match Journal::open(&path, SMALL, &mut ledger, later()) {
            Ok(_) => assert!(fails_at > writes),
            Err(error) => {
                assert!(matches!(error, JournalError::Ledger(_)), "{error:?}");
                assert_eq!(segments(&path), left);
                let (_, found) = open(&path, &mut ledger);
                assert_eq!((found.in_doubt, found.damage), (0, vec![]));
            }
        }
        let page = Page { limit: usize::MAX, after: None };
        let entries = ledger.ledger.entries(&EntryFilter::default(), &page).unwrap();
        assert_eq!(entries.len() as u64, calls);
    }
}

#[test]
fn a_journal_that_ends_anywhere_is_read_up_to_there() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    left_behind(&path, 12);
    let files = segments(&path);
    assert!(files.len() > 1);
    let last = files.last().unwrap();
    let whole = std::fs::read(last).unwrap();
    for cut in (0..=whole.len()).step_by(7) {
        for garbage in [0, 100] {
            let cut_home = tempfile::tempdir().unwrap();
            for file in &files {
                std::fs::copy(file, cut_home.path().join(file.file_name().unwrap())).unwrap();
            }
            let torn = [&whole[..cut], &vec![0x55; garbage]].concat();
            std::fs::write(cut_home.path().join(last.file_name().unwrap()), torn).unwrap();
            let mut ledger = MemoryLedger::default();
            let (_, found) = open(cut_home.path(), &mut ledger);
            // Where not even the head of the file is whole, more than an end may be missing.
            if cut >= 40 || garbage == 0 {
                assert_eq!(found.damage, [], "{cut} {garbage}");
            }
            let calls = found.new + found.in_doubt;
            assert!((6..=12).contains(&calls) && found.in_doubt <= 1, "{cut}: {found:?}");
            assert!(found.torn_bytes >= garbage as u64 || cut < 40, "{cut}: {found:?}");
            assert_eq!(open(cut_home.path(), &mut ledger).1, Recovered::default());
        }
    }
}

#[test]
fn damage_in_the_middle_is_named_and_the_rest_goes_in() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    left_behind(&path, 30);
    let files = segments(&path);
    assert!(files.len() > 3);
    let mut damaged = std::fs::read(&files[1]).unwrap();
    let place = damaged.len() / 2;
    damaged[place] ^= 1;
    std::fs::write(&files[1], &damaged).unwrap();
    // … and one is cut short, though others follow.
    let cut = std::fs::read(&files[2]).unwrap();
    std::fs::write(&files[2], &cut[..cut.len() - 5]).unwrap();

    let mut ledger = MemoryLedger::default();
    let (journal, found) = open(&path, &mut ledger);
    let known = found.new + found.in_doubt;
    assert!((28..=30).contains(&known) && found.in_doubt <= 2, "{found:?}");
    assert!(found.damage.len() >= 2);
    let kept = |file: &Path| PathBuf::from(format!("{}.damaged", file.display()));
    assert_eq!(found.damage[0].file, kept(&files[1]));
    assert!(found.damage[0].offset <= place as u64 && found.damage[0].offset > 0);
    assert!(found.damage.iter().any(|damage| damage.file == kept(&files[2])));
    assert!(found.damage[0].to_string().contains("bytes are damaged"), "{}", found.damage[0]);
    assert_eq!(std::fs::read(kept(&files[1])).unwrap(), damaged);
    assert_eq!(segments(&path).len(), 1);
    drop(journal);
    assert_eq!(open(&path, &mut ledger).1, Recovered::default());
}

/// A ledger that cannot take entry 3.
struct Picky(MemoryLedger);

impl Journals for Picky {
    fn append_marked(
        &mut self,
        batch: &[Entry],
        marks: &[Mark],
    ) -> Result<Vec<Appended>, LedgerError> {
        if batch.iter().any(|refused| refused.uid == entry(3).uid) {
            let (path, reason) = ("centime.db".into(), "the fifth wheel".to_owned());
            return Err(LedgerError::Refused { path, reason });
        }
        self.0.append_marked(batch, marks)
    }

    fn mark(&self, journal: JournalId) -> Result<Option<u64>, LedgerError> {
        self.0.mark(journal)
    }
}

#[test]
fn what_the_ledger_refuses_is_kept_aside_and_the_rest_goes_in() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    left_behind(&path, 5);
    let (_, found) = open(&path, &mut Picky(MemoryLedger::default()));
    assert_eq!((found.new, found.damage.len()), (4, 1));
    assert!(found.damage[0].what.contains("the fifth wheel"), "{}", found.damage[0]);
    assert!(found.damage[0].file.exists());
}

#[test]
fn a_newer_journal_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    left_behind(&path, 2);
    let file = segments(&path).remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[8] = 2;
    let check = crc32fast::hash(&bytes[..36]);
    bytes[36..40].copy_from_slice(&check.to_le_bytes());
    std::fs::write(&file, &bytes).unwrap();
    let error = Journal::open(&path, SMALL, &mut MemoryLedger::default(), later()).unwrap_err();
    assert_eq!(error, JournalError::Newer { path: file.clone(), version: 2 });
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn two_do_not_share_a_journal() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("calls");
    let (journal, _) = open(&path, &mut MemoryLedger::default());
    let again = Journal::open(&path, SMALL, &mut MemoryLedger::default(), later());
    assert!(matches!(again, Err(JournalError::Taken { .. })));
    drop(journal);
    open(&path, &mut MemoryLedger::default());
}

#[test]
fn the_marks_of_another_journal_mean_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut ledger = MemoryLedger::default();
    let ids = ["a", "b"].map(|name| open(&home.path().join(name), &mut ledger).0.mark().journal);
    assert_ne!(ids[0], ids[1]);
    // A folder that was emptied begins another journal, at the start.
    let path = home.path().join("c");
    left_behind(&path, 20);
    open(&path, &mut ledger);
    std::fs::remove_dir_all(&path).unwrap();
    left_behind(&path, 1);
    let (_, found) = open(&path, &mut ledger);
    assert_eq!(found.known, 1);
}
