//! An import is killed at any moment: what it wrote is sound and stays, and importing again completes
//! it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Centime, Dice, lines};

/// Every file ends a batch, so that there are many to be killed in.
const FILES: usize = 12;
const EVENTS_A_FILE: usize = 200;
const EVENTS: usize = FILES * EVENTS_A_FILE;
const ROUNDS: usize = 40;

/// The events of a file; a third has no id, and all of those are alike.
fn events(file: usize) -> impl Iterator<Item = String> {
    (0..EVENTS_A_FILE).map(move |index| {
        let id = match index % 3 {
            0 => String::new(),
            _ => format!(r#""id":"{file}-{index}","#),
        };
        format!(
            r#"{{{id}"at":"2024-05-01","model":"big","meters":{{"input":100}},"user":"{file}"}}"#
        )
    })
}

fn import(db: &str) -> Vec<String> {
    let files = (0..FILES).map(|file| format!("{file}.jsonl"));
    let how = ["--prices", "prices", "--format", "json", "--db", db].map(str::to_owned);
    ["import".to_owned()].into_iter().chain(files).chain(how).collect()
}

/// How many entries there are, in a ledger that is sound; none where there is no ledger yet.
fn entries_in(centime: &Centime, db: &str) -> i128 {
    let verified = centime.run(["verify", "--format", "json", "--db", db]);
    if centime.path(db).exists() && !verified.words().contains("no ledger in it yet") {
        return verified.ok().json().whole("entries");
    }
    verified.exits(3);
    0
}

#[test]
fn importing_again_completes_what_was_killed() {
    let centime = Centime::with_round_prices();
    for file in 0..FILES {
        centime.write(&format!("{file}.jsonl"), lines(events(file)));
    }
    let started = Instant::now();
    centime.run(import("whole.db")).ok();
    let whole_us = usize::try_from(started.elapsed().as_micros()).unwrap();

    let mut dice = Dice(7);
    let (mut ledger, mut before, mut partial) = (0, 0, 0);
    for round in 0..ROUNDS {
        let db = format!("{ledger}.db");
        let mut command = centime.command(import(&db));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = u64::try_from(dice.roll(whole_us)).unwrap();
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        child.wait().unwrap();

        let found = entries_in(&centime, &db);
        let what = format!("round {round}: killed after {moment} µs of {whole_us} with {found}");
        assert!(found >= before, "{what}, after {before}");
        before = found;
        let whole = i128::try_from(EVENTS).unwrap();
        partial += u32::from(found > 0 && found < whole);
        // The same ledger goes through several deaths before it is completed.
        if found < whole && round % 5 < 4 {
            continue;
        }
        let summary = centime.run(import(&db)).ok().json();
        let expected = (found, whole - found);
        assert_eq!((summary.whole("known"), summary.whole("new")), expected, "{what}");
        let verified = centime.run(["verify", "--format", "json", "--db", &db]).ok().json();
        assert_eq!(
            (verified.whole("entries"), verified.text("total")),
            (whole, "2.4".to_owned()),
            "{what}"
        );
        (ledger, before) = (ledger + 1, 0);
    }
    assert!(partial > 0, "none was killed between two batches");
}
