//! An export as JSON lines is a copy: imported into an empty ledger, it is the same ledger again.

use crate::support::{Centime, in_repository};

const EVENTS: [&str; 7] = [
    r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":1000,"output":33},"user":"ann","tags":{"app":"bot"},"metadata":{"a":[1.50]}}"#,
    r#"{"id":"2","at":"2024-05-01","model":"mystery","meters":{"input":7},"requests":3}"#,
    r#"{"id":"3","at":"2024-05-02","model":"big","meters":{"input":10},"status":"in_doubt"}"#,
    r#"{"at":"2024-05-02","model":"big","meters":{"input":10}}"#,
    r#"{"at":"2024-05-02","model":"big","meters":{"input":10}}"#,
    r#"{"id":"4","at":"2024-05-03","model":"big","meters":{},"status":"error"}"#,
    r#"{"model":"big","meters":{"input":7},"reported_cost":0.5,"service_tier":"flex","latency_ms":12}"#,
];

/// A ledger with everything that entries come to: repriced twice, settled, unpriced no more.
fn with_events() -> Centime {
    let centime = Centime::new();
    centime.import_events(EVENTS).ok();
    for rate in ["input=1", "input=3"] {
        centime.run(["prices", "set", "mystery", rate, "--per", "1M", "--from", "2024-01-01"]).ok();
        centime.run(["reprice", "--all", "--yes", "--where", "model=mystery"]).ok();
    }
    centime.run(["resolve", "3", "--cost", "0.25"]).ok();
    centime
}

fn export(centime: &Centime) -> String {
    centime.run(["export", "--format", "jsonl"]).ok().text().to_owned()
}

#[test]
fn an_export_that_is_imported_is_the_same_ledger() {
    let centime = with_events();
    let exported = export(&centime);
    assert_eq!(exported.lines().count(), 10);
    for wrapped in [exported.clone(), format!("[{}]", exported.trim_end().replace('\n', ","))] {
        let restored = Centime::new();
        let new = restored.feed(&wrapped, ["import", "-", "--format", "json"]).ok().json();
        assert_eq!((new.text("new"), new.text("known")), ("10".to_owned(), "0".to_owned()));
        assert_eq!(new.text("total.unpriced_requests"), "0");
        assert_eq!(export(&restored), exported);
        for report in ["total", "models", "users", "daily", "tag:app"] {
            assert_eq!(restored.report([report]).raw(), centime.report([report]).raw());
        }
        restored.assert_verified(10);
        // Once, and for good.
        let again = restored.feed(&wrapped, ["import", "-", "--format", "json"]).ok().json();
        assert_eq!((again.text("new"), again.text("known")), ("0".to_owned(), "10".to_owned()));
        assert_eq!(export(&restored), exported);
    }
    // The events are known to the copy, too: identities are the same.
    let restored = Centime::new();
    restored.feed(&exported, ["import", "-"]).ok();
    let events = EVENTS[..6].join("\n");
    let again = restored.feed(events, ["import", "-", "--format", "json"]).ok().json();
    assert_eq!((again.text("new"), again.text("known")), ("0".to_owned(), "6".to_owned()));
}

#[test]
fn a_whole_trace_is_restored() {
    let centime = Centime::new();
    let trace = in_repository("examples/azure-llm-2023-code.csv.gz");
    let map = "at=TIMESTAMP,input=ContextTokens,output=GeneratedTokens";
    let trace = trace.display().to_string();
    centime.run(["import", &trace, "--map", map, "--set", "model=gpt-4"]).ok();
    centime.shell("\"$CENTIME\" export --format jsonl | \"$CENTIME\" import - --db new.db").ok();
    let script = "\"$CENTIME\" export --format jsonl > a; \"$CENTIME\" export --format jsonl --db new.db | cmp a -";
    centime.shell(script).ok();
    centime.run(["verify", "--db", "new.db"]).ok();
}

#[test]
fn adjustments_that_do_not_fit_are_refused_together() {
    let centime = with_events();
    let exported = export(&centime);
    let (attempts, adjustments): (Vec<&str>, Vec<&str>) =
        exported.lines().partition(|line| line.contains(r#""adjusts":null"#));
    assert_eq!(adjustments.len(), 3);
    let refused = |centime: &Centime, lines: &[&str], words: &str| {
        let before = export(centime);
        centime.feed(lines.join("\n"), ["import", "-"]).exits(2).says(words);
        assert_eq!(export(centime), before);
    };
    // Without their attempts, in a ledger that has none of them.
    let other = Centime::new();
    other.feed(attempts[0], ["import", "-"]).ok();
    refused(&other, &adjustments, "which is not in the ledger");
    // Where the same attempts were adjusted otherwise.
    let other = Centime::new();
    other.feed(attempts.join("\n"), ["import", "-"]).ok();
    other.run(["prices", "set", "mystery", "input=9", "--per", "1M", "--from", "2024-01-01"]).ok();
    other.run(["reprice", "--yes", "--where", "model=mystery"]).ok();
    other.run(["resolve", "3", "--void"]).ok();
    refused(&other, &adjustments, "adjusted or priced otherwise");
    other.run(["verify"]).ok();
    // One after the other, and not the second first.
    let other = Centime::new();
    other.feed(attempts.join("\n"), ["import", "-"]).ok();
    refused(&other, &adjustments[1..2], "adjusted or priced otherwise");
    for adjustment in &adjustments {
        other.feed(adjustment, ["import", "-"]).ok();
    }
    other.assert_verified(10);
    assert_eq!(other.report(["total"]).raw(), centime.report(["total"]).raw());
}

#[test]
fn what_was_tampered_with_is_refused_and_the_rest_goes_in() {
    let centime = with_events();
    let exported = export(&centime);
    let forged = exported.replacen(r#""charge":0.01132"#, r#""charge":0.01131"#, 1);
    assert_ne!(forged, exported);
    let restored = Centime::new();
    let ran = restored.feed(&forged, ["import", "-"]).exits(2);
    ran.says("standard input:1").says("does not hold");
    restored.assert_verified(9);
    let ran = restored.feed(&exported, ["import", "-", "--set", "user=me"]).exits(2);
    ran.says("leave --set out");
}
