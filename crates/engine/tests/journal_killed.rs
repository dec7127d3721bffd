//! A process that makes calls by many threads ends at any moment, or runs out of room: every call that
//! it could have made is in the ledger once, with its outcome where that was written.
//!
//! The process is this very program, started again to run [`calls_until_it_ends`] alone.

#![allow(clippy::disallowed_methods, reason = "a process is told by its environment what to do")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use centime_core::entry::{Entry, Status, Uid};
use centime_core::time::Timestamp;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_engine::journal::{Durability, Journal, JournalError, Settings};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::writer::{Bounds, WriterThread};
use centime_ledger::{Entries as _, EntryFilter, Page, Verify as _};
use centime_providers::event::{Constants, read_event};
use jiff::tz::TimeZone;

const THREADS: u64 = 8;
const ROUNDS: u64 = 50;

/// Names the folder that the process works in, how long a segment is, and which round it is.
const ORDER: &str = "CENTIME_TEST_ORDER";

fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

/// A call as it is when it ended well.
fn call() -> Entry {
    let event = r#"{"id":"1","model":"gpt-5","meters":{"input":200,"output":50},"user":"ann"}"#;
    let mut pricer = Pricer::new(centime_prices::embedded().unwrap());
    let mut ingest = Ingest::new(
        &mut pricer,
        "gateway",
        ChargePolicy::Ours,
        centime_engine::KeyNames::under(&[7; 32]),
    );
    let read = read_event(event, &Constants::default(), &TimeZone::UTC).unwrap();
    ingest.entry(read, event.as_bytes(), now()).unwrap()
}

fn named(call: &Entry, id: String, status: Status) -> Entry {
    Entry { uid: Uid::of_own_id("gateway", &id), own_id: Some(id), status, ..call.clone() }
}

/// What becomes of a call, which its number says.
#[derive(Debug, PartialEq)]
enum Fate {
    /// It is released.
    Released,
    /// Nobody ever hears of it again.
    Lost,
    /// It is settled and nothing more.
    Settled,
    /// It is settled and folded into the ledger.
    Folded,
}

fn fate(number: u64) -> Fate {
    match number % 8 {
        1 => Fate::Released,
        3 => Fate::Lost,
        5 => Fate::Settled,
        _ => Fate::Folded,
    }
}

/// The process of the tests below; among the tests, nothing.
#[test]
fn calls_until_it_ends() {
    let Some(order) = std::env::var_os(ORDER) else { return };
    let order = order.into_string().unwrap();
    let [home, segment_bytes, round] = order.split(';').collect::<Vec<_>>().try_into().unwrap();
    let (home, round): (&Path, u64) = (home.as_ref(), round.parse().unwrap());
    let mut ledger = SqliteLedger::open(&home.join("centime.db"), OpenMode::Write).unwrap();
    let settings = Settings {
        durability: if round % 3 == 0 { Durability::Power } else { Durability::Process },
        segment_bytes: segment_bytes.parse().unwrap(),
        ..Settings::default()
    };
    let (journal, _) = Journal::open(&home.join("calls"), settings, &mut ledger, now()).unwrap();
    let writing = WriterThread::start(ledger, Bounds::default()).unwrap();
    let call = call();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (journal, writer, call) = (&journal, writing.writer().clone(), &call);
            scope.spawn(move || {
                for number in 0.. {
                    let id = format!("{round}-{thread}-{number}");
                    let made = make(journal, &writer, call, &id, number);
                    if let Err(error) = made {
                        return say("failed", &error.to_string());
                    }
                }
            });
        }
    });
}

fn make(
    journal: &Journal,
    writer: &centime_ledger::writer::Writer,
    call: &Entry,
    id: &str,
    number: u64,
) -> Result<(), JournalError> {
    let intent = named(call, id.to_owned(), Status::InDoubt);
    journal.intend(&intent)?.wait()?;
    say("intended", id);
    let outcome = named(call, id.to_owned(), Status::Ok);
    match fate(number) {
        Fate::Released => {
            journal.release(outcome.uid)?;
            say("released", id);
        }
        Fate::Lost => {}
        fate => {
            journal.settle(&outcome)?.wait()?;
            say("settled", id);
            if fate == Fate::Folded {
                // Where there is no room it stays in the journal.
                let _ = journal.fold(writer, outcome, |_| ());
            }
        }
    }
    Ok(())
}

/// Past the harness of the tests, which would hold it back.
fn say(what: &str, about: &str) {
    writeln!(std::io::stdout().lock(), "{what} {about}").unwrap();
}

/// The process: this program with one test to run, behind `sh -c` and a script.
fn start(home: &Path, segment_bytes: u64, round: u64, script: &str) -> Child {
    let mut command = Command::new("sh");
    let order = format!("{};{segment_bytes};{round}", home.display());
    command.args(["-c", script]).env("TEST", std::env::current_exe().unwrap()).env(ORDER, order);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

const RUN: &str = "exec \"$TEST\" --exact calls_until_it_ends --nocapture";

/// When a process is killed: so long after it started, or after its first call.
enum Death {
    AfterStart(Duration),
    AfterFirstCall(Duration),
    Never,
}

/// Listens to a process until it ends; a line that it could not end was not said.
fn listen(mut child: Child, death: &Death) -> Vec<(String, String)> {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (begin, begun) = channel();
    let hearing = std::thread::spawn(move || {
        let (mut heard, mut line) = (Vec::new(), String::new());
        while out.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
            if let Some((what, about)) = line.trim_end().split_once(' ') {
                if what == "intended" {
                    begin.send(()).ok();
                }
                heard.push((what.to_owned(), about.to_owned()));
            }
            line.clear();
        }
        heard
    });
    let delay = match death {
        Death::Never => None,
        Death::AfterStart(delay) => Some(*delay),
        Death::AfterFirstCall(delay) => {
            begun.recv_timeout(Duration::from_secs(60)).unwrap();
            Some(*delay)
        }
    };
    if let Some(delay) = delay {
        std::thread::sleep(delay);
        child.kill().unwrap();
    }
    child.wait().unwrap();
    hearing.join().unwrap()
}

/// Replays what was left, and makes sure of every call that was heard of.
fn assert_kept(home: &Path, heard: &BTreeMap<String, String>, what: &str) {
    let mut ledger = SqliteLedger::open(&home.join("centime.db"), OpenMode::Write).unwrap();
    let opened = Journal::open(&home.join("calls"), Settings::default(), &mut ledger, now());
    let (journal, found) = opened.unwrap();
    assert_eq!(found.damage, [], "{what}");
    assert_eq!(journal.pending(), 0);
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, [], "{what}");
    let everything = Page { limit: usize::MAX, after: None };
    let entries = ledger.entries(&EntryFilter::default(), &everything).unwrap();
    let entries: BTreeMap<String, Status> =
        entries.into_iter().map(|entry| (entry.own_id.unwrap(), entry.status)).collect();
    for (id, last) in heard {
        let number = id.rsplit('-').next().unwrap().parse().unwrap();
        let found = entries.get(id).copied();
        let fits = match (last.as_str(), fate(number)) {
            ("settled", _) => found == Some(Status::Ok),
            ("released", _) => found.is_none(),
            (_, Fate::Lost) => found == Some(Status::InDoubt),
            // What it wrote next it could not say.
            (_, Fate::Released) => found.is_none_or(|status| status == Status::InDoubt),
            _ => found.is_some(),
        };
        assert!(fits, "{what}: {id} was {last} and is {found:?}");
    }
    // A call that was not heard of is the one that each thread was at.
    let unheard = entries.keys().filter(|id| !heard.contains_key(*id)).count() as u64;
    assert!(unheard <= THREADS * (ROUNDS + 1), "{what}: {unheard}");
}

#[test]
fn no_call_is_lost_or_twice_in_the_ledger_when_the_process_is_killed() {
    let mut seed = 11_u64;
    let mut roll_us = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let mut home = tempfile::tempdir().unwrap();
    let (mut heard, mut settled) = (BTreeMap::new(), 0);
    for round in 0..ROUNDS {
        if round % 10 == 0 {
            (home, heard) = (tempfile::tempdir().unwrap(), BTreeMap::new());
        }
        // At every other time it is under way for sure, on however slow a machine.
        let is_under_way = round % 2 == 1;
        let moment_us = roll_us(if is_under_way { 50_000 } else { 200_000 });
        let delay = Duration::from_micros(moment_us);
        let death =
            if is_under_way { Death::AfterFirstCall(delay) } else { Death::AfterStart(delay) };
        let child = start(home.path(), 20_000, round, RUN);
        for (what, id) in listen(child, &death) {
            assert!(what != "failed", "{id}");
            settled += u64::from(what == "settled");
            if ["intended", "settled", "released"].contains(&what.as_str()) {
                heard.insert(id, what);
            }
        }
        // Every other time the next process finds what this one left.
        if is_under_way {
            assert_kept(home.path(), &heard, &format!("round {round}, after {moment_us} µs"));
        }
    }
    assert!(settled > ROUNDS, "{settled}");
}

#[test]
fn without_room_no_call_is_made_and_none_is_lost() {
    // In blocks of 512 bytes; the signal that would end the process is ignored, as services do.
    for blocks in [400, 1000] {
        let home = tempfile::tempdir().unwrap();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; {RUN}");
        let (mut heard, mut failed) = (BTreeMap::new(), 0);
        for (what, about) in listen(start(home.path(), 1 << 30, 1, &script), &Death::Never) {
            match what.as_str() {
                "failed" => {
                    assert!(about.contains("cannot write the journal `"), "{about}");
                    failed += 1;
                }
                "intended" | "settled" | "released" => drop(heard.insert(about, what)),
                _ => {}
            }
        }
        assert_eq!(failed, THREADS);
        assert!(heard.len() > 100);
        assert_kept(home.path(), &heard, &format!("{blocks} blocks"));
    }
}
