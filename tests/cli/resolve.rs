//! `centime resolve`: what is in doubt is settled once, and nothing is changed.

use crate::support::Centime;

/// In doubt: 1 cent by its usage, one without a price, an aggregate that used nothing. Not in doubt: 2 cents.
const EVENTS: [&str; 4] = [
    r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":1000},"status":"in_doubt","user":"ann"}"#,
    r#"{"id":"2","at":"2024-05-02","model":"mystery","meters":{"input":7},"status":"in_doubt"}"#,
    r#"{"id":"3","at":"2024-05-03","model":"big","meters":{},"status":"in_doubt","requests":5}"#,
    r#"{"id":"4","at":"2024-05-04","model":"big","meters":{"input":2000}}"#,
];

fn with_events() -> Centime {
    let centime = Centime::new();
    centime.import_events(EVENTS).ok();
    centime
}

/// Cost, requests, those in doubt and those without a price.
fn total(centime: &Centime) -> [String; 4] {
    let report = centime.report(["total"]);
    ["cost", "requests", "in_doubt_requests", "unpriced_requests"]
        .map(|name| report.text(&format!("total.{name}")))
}

#[test]
fn what_is_settled_is_in_doubt_no_more() {
    let centime = with_events();
    let first = centime.run(["explain", "1", "--format", "json"]).ok().json();
    assert_eq!(total(&centime), ["0.03", "8", "7", "1"]);
    centime.run(["explain", "1"]).ok().prints("settle it with `centime resolve 1`");
    for (id, figure, expected) in [
        ("1", &["--cost", "0.000000000001"][..], ["0.020000000001", "8", "6", "1"]),
        ("2", &["--cost", "1.5"], ["1.520000000001", "8", "5", "0"]),
        ("3", &["--void"], ["1.520000000001", "8", "0", "0"]),
    ] {
        let settled = centime.run(["resolve", id].iter().chain(figure)).ok();
        settled.prints("is settled at");
        assert_eq!(total(&centime), expected, "{id}");
        let before = centime.run(["export", "--format", "jsonl"]).ok().text().to_owned();
        centime.run(["resolve", id].iter().chain(figure)).ok().prints("already");
        centime.run(["resolve", id, "--cost", "7"]).exits(2).prints_nothing().says("already");
        let after = centime.run(["export", "--format", "jsonl"]).ok().text().to_owned();
        assert_eq!(before, after);
        centime.run(["verify"]).ok();
    }
    // The entry is as it was; what it costs now has a source.
    let explained = centime.run(["explain", "1", "--format", "json"]).ok().json();
    for field in ["cost", "lines", "status", "pricing_status", "recorded_at"] {
        assert_eq!(explained.at(field).raw(), first.at(field).raw(), "{field}");
    }
    assert_eq!(explained.text("present.cost"), "0.000000000001");
    assert_eq!(explained.text("present.card.source"), "settled by `centime resolve`");
    centime.run(["explain", "3"]).ok().prints("was in doubt, and is settled").prints("voided by");
    // Grouped as the call itself is.
    let users = centime.report(["users"]);
    let ann = users.at("groups").items();
    let ann = ann.iter().find(|group| group.text("user") == "ann").unwrap();
    let figures = ["cost", "requests", "in_doubt_requests"];
    assert_eq!(figures.map(|name| ann.text(name)), ["0.000000000001", "1", "0"]);
    // A settled charge is nobody's to price.
    centime
        .run(["prices", "set", "mystery", "input=1", "--per", "1M", "--from", "2024-01-01"])
        .ok();
    centime.run(["reprice", "--all", "--yes", "--where", "model=mystery"]).ok();
    assert_eq!(total(&centime)[0], "1.520000000001");
    centime.assert_verified(7);
}

#[test]
fn a_void_is_a_cost_of_nothing() {
    let centime = with_events();
    let answer = |args: &[&str]| {
        let ran = centime.run(["resolve", "--format", "json"].iter().chain(args));
        let answer = ran.ok().json();
        ["cost", "new", "before"].map(|name| answer.text(name))
    };
    assert_eq!(answer(&["1", "--void"]), ["0", "true", "0.01"]);
    assert_eq!(answer(&["1", "--cost", "0"]), ["0", "false", "null"]);
}

#[test]
fn what_is_not_in_doubt_stays_as_it_is() {
    let centime = Centime::new();
    centime.run(["resolve", "1", "--void"]).exits(3).says("no ledger");
    assert!(!centime.path("centime.db").exists());
    centime.import_events(EVENTS).ok();
    centime.run(["resolve", "1", "--cost", "0.5"]).ok();
    let adjustment = centime.entries().into_iter().find(|entry| entry.text("adjusts") != "null");
    let adjustment = adjustment.unwrap().text("uid");
    for (args, words) in [
        (&["4", "--void"][..], "its status is `ok`, not `in_doubt`"),
        (&["nobody", "--void"], "there is no entry `nobody`"),
        (&[&*adjustment, "--void"], "is an adjustment; name the entry it adjusts: `1`"),
        (&["2"], "--cost"),
        (&["2", "--cost", "1", "--void"], "--void"),
        (&["2", "--cost", "-1"], "`-1` is negative"),
        (&["2", "--cost", "0.0000000000001"], "more than 12 decimals"),
        (&["2", "--cost", "99999999"], "too large"),
    ] {
        centime.run(["resolve"].iter().chain(args)).exits(2).prints_nothing().says(words);
    }
    centime.assert_verified(5);
}
