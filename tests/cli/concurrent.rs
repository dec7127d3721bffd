//! Many imports at once into one ledger, out of files that overlap.

use std::process::Stdio;

use crate::exact::{Json, usd};
use crate::support::{Centime, lines};

const EVENTS: usize = 6000;
const IMPORTS: usize = 8;

fn event(index: usize) -> String {
    let input = index + 1;
    // Every third is told apart by what it says alone.
    let id = if index.is_multiple_of(3) { String::new() } else { format!(r#""id":"e-{index}","#) };
    let user = index % 7;
    format!(
        r#"{{{id}"at":"2024-05-01T12:00:00Z","model":"big","meters":{{"input":{input}}},"user":"u{user}"}}"#
    )
}

#[test]
fn every_event_is_acknowledged_and_in_the_ledger_once() {
    let centime = Centime::with_round_prices();
    let mut running = Vec::new();
    let mut read = 0;
    for import in 0..IMPORTS {
        // Each file holds half of all events, and starts an eighth after the one before.
        let events =
            (0..EVENTS / 2).map(|index| event((import * EVENTS / IMPORTS + index) % EVENTS));
        let name = format!("{import}.jsonl");
        read += events.len();
        centime.write(&name, lines(events));
        let mut command =
            centime.command(["import", &name, "--prices", "prices", "--format", "json"]);
        running.push(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    }
    let (mut new, mut known) = (0, 0);
    for child in running {
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        let summary = Json::parse(std::str::from_utf8(&output.stdout).unwrap());
        assert_eq!(summary.text("refused"), "0", "{words}");
        new += summary.whole("new");
        known += summary.whole("known");
    }
    let events = i128::try_from(EVENTS).unwrap();
    assert_eq!((new, new + known), (events, i128::try_from(read).unwrap()));
    centime.assert_verified(EVENTS);
    let total = centime.report(["total"]);
    // 1 + 2 + … tokens at 10 millionths of a dollar.
    assert_eq!(total.text("total.cost"), usd(events * (events + 1) / 2 * 10_000_000));
    assert_eq!(total.whole("total.requests"), events);
}
