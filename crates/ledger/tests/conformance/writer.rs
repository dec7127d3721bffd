//! One thread writes for many: together what waits, apart what does not fit, and every sender is told.

#![allow(clippy::panic, reason = "some of these ledgers do, so as to see what comes of it")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use centime_core::entry::Entry;
use centime_core::meter::Meter;
use centime_ledger::Appended::{self, Conflict, Known, New};
use centime_ledger::memory::MemoryLedger;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::writer::{
    Bounds, NotTaken, Receipt, Submission, Writer, WriterError, WriterThread,
};
use centime_ledger::{Entries, JournalId, Journals, LedgerError, Mark, Reports, Verify};
use rusqlite::Connection;

use crate::homes::new_path;
use crate::samples::{all, by, entry};

const JOURNAL: JournalId = JournalId([1; 16]);

fn one(id: &str) -> Vec<Entry> {
    vec![entry(id, &[(Meter::Input, "1")])]
}

fn submission(id: &str) -> Submission {
    Submission::of(one(id))
}

/// A ledger that says when a transaction begins, and begins it only when told to; and that has its
/// troubles with some entries.
struct Gated {
    ledger: MemoryLedger,
    entered: Sender<usize>,
    gate: Receiver<()>,
}

/// The other ends of a [`Gated`].
struct Gate {
    entered: Receiver<usize>,
    open: Sender<()>,
}

impl Gate {
    /// Waits for the next transaction to begin, and says of how many entries it is.
    fn next(&self) -> usize {
        self.entered.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    fn open(&self) {
        self.open.send(()).unwrap();
    }

    /// Lets every transaction through from now on, and says of how many entries each was.
    fn leave_open(self) -> Receiver<usize> {
        self.entered
    }
}

fn gated() -> (Gated, Gate) {
    let (entered, entering) = channel();
    let (open, gate) = channel();
    let ledger = Gated { ledger: MemoryLedger::default(), entered, gate };
    (ledger, Gate { entered: entering, open })
}

fn full() -> LedgerError {
    LedgerError::Full { path: "centime.db".into() }
}

impl Journals for Gated {
    fn append_marked(
        &mut self,
        batch: &[Entry],
        marks: &[Mark],
    ) -> Result<Vec<Appended>, LedgerError> {
        self.entered.send(batch.len()).ok();
        // Once the gate was left open nobody sends any more.
        let _ = self.gate.recv();
        for name in batch.iter().filter_map(|entry| entry.own_id.as_deref()) {
            match name.split('-').next() {
                Some("full") => return Err(full()),
                Some("refused") => {
                    let (path, reason) = ("centime.db".into(), name.to_owned());
                    return Err(LedgerError::Refused { path, reason });
                }
                Some("panic") => panic!("{name} is too much"),
                _ => {}
            }
        }
        self.ledger.append_marked(batch, marks)
    }

    fn mark(&self, journal: JournalId) -> Result<Option<u64>, LedgerError> {
        self.ledger.mark(journal)
    }
}

fn start(bounds: Bounds) -> (WriterThread<Gated>, Writer, Gate) {
    let (ledger, gate) = gated();
    let thread = WriterThread::start(ledger, bounds).unwrap();
    let writer = thread.writer().clone();
    (thread, writer, gate)
}

/// Has the thread busy with one entry, so that what comes next waits.
fn busy(writer: &Writer, gate: &Gate) -> Receipt {
    let receipt = writer.submit(submission("first")).unwrap();
    assert_eq!(gate.next(), 1);
    receipt
}

#[test]
fn what_waits_goes_in_together() {
    let (thread, writer, gate) = start(Bounds::default());
    let first = busy(&writer, &gate);
    let waiting: Vec<Receipt> =
        (0..10).map(|index| writer.submit(submission(&index.to_string())).unwrap()).collect();
    gate.open();
    assert_eq!(first.wait(), Ok(vec![New]));
    assert_eq!(gate.next(), 10);
    gate.open();
    for receipt in waiting {
        assert_eq!(receipt.wait(), Ok(vec![New]));
    }
    drop(gate);
    assert_eq!(all_of(thread), 11);
}

/// As a journal hands them over.
fn marked(position: u64) -> Submission {
    let mark = Some(Mark { journal: JOURNAL, position });
    Submission { mark, ..submission(&position.to_string()) }
}

#[test]
fn what_a_journal_has_gathers() {
    let gather = Duration::from_millis(200);
    let (thread, writer, gate) = start(Bounds { gather, ..Bounds::default() });
    let sizes = gate.leave_open();
    let receipts: Vec<Receipt> = (0..10).map(|it| writer.submit(marked(it)).unwrap()).collect();
    for receipt in receipts {
        assert_eq!(receipt.wait(), Ok(vec![New]));
    }
    assert_eq!(all_of(thread), 10);
    assert_eq!(sizes.iter().collect::<Vec<_>>(), [10]);
}

#[test]
fn what_came_by_itself_a_full_queue_and_the_end_gather_nothing() {
    let bounds = Bounds { gather: Duration::from_secs(3_600), ..Bounds::default() };
    let (thread, writer, gate) = start(Bounds { entries: 3, ..bounds });
    gate.leave_open();
    let before = writer.submit(marked(0)).unwrap();
    assert_eq!(writer.append(one("by itself")), Ok(vec![New]));
    assert_eq!(before.wait(), Ok(vec![New]));
    let three: Vec<Receipt> = (1..4).map(|it| writer.submit(marked(it)).unwrap()).collect();
    for receipt in three {
        assert_eq!(receipt.wait(), Ok(vec![New]));
    }
    let last = writer.submit(marked(4)).unwrap();
    assert_eq!(all_of(thread), 6);
    assert_eq!(last.wait(), Ok(vec![New]));
}

fn all_of(thread: WriterThread<Gated>) -> usize {
    let ledger = thread.finish().unwrap().ledger;
    ledger.verify(&mut |_| {}).unwrap().entries.try_into().unwrap()
}

#[test]
fn every_sender_is_told_of_its_own_entries() {
    let (thread, writer, gate) = start(Bounds::default());
    let first = busy(&writer, &gate);
    let mut other = entry("a", &[(Meter::Input, "1")]);
    other.content = 1;
    let cases = [
        (one("a"), vec![New]),
        (vec![], vec![]),
        ([one("b"), one("a"), one("c")].concat(), vec![New, Known, New]),
        (vec![other], vec![Conflict]),
        ([one("d"), one("d")].concat(), vec![New, Known]),
    ];
    let receipts = cases
        .map(|(entries, expected)| (writer.submit(Submission::of(entries)).unwrap(), expected));
    gate.leave_open();
    assert_eq!(first.wait(), Ok(vec![New]));
    for (receipt, expected) in receipts {
        assert_eq!(receipt.wait(), Ok(expected));
    }
    assert_eq!(all_of(thread), 5);
}

#[test]
fn a_full_queue_lets_senders_wait_or_gives_back() {
    let bytes = 3 * size_of::<Entry>();
    for bounds in
        [Bounds { entries: 3, ..Bounds::default() }, Bounds { bytes, ..Bounds::default() }]
    {
        let (thread, writer, gate) = start(bounds);
        let first = busy(&writer, &gate);
        let taken: Vec<Receipt> = (0..3)
            .map(|index| writer.try_submit(submission(&index.to_string())).unwrap())
            .collect();
        match writer.try_submit(submission("late")) {
            Err(NotTaken::Full(back)) => assert_eq!(back.entries, one("late")),
            other => panic!("{other:?}"),
        }
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| writer.append(one("patient")));
            std::thread::sleep(Duration::from_millis(50));
            assert!(!waiting.is_finished());
            gate.leave_open();
            assert_eq!(waiting.join().unwrap(), Ok(vec![New]));
        });
        for receipt in taken {
            assert_eq!(receipt.wait(), Ok(vec![New]));
        }
        assert_eq!(first.wait(), Ok(vec![New]));
        assert_eq!(all_of(thread), 5);
    }
}

#[test]
fn no_submission_is_too_large() {
    let (thread, writer, gate) = start(Bounds { entries: 3, bytes: 1, ..Bounds::default() });
    gate.leave_open();
    let entries: Vec<Entry> = (0..100).flat_map(|index| one(&index.to_string())).collect();
    assert_eq!(writer.append(entries), Ok(vec![New; 100]));
    assert_eq!(all_of(thread), 100);
}

#[test]
fn what_the_store_refuses_keeps_nothing_else_out() {
    for size in [2, 3, 20, 64] {
        for bad in [vec![0], vec![size - 1], vec![0, 1], (0..size).step_by(7).collect()] {
            for trouble in ["refused", "panic"] {
                let (thread, writer, gate) = start(Bounds::default());
                let first = busy(&writer, &gate);
                let receipts: Vec<_> = (0..size)
                    .map(|index| {
                        let is_bad = bad.contains(&index);
                        let word = if is_bad { trouble } else { "good" };
                        let entries = [one(&format!("a-{index}")), one(&format!("{word}-{index}"))];
                        let position = u64::try_from(index).unwrap();
                        let journal = JournalId([u8::from(is_bad); 16]);
                        let mark = Some(Mark { journal, position });
                        let submission = Submission { entries: entries.concat(), mark };
                        (is_bad, index, writer.submit(submission).unwrap())
                    })
                    .collect();
                let count = receipts.iter().filter(|(is_bad, ..)| !is_bad).count();
                let sizes = gate.leave_open();
                assert_eq!(first.wait(), Ok(vec![New]));
                for (is_bad, index, receipt) in receipts {
                    match (is_bad, receipt.wait()) {
                        (false, answer) => assert_eq!(answer, Ok(vec![New; 2]), "{index}"),
                        (true, Err(error)) => {
                            assert!(error.to_string().contains(&format!("{trouble}-{index}")));
                        }
                        (true, answer) => panic!("{index}: {answer:?}"),
                    }
                }
                let ledger = thread.finish().unwrap().ledger;
                let found = ledger.verify(&mut |_| {}).unwrap();
                assert_eq!(found.entries, u64::try_from(1 + 2 * count).unwrap());
                assert_eq!(ledger.mark(JournalId([1; 16])), Ok(None));
                assert_eq!(ledger.mark(JournalId([0; 16])).unwrap().is_some(), count > 0);
                assert!(sizes.iter().count() <= 1 + 2 * size);
            }
        }
    }
}

#[test]
fn when_the_store_fails_everybody_is_told_at_once() {
    let (thread, writer, gate) = start(Bounds::default());
    let first = busy(&writer, &gate);
    let receipts: Vec<Receipt> =
        ["a", "full-1", "b"].iter().map(|id| writer.submit(submission(id)).unwrap()).collect();
    let sizes = gate.leave_open();
    assert_eq!(first.wait(), Ok(vec![New]));
    for receipt in receipts {
        assert_eq!(receipt.wait(), Err(WriterError::Ledger(full())));
    }
    // It goes on with what comes then.
    assert_eq!(writer.append(one("a")), Ok(vec![New]));
    assert_eq!(all_of(thread), 2);
    assert_eq!(sizes.iter().collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn the_end_comes_after_everything_that_was_taken() {
    let (thread, writer, gate) = start(Bounds { entries: 100, ..Bounds::default() });
    let first = busy(&writer, &gate);
    let receipts: Vec<Receipt> =
        (0..100).map(|index| writer.submit(submission(&index.to_string())).unwrap()).collect();
    std::thread::scope(|scope| {
        // One more waits for room, which there will never be.
        let waiting = scope.spawn(|| writer.append(one("late")));
        std::thread::sleep(Duration::from_millis(50));
        let ending = scope.spawn(|| all_of(thread));
        assert_eq!(waiting.join().unwrap(), Err(WriterError::Closed));
        gate.leave_open();
        assert_eq!(ending.join().unwrap(), 101);
    });
    for receipt in receipts.into_iter().chain([first]) {
        assert_eq!(receipt.wait(), Ok(vec![New]));
    }
    assert_eq!(writer.append(one("later")), Err(WriterError::Closed));
    match writer.try_submit(submission("later")) {
        Err(NotTaken::Closed(back)) => assert_eq!(back.entries, one("later")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thread_that_is_dropped_ends_as_well() {
    let (thread, writer, gate) = start(Bounds::default());
    let first = busy(&writer, &gate);
    gate.leave_open();
    drop(thread);
    assert_eq!(first.wait(), Ok(vec![New]));
    assert_eq!(writer.append(one("later")), Err(WriterError::Closed));
}

/// Counts how often a task is woken, and wakes the thread that runs it.
struct Woken(AtomicUsize, std::thread::Thread);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        self.1.unpark();
    }
}

#[test]
fn a_receipt_can_be_awaited_by_any_runtime() {
    let (thread, writer, gate) = start(Bounds::default());
    let mut first = busy(&writer, &gate);
    let woken = Arc::new(Woken(AtomicUsize::new(0), std::thread::current()));
    let waker = Waker::from(Arc::clone(&woken));
    let mut poll = || std::pin::pin!(&mut first).poll(&mut Context::from_waker(&waker));
    assert_eq!(poll(), Poll::Pending);
    assert_eq!(poll(), Poll::Pending);
    gate.open();
    while woken.0.load(Ordering::SeqCst) == 0 {
        std::thread::park();
    }
    assert_eq!(poll(), Poll::Ready(Ok(vec![New])));
    assert_eq!(poll(), Poll::Ready(Ok(vec![New])));
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    drop(gate);
    assert_eq!(all_of(thread), 1);
}

#[test]
fn whoever_follows_is_called_once_before_or_after() {
    let (thread, writer, gate) = start(Bounds::default());
    let first = busy(&writer, &gate);
    let (told, answers) = channel();
    let follow = |name: &'static str| {
        let told = told.clone();
        move |answer| told.send((name, answer)).unwrap()
    };
    first.then(follow("before"));
    // One who panics does no harm to the others.
    writer.submit(submission("angry")).unwrap().then(|_| panic!("not like this"));
    let late = writer.submit(submission("late")).unwrap();
    gate.leave_open();
    assert_eq!(writer.append(one("last")), Ok(vec![New]));
    late.then(follow("after"));
    drop(told);
    let told: Vec<_> = answers.iter().collect();
    assert_eq!(told, [("before", Ok(vec![New])), ("after", Ok(vec![New]))]);
    assert_eq!(all_of(thread), 4);
}

#[test]
fn many_threads_write_into_sqlite_and_each_entry_is_in_once() {
    const THREADS: usize = 8;
    const EACH: usize = 50;
    let (_folder, path) = new_path();
    let ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    let thread = WriterThread::start(ledger, Bounds::default()).unwrap();
    let start = Barrier::new(THREADS);
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for index in 0..THREADS {
            let writer = thread.writer().clone();
            let (start, answers) = (&start, &answers);
            scope.spawn(move || {
                start.wait();
                for number in 0..EACH {
                    // Two threads at a time write the same.
                    let entries = one(&format!("{}-{number}", index / 2));
                    answers.lock().unwrap().extend(writer.append(entries).unwrap());
                }
            });
        }
    });
    let answers = answers.into_inner().unwrap();
    let count = |what| answers.iter().filter(|&&answer| answer == what).count();
    assert_eq!((count(New), count(Known)), (THREADS * EACH / 2, THREADS * EACH / 2));
    let ledger = thread.finish().unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (200, vec![]));
    let uids: BTreeSet<_> = all(&ledger).iter().map(|entry| entry.uid).collect();
    assert_eq!(uids.len(), 200);
}

#[test]
fn readers_of_sqlite_keep_nobody_waiting() {
    let (_folder, path) = new_path();
    let ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    let thread = WriterThread::start(ledger, Bounds::default()).unwrap();
    thread.writer().append(one("before")).unwrap();
    let reading = Connection::open(&path).unwrap();
    let count = || {
        let sql = "SELECT count(*) FROM entries";
        reading.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap()
    };
    reading.execute_batch("BEGIN").unwrap();
    assert_eq!(count(), 1);
    for index in 0..20 {
        assert_eq!(thread.writer().append(one(&index.to_string())), Ok(vec![New]));
        let reader = SqliteLedger::open(&path, OpenMode::Read).unwrap();
        assert_eq!(reader.total(&by("")).unwrap().requests, 2 + index);
    }
    assert_eq!(count(), 1);
}

#[test]
fn what_sqlite_refuses_is_told_to_its_sender_alone() {
    let (_folder, path) = new_path();
    let mut ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    ledger.append(&one("before")).unwrap();
    let fault = "CREATE TRIGGER fault BEFORE INSERT ON entries WHEN new.own_id LIKE 'bad%' \
                 BEGIN SELECT raise(ABORT, 'the fifth wheel'); END";
    Connection::open(&path).unwrap().execute_batch(fault).unwrap();
    let thread = WriterThread::start(ledger, Bounds::default()).unwrap();
    let ids: Vec<String> =
        (0..200).map(|id| format!("{}-{id}", if id % 9 == 4 { "bad" } else { "good" })).collect();
    let receipts: Vec<_> = ids
        .iter()
        .map(|id| {
            let mut entries = one(id);
            entries[0].attribution.user = Some(id.clone());
            let position = u64::try_from(entries.len()).unwrap();
            let mark = Some(Mark { journal: JOURNAL, position });
            (id, thread.writer().submit(Submission { entries, mark }).unwrap())
        })
        .collect();
    for (id, receipt) in receipts {
        match receipt.wait() {
            Ok(answer) => assert!(answer == [New] && id.starts_with("good"), "{id}"),
            Err(error) => {
                assert!(id.starts_with("bad") && error.to_string().contains("the fifth wheel"));
            }
        }
    }
    let found = thread.finish().unwrap().verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (1 + 200 - 22, vec![]));
}
