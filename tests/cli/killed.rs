//! An import is killed at any moment: what it wrote is sound, and importing again completes it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Centime, Dice, lines};

const EVENTS: usize = 9_000;

fn import(db: &str) -> [&str; 8] {
    ["import", "events.jsonl", "--prices", "prices", "--format", "json", "--db", db]
}

#[test]
fn importing_again_completes_what_was_killed() {
    let centime = Centime::with_round_prices();
    let event =
        |id| format!(r#"{{"id":"{id}","at":"2024-05-01","model":"big","meters":{{"input":100}}}}"#);
    // A third has no id, and all of those are alike.
    let anonymous = r#"{"at":"2024-05-01","model":"big","meters":{"input":100}}"#.to_owned();
    let events = (0..EVENTS).map(|id| if id % 3 == 0 { anonymous.clone() } else { event(id) });
    centime.write("events.jsonl", lines(events));
    let started = Instant::now();
    centime.run(import("whole.db")).ok();
    let whole_us = usize::try_from(started.elapsed().as_micros()).unwrap();

    let mut dice = Dice(7);
    for round in 0..10 {
        let db = format!("{round}.db");
        let mut command = centime.command(import(&db));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = u64::try_from(dice.roll(whole_us)).unwrap();
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        child.wait().unwrap();

        let verified = centime.run(["verify", "--format", "json", "--db", &db]);
        let is_made =
            centime.path(&db).exists() && !verified.words().contains("no ledger in it yet");
        let before = match is_made {
            true => verified.ok().json().whole("entries"),
            false => {
                verified.exits(3);
                0
            }
        };
        let what = format!("killed after {moment} µs of {whole_us} with {before} entries");
        let summary = centime.run(import(&db)).ok().json();
        let whole = i128::try_from(EVENTS).unwrap();
        assert_eq!(
            (summary.whole("known"), summary.whole("new")),
            (before, whole - before),
            "{what}"
        );
        let verified = centime.run(["verify", "--format", "json", "--db", &db]).ok().json();
        assert_eq!(
            (verified.whole("entries"), verified.text("total")),
            (whole, "9".to_owned()),
            "{what}"
        );
    }
}
