//! `centime import` of usage events: every way in, exactly once, and nothing silently free.

use crate::exact::Json;
use crate::support::{Centime, gzipped, lines};

const IMPORT: [&str; 5] = ["import", "--prices", "prices", "--format", "json"];

/// New, known and refused.
fn counts(summary: &Json) -> [String; 3] {
    ["new", "known", "refused"].map(|count| summary.text(count))
}

/// Three events that cost 0.001, 0.0004 and 0.00016 USD, the last one without an id.
const EVENTS: [&str; 3] = [
    r#"{"id":"1","at":"2024-05-01T10:00:00Z","model":"big","meters":{"input":100},"user":"ann"}"#,
    r#"{"id":"2","at":"2024-05-01T11:00:00Z","model":"big","meters":{"output":10},"user":"bob"}"#,
    r#"{"at":"2024-05-02T10:00:00Z","model":"small","meters":{"input":40,"output":30},"user":"ann"}"#,
];

#[test]
fn every_way_in_leads_to_the_same_entries() {
    let plain = lines(EVENTS);
    let centime = Centime::with_round_prices();
    for (what, content) in [
        ("plain", plain.clone().into_bytes()),
        ("gzip", gzipped(&plain)),
        (
            "gzip in two members",
            [gzipped(EVENTS[0].to_owned() + "\n"), gzipped(lines(&EVENTS[1..]))].concat(),
        ),
        ("a byte order mark", format!("\u{feff}{plain}").into_bytes()),
        ("lines of Windows", plain.replace('\n', "\r\n").into_bytes()),
        ("no end of the last line", plain.trim_end().into()),
        ("empty lines", plain.replace('\n', "\n\n  \n").into_bytes()),
        ("blanks around", plain.replace('\n', "  \n\t").into_bytes()),
    ] {
        centime.write("events", &content);
        for ledger in ["each.db", what] {
            let from_file =
                centime.run(IMPORT.iter().chain(&["events", "--db", ledger])).ok().json();
            let is_first = ledger == what || what == "plain";
            let expected = if is_first { ["3", "0", "0"] } else { ["0", "3", "0"] };
            assert_eq!(counts(&from_file), expected, "{what}");
            let from_stdin = centime.feed(&content, IMPORT.iter().chain(&["-", "--db", ledger]));
            assert_eq!(counts(&from_stdin.ok().json()), ["0", "3", "0"], "{what}");
        }
        let total = centime.report(["total", "--db", what]);
        assert_eq!(total.text("total.cost"), "0.00156", "{what}");
    }
    let total = centime.report(["total", "--db", "each.db"]);
    assert_eq!(
        (total.text("total.cost"), total.text("total.requests")),
        ("0.00156".into(), "3".into())
    );
}

#[test]
fn many_files_are_one_import() {
    let centime = Centime::with_round_prices();
    for (index, event) in EVENTS.iter().enumerate() {
        centime.write(&format!("{index}.jsonl"), event);
    }
    let files = ["0.jsonl", "1.jsonl", "2.jsonl", "1.jsonl"];
    let summary = centime.run(IMPORT.iter().chain(&files)).ok().json();
    assert_eq!(counts(&summary), ["3", "1", "0"]);
    let models: Vec<_> = summary.at("models").items();
    let models: Vec<_> =
        models.iter().map(|sums| (sums.text("model"), sums.text("cost"))).collect();
    assert_eq!(models, [("big".into(), "0.0014".into()), ("small".into(), "0.00016".into())]);
    assert_eq!(summary.text("total.cost"), "0.00156");
    let again = centime.run(["import", "0.jsonl", "--prices", "prices"]).ok();
    again.says("0 new, 1 known, 0 refused").prints_nothing();
}

#[test]
fn an_id_is_taken_once_and_never_for_something_else() {
    const FIRST: &str = r#"{"id":"1","at":"2024-01-01T00:00:00Z","model":"big","meters":{"input":10,"output":2},"user":"ann","tags":{"app":"x"}}"#;
    for (second, [new, known, refused]) in [
        (FIRST, ["0", "1", "0"]),
        (
            r#" {"tags":{"app":"x"}, "user":"\u0061nn","meters":{"output":2.0,"input":1e1},"model":"big","at":"2024-01-01T01:00:00+01:00","id":"1"}"#,
            ["0", "1", "0"],
        ),
        (
            r#"{"id":"1","model":"big","meters":{"input":10,"output":2},"user":"ann","tags":{"app":"x"}}"#,
            ["0", "1", "0"],
        ),
        (&FIRST.replace(r#""id":"1""#, r#""id":"2""#), ["1", "0", "0"]),
        (&FIRST.replace("2024-01-01", "2024-01-02"), ["0", "0", "1"]),
        (&FIRST.replace("ann", "bob"), ["0", "0", "1"]),
        (&FIRST.replace(r#""output":2"#, r#""output":3"#), ["0", "0", "1"]),
        (&FIRST.replace(r#""output":2"#, r#""cache_read":2"#), ["0", "0", "1"]),
        (&FIRST.replace("big", "small"), ["0", "0", "1"]),
        (&FIRST.replace(r#""app":"x""#, r#""app":"y""#), ["0", "0", "1"]),
        (&FIRST.replace(r#","user":"ann""#, ""), ["0", "0", "1"]),
        (&FIRST.replace(r#""user""#, r#""reported_cost":1,"user""#), ["0", "0", "1"]),
    ] {
        let centime = Centime::new();
        centime.import_events([FIRST]).ok();
        let before = centime.entries();
        let code = if refused == "1" { 2 } else { 0 };
        let ran = centime.import_events([second]).exits(code);
        assert_eq!(counts(&ran.json()), [new, known, refused], "{second}");
        if refused == "1" {
            ran.says("events.jsonl:1: conflict: the id `1`");
            assert_eq!(centime.entries(), before, "{second}");
        }
        centime.assert_verified(if new == "1" { 2 } else { 1 });
        // In one file it is no different.
        let centime = Centime::new();
        let summary = centime.import_events([FIRST, second]).exits(code).json();
        assert_eq!(summary.text("refused"), refused, "{second}");
        assert_eq!(summary.whole("new"), 1 + new.parse::<i128>().unwrap(), "{second}");
    }
}

#[test]
fn an_event_without_a_time_has_that_of_reading_and_is_known_again() {
    let centime = Centime::new();
    let event = r#"{"id":"1","model":"big","meters":{"input":10}}"#;
    for expected in [["1", "0", "0"], ["0", "1", "0"], ["0", "1", "0"]] {
        assert_eq!(counts(&centime.import_events([event]).ok().json()), expected);
    }
    let entry = centime.entries()[0].clone();
    assert_eq!(entry.text("at"), entry.text("recorded_at"));
    assert_eq!(centime.report(["total", "--since", "5m"]).text("total.requests"), "1");
}

#[test]
fn equal_events_without_an_id_are_counted_and_not_taken_twice() {
    let centime = Centime::new();
    let one = r#"{"at":"2024-05-01","model":"small","meters":{"input":1}}"#;
    let other = r#"{"at":"2024-05-01","model":"small","meters":{"input":2}}"#;
    for (events, expected) in [
        (vec![one, one], ["2", "0", "0"]),
        (vec![one, one], ["0", "2", "0"]),
        (vec![one, other, one, one], ["2", "2", "0"]),
        (vec![one], ["0", "1", "0"]),
    ] {
        assert_eq!(counts(&centime.import_events(events).ok().json()), expected);
    }
    assert_eq!(centime.report(["total"]).text("total.requests"), "4");
    centime.assert_verified(4);
}

#[test]
fn constants_beat_what_the_events_say() {
    let centime = Centime::with_round_prices();
    centime.write("events", lines(EVENTS));
    let set = "user=eve,model=small,tag:app=bot,input=7,at=2025-02-03,team=core";
    centime.run(IMPORT.iter().chain(&["events", "--set", set])).ok();
    for entry in centime.entries() {
        for (field, expected) in [
            ("user", "eve"),
            ("model", "small"),
            ("tags.app", "bot"),
            ("meters.input", "7"),
            ("at", "2025-02-03T00:00:00Z"),
            ("team", "core"),
        ] {
            assert_eq!(entry.text(field), expected);
        }
    }
    for (set, word) in [
        ("colour=red", "colour"),
        ("user", "FIELD="),
        ("user=", "user"),
        ("input=many", "input"),
        ("user=a,user=b", "user"),
    ] {
        centime
            .run(IMPORT.iter().chain(&["events", "--set", set]))
            .exits(2)
            .says(word)
            .says("--set");
    }
}

#[test]
fn the_reported_cost_is_kept_beside_ours_or_charged() {
    let events = [
        r#"{"id":"a","at":"2024-05-01","model":"big","meters":{"input":100},"reported_cost":0.0025}"#,
        r#"{"id":"b","at":"2024-05-01","model":"big","meters":{"input":100}}"#,
        r#"{"id":"c","at":"2024-05-01","model":"mystery","meters":{"input":5},"reported_cost":1e-7}"#,
        r#"{"id":"d","at":"2024-05-01","model":"big","meters":{"input":100},"reported_cost":0}"#,
    ];
    for (charge, total, costs, unpriced) in [
        ("ours", "0.003", ["0.001", "0.001", "null", "0.001"], "1"),
        ("reported", "0.0035001", ["0.0025", "0.001", "0.0000001", "0"], "0"),
    ] {
        let centime = Centime::with_round_prices();
        centime.write("events", lines(events));
        centime.run(IMPORT.iter().chain(&["events", "--charge", charge])).ok();
        let report = centime.report(["total"]);
        assert_eq!(report.text("total.cost"), total, "{charge}");
        assert_eq!(report.text("total.unpriced_requests"), unpriced, "{charge}");
        assert_eq!(report.text("total.input_tokens"), "305", "{charge}");
        for (id, cost) in ["a", "b", "c", "d"].iter().zip(costs) {
            let entry = centime.run(["explain", id, "--format", "json"]).ok().json();
            assert_eq!(entry.text("cost"), cost, "{charge} {id}");
        }
        let entry = centime.run(["explain", "a", "--format", "json"]).ok().json();
        assert_eq!(entry.text("reported_cost"), "0.0025");
        centime.assert_verified(4);
    }
}

#[test]
fn an_aggregate_is_one_entry_of_many_requests() {
    let centime = Centime::new();
    let aggregate =
        r#"{"at":"2024-05-01","model":"big","meters":{"input":5000,"output":100},"requests":50}"#;
    let summary = centime.import_events([aggregate]).ok().json();
    assert_eq!(counts(&summary), ["1", "0", "0"]);
    assert_eq!(summary.text("total.requests"), "50");
    assert_eq!(centime.report(["total"]).text("total.requests"), "50");
    assert_eq!(centime.report(["total"]).text("total.cost"), "0.054");
    assert_eq!(centime.entries()[0].text("requests"), "50");
    centime.assert_verified(1);
}

#[test]
fn an_answer_is_metered_and_what_it_says_is_not_kept() {
    let centime = Centime::new();
    let secret = "sk-live-0123456789abcdef";
    let prompt = "the dragon sleeps under the hill";
    let event = format!(
        r#"{{"id":"1","at":"2024-05-01","model":"big","key":"{secret}","response":{{"id":"chatcmpl-1","object":"chat.completion","model":"big","choices":[{{"index":0,"message":{{"role":"assistant","content":"{prompt}"}}}}],"usage":{{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}}}}}"#
    );
    centime.import_events([event]).ok();
    let entry = centime.entries()[0].clone();
    assert_eq!(entry.text("cost"), "0.0014");
    assert_eq!(entry.text("response_id"), "chatcmpl-1");
    assert!(entry.text("key").starts_with("hmac:"), "{}", entry.text("key"));
    for file in std::fs::read_dir(centime.path("")).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("centime.db") {
            let bytes = std::fs::read(&path).unwrap();
            for text in [secret, prompt] {
                let is_kept = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(!is_kept, "`{text}` is in {}", path.display());
            }
        }
    }
}

#[test]
fn a_quoted_pattern_is_the_files_that_match() {
    let centime = Centime::with_round_prices();
    std::fs::create_dir_all(centime.path("logs/deep")).unwrap();
    let event = |id: u8| format!(r#"{{"id":"{id}","model":"big","meters":{{"input":1}}}}"#);
    for (id, name) in [(1, "logs/1.jsonl"), (2, "logs/deep/2.jsonl"), (3, "[12].jsonl")] {
        centime.write(name, event(id));
    }
    let import = |pattern: &str| centime.run(["import", pattern, "--prices", "prices"]);
    import("logs/*.parquet").exits(2).prints_nothing().says("no file matches `logs/*.parquet`");
    import("[12").exits(2).says("no pattern");
    assert!(!centime.path("centime.db").exists(), "a mistake makes no ledger");
    import("logs/*.jsonl").ok().says("1 new, 0 known");
    import("logs/**/*.jsonl").ok().says("1 new, 1 known");
    // A file whose name looks like a pattern is itself.
    import("[12].jsonl").ok().says("1 new, 0 known");
    centime.assert_verified(3);
}
