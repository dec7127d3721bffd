//! A process that writes by many threads ends at any moment, or runs out of room: whatever it
//! acknowledged is in the ledger, once, and the ledger is sound.
//!
//! The process is this very program, started again to run [`writes_until_it_ends`] alone.

#![allow(clippy::disallowed_methods, reason = "a process is told by its environment what to do")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use centime_core::meter::Meter;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::writer::{Bounds, Submission, Writer, WriterThread};
use centime_ledger::{JournalId, Journals as _, LedgerError, Mark, Verify as _};

use crate::homes::new_path;
use crate::samples::{all, entry};

const THREADS: u8 = 8;
const ROUNDS: usize = 100;
/// A new ledger after so many rounds.
const ROUNDS_OF_A_LEDGER: usize = 10;

/// Names the ledger that the process writes to.
const LEDGER: &str = "CENTIME_TEST_LEDGER";

/// The process of the tests below; among the tests, nothing.
#[test]
fn writes_until_it_ends() {
    let Some(path) = std::env::var_os(LEDGER) else { return };
    let ledger = SqliteLedger::open(Path::new(&path), OpenMode::Write).unwrap();
    let marks = (0..THREADS).map(|thread| ledger.mark(journal(thread)).unwrap().unwrap_or(0));
    let marks: Vec<u64> = marks.collect();
    let writing = WriterThread::start(ledger, Bounds::default()).unwrap();
    std::thread::scope(|scope| {
        for (thread, mark) in (0..THREADS).zip(marks) {
            let writer = writing.writer().clone();
            scope.spawn(move || write(&writer, thread, mark));
        }
    });
}

fn journal(thread: u8) -> JournalId {
    JournalId([thread; 16])
}

/// Writes the entries of a thread, one after the other, and says of each when it is acknowledged.
fn write(writer: &Writer, thread: u8, mark: u64) {
    for number in mark.. {
        let entries = vec![entry(&format!("{thread}-{number}"), &[(Meter::Input, "1")])];
        let mark = Some(Mark { journal: journal(thread), position: number + 1 });
        let answer = writer.submit(Submission { entries, mark }).unwrap().wait();
        // Past the harness of the tests, which would hold it back.
        let mut out = std::io::stdout().lock();
        match answer {
            Ok(_) => writeln!(out, "wrote {thread} {number}").unwrap(),
            Err(error) => return writeln!(out, "failed {error}").unwrap(),
        }
    }
}

/// The process: this program with one test to run, behind `sh -c` and a script.
fn start(path: &Path, script: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("TEST", std::env::current_exe().unwrap()).env(LEDGER, path);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

const RUN: &str = "exec \"$TEST\" --exact writer_killed::writes_until_it_ends --nocapture";

/// What a process says, line by line; a line that it could not end was not said.
fn said(child: &mut Child) -> Receiver<String> {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (say, said) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        while out.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
            let is_heard = say.send(line.trim_end().to_owned());
            if is_heard.is_err() {
                break;
            }
            line.clear();
        }
    });
    said
}

/// How many entries of each thread were acknowledged, at least.
#[derive(Default)]
struct Acknowledged(BTreeMap<u8, u64>);

impl Acknowledged {
    fn hear(&mut self, line: &str) -> bool {
        let mut words = line.split(' ');
        if words.next() != Some("wrote") {
            return false;
        }
        let thread = words.next().unwrap().parse().unwrap();
        let number: u64 = words.next().unwrap().parse().unwrap();
        let count = self.0.entry(thread).or_default();
        *count = (number + 1).max(*count);
        true
    }

    /// Makes sure that the ledger is sound and holds what it must, and of each thread exactly what the
    /// thread's mark says.
    fn assert_kept(&self, path: &Path, what: &str) {
        let ledger = match SqliteLedger::open(path, OpenMode::Read) {
            // It ended before it made one.
            Err(LedgerError::Open { .. }) if self.0.is_empty() => return,
            opened => opened.unwrap(),
        };
        let found = ledger.verify(&mut |_| {}).unwrap();
        assert_eq!(found.differences, [], "{what}");
        let mut numbers: BTreeMap<u8, Vec<u64>> = BTreeMap::new();
        for entry in all(&ledger) {
            let id = entry.own_id.unwrap();
            let (thread, number) = id.split_once('-').unwrap();
            numbers.entry(thread.parse().unwrap()).or_default().push(number.parse().unwrap());
        }
        for thread in 0..THREADS {
            let mut numbers = numbers.remove(&thread).unwrap_or_default();
            numbers.sort_unstable();
            let mark = ledger.mark(journal(thread)).unwrap().unwrap_or(0);
            assert_eq!(numbers, (0..mark).collect::<Vec<_>>(), "{what}: thread {thread}");
            let acknowledged = self.0.get(&thread).copied().unwrap_or(0);
            assert!(acknowledged <= mark, "{what}: thread {thread}: {acknowledged} of {mark}");
        }
        assert!(numbers.is_empty());
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let mut seed = 7_u64;
    let mut roll_us = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let mut heard_in_all = 0;
    let mut home = new_path();
    let mut acknowledged = Acknowledged::default();
    for round in 0..ROUNDS {
        if round % ROUNDS_OF_A_LEDGER == 0 {
            (home, acknowledged) = (new_path(), Acknowledged::default());
        }
        let mut child = start(&home.1, RUN);
        let said = said(&mut child);
        // At every other time it is under way for sure, on however slow a machine.
        let is_under_way = round % 2 == 1;
        let mut heard = 0;
        if is_under_way {
            while heard == 0 {
                let line = said.recv_timeout(Duration::from_secs(60)).unwrap();
                heard += usize::from(acknowledged.hear(&line));
            }
        }
        let moment_us = roll_us(if is_under_way { 50_000 } else { 200_000 });
        std::thread::sleep(Duration::from_micros(moment_us));
        child.kill().unwrap();
        child.wait().unwrap();
        heard += said.iter().filter(|line| acknowledged.hear(line)).count();
        let what = format!("round {round}, killed after {moment_us} µs, {heard} acknowledged");
        acknowledged.assert_kept(&home.1, &what);
        heard_in_all += heard;
    }
    assert!(heard_in_all > ROUNDS, "{heard_in_all}");
}

#[test]
fn what_was_acknowledged_stays_when_there_is_no_more_room() {
    // In blocks of 512 bytes; the signal that would end the process is ignored, as services do.
    for blocks in [600, 1200] {
        let (_folder, path) = new_path();
        let mut acknowledged = Acknowledged::default();
        let mut child = start(&path, &format!("trap '' XFSZ; ulimit -f {blocks}; {RUN}"));
        let said = said(&mut child);
        let mut failed = 0;
        for line in said {
            if line.starts_with("failed") {
                assert!(line.contains("centime.db` "), "{line}");
                failed += 1;
            } else {
                acknowledged.hear(&line);
            }
        }
        // It ended by itself, with every thread told.
        assert!(child.wait().unwrap().success());
        assert_eq!(failed, THREADS);
        assert_eq!(acknowledged.0.len(), usize::from(THREADS));
        acknowledged.assert_kept(&path, &format!("{blocks} blocks"));
    }
}
