//! Reports of nothing, of the night of the clocks, and as spreadsheets read them.

use crate::exact::{pico, usd};
use crate::support::Centime;

const KINDS: [&str; 12] = [
    "total",
    "models",
    "users",
    "teams",
    "projects",
    "keys",
    "providers",
    "sessions",
    "daily",
    "hourly",
    "tag:app",
    "full",
];

fn event(id: usize, at: &str, input: usize) -> String {
    format!(
        r#"{{"id":"{id}","at":"{at}","model":"big","meters":{{"input":{input}}},"user":"u{id}"}}"#
    )
}

#[test]
fn nothing_is_answered_sensibly_in_every_format() {
    let centime = Centime::new();
    centime.import_events([""; 0]).ok();
    for window in [&[][..], &["--since", "2024-06-01"], &["--where", "user=nobody"]] {
        for kind in KINDS {
            let report = ["report", kind];
            let args = report.iter().chain(window);
            let json =
                centime.run(args.clone().chain(&["--format", "json"])).ok().says_nothing().json();
            for figure in ["cost", "requests", "input_tokens", "unpriced_requests", "saved"] {
                assert_eq!(json.text(&format!("total.{figure}")), "0", "{kind} {window:?}");
            }
            let groups = if kind == "full" { "models" } else { "groups" };
            assert!(json.at(groups).items().is_empty(), "{kind} {window:?}");
            let table = centime.run(args.clone()).ok().says_nothing();
            match kind {
                "total" => drop(table.prints("$0.00").prints("requests")),
                "full" => drop(table.prints("$0.00 for 0 requests").prints("no requests match")),
                _ => assert_eq!(table.text(), "no requests match: there is nothing to report\n"),
            }
            let csv = centime.run(args.chain(&["--format", "csv"]));
            match kind {
                "total" | "full" => assert_eq!(csv.ok().csv().len(), 2),
                _ => assert_eq!(csv.ok().csv().len(), 1, "{kind} {window:?}"),
            }
        }
        let entries = ["entries"].iter().chain(window);
        assert_eq!(
            centime.run(entries.clone().chain(&["--format", "json"])).ok().json().raw(),
            "[]"
        );
        assert_eq!(centime.run(entries.clone().chain(&["--format", "csv"])).ok().csv().len(), 1);
        assert_eq!(centime.run(entries).ok().text(), "no entries match\n");
        for format in ["csv", "jsonl", "parquet", "focus"] {
            let export = ["export", "-o", "empty", "--format", format];
            centime.run(export.iter().chain(window)).ok();
        }
        for kind in ["daily", "models", "tag:app"] {
            centime.run(["chart", kind, "-o", "empty.svg"].iter().chain(window)).ok();
            assert!(centime.read("empty.svg").contains("No requests"), "{kind} {window:?}");
        }
        centime.run(["report", "models", "--compare", "--since", "2030-01-01"]).ok();
        // The second and third time there is something, elsewhere.
        centime.import_events([event(1, "2024-05-01", 100)]).ok();
    }
    centime.assert_verified(1);
}

#[test]
fn one_entry_is_a_whole_report() {
    // One that cost something, one that used nothing, and one whose price nobody knows.
    for (event, cost) in [
        (event(1, "2024-05-01", 100), "0.001"),
        (r#"{"id":"1","at":"2024-05-01","model":"big","meters":{}}"#.to_owned(), "0"),
        (r#"{"id":"1","at":"2024-05-01","model":"who","meters":{"input":1}}"#.to_owned(), "0"),
    ] {
        let centime = Centime::new();
        centime.import_events([event]).ok();
        for kind in KINDS {
            let json = centime.report([kind]);
            assert_eq!(json.text("total.cost"), cost, "{kind}");
            assert!(!json.raw().contains("NaN") && !json.raw().contains("inf"), "{}", json.raw());
            let table = centime.run(["report", kind]).ok();
            assert!(table.text().lines().count() >= 2, "{}", table.text());
            centime.run(["report", kind, "--format", "csv"]).ok();
        }
        centime.run(["report", "models", "--compare", "--since", "2024-05-01"]).ok();
        for kind in ["daily", "models", "users"] {
            centime.run(["chart", kind, "-o", "one.png"]).ok();
        }
        for format in ["csv", "jsonl", "parquet", "focus"] {
            centime.run(["export", "-o", "one", "--format", format]).ok();
        }
        centime.assert_verified(1);
    }
}

#[test]
fn an_hour_that_comes_twice_is_two_hours() {
    let centime = Centime::new();
    // Clocks in Paris went from 03:00 back to 02:00 on 27 October 2024, at 01:00 in UTC.
    let at = |time: &str| format!("2024-10-{time}Z");
    let events = [
        "26T21:59:59",
        "26T22:00:00",
        "27T00:30:00",
        "27T01:00:00",
        "27T01:30:00",
        "27T22:59:59",
        "27T23:00:00",
    ];
    let events = events.iter().enumerate().map(|(id, time)| event(id, &at(time), 100 << id));
    centime.import_events(events).ok();
    let cost = |ids: &[usize]| usd(ids.iter().map(|&id| 1_000_000_000 << id).sum());
    let groups = |args: &[&str], key: &str| -> Vec<(String, String)> {
        let report = centime.report(args.iter().copied());
        let groups = report.at("groups").items();
        groups.iter().map(|group| (group.text(key), group.text("cost"))).collect()
    };
    let named = |pairs: &[(&str, &[usize])]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, ids)| ((*name).to_owned(), cost(ids))).collect()
    };
    let hours = named(&[
        ("2024-10-26T23:00+02:00", &[0]),
        ("2024-10-27T00:00+02:00", &[1]),
        ("2024-10-27T02:00+02:00", &[2]),
        ("2024-10-27T02:00+01:00", &[3, 4]),
        ("2024-10-27T23:00+01:00", &[5]),
        ("2024-10-28T00:00+01:00", &[6]),
    ]);
    assert_eq!(groups(&["hourly", "--tz", "Europe/Paris"], "hour"), hours);
    let days =
        named(&[("2024-10-26", &[0]), ("2024-10-27", &[1, 2, 3, 4, 5]), ("2024-10-28", &[6])]);
    assert_eq!(groups(&["daily", "--tz", "Europe/Paris"], "date"), days);
    // The day of 25 hours, from midnight to midnight.
    let day = ["daily", "--tz", "Europe/Paris", "--since", "2024-10-27", "--until", "2024-10-28"];
    assert_eq!(groups(&day, "date"), days[1..2]);
    let by_user = ["--by", "hour,user", "--tz", "Europe/Paris", "--where", "user=u3|u2"];
    assert_eq!(groups(&by_user, "user"), named(&[("u2", &[2]), ("u3", &[3])]));
    centime.run(["report", "daily", "--tz", "Paris"]).exits(2).says("`Paris`");
}

#[test]
fn spreadsheets_get_exact_figures() {
    let centime = Centime::new();
    let events = (0..4).map(|id| event(id, "2024-05-01", 1_234_567 + id));
    centime.import_events(events.chain([event(9, "2024-05-02", 1)])).ok();
    let dollars =
        [12_345_670, 12_345_680, 12_345_690, 12_345_700, 10].map(|micro| micro * 1_000_000);
    let total = usd(dollars.iter().sum());
    for (args, rows) in [
        (&["report", "users"][..], 5),
        (&["report", "daily"], 2),
        (&["report", "total"], 1),
        (&["report", "users", "--limit", "2"], 3),
        (&["report", "--by", "date,user"], 5),
        (&["entries"], 5),
    ] {
        let csv = centime.run(args.iter().chain(&["--format", "csv"])).ok().csv();
        assert_eq!(csv.len(), rows + 1, "{args:?}");
        let column = |name: &str| csv[0].iter().position(|column| column == name).unwrap();
        let (cost, input) = (column("cost"), column("input_tokens"));
        let sum: i128 = csv[1..].iter().map(|row| pico(&row[cost])).sum();
        assert_eq!(usd(sum), total, "{args:?}");
        let sum: i128 = csv[1..].iter().map(|row| row[input].parse::<i128>().unwrap()).sum();
        assert_eq!(sum, 4 * 1_234_567 + 6 + 1, "{args:?}");
    }
    let summary =
        ["import", "events.jsonl", "--prices", "prices", "--db", "another.db", "--format", "csv"];
    let csv = centime.run(summary).ok().csv();
    assert_eq!(csv[1][..4], ["big".to_owned(), total, "5".to_owned(), "4938275".to_owned()]);
}

#[test]
fn the_full_report_is_one_document_that_adds_up() {
    let centime = Centime::new();
    let day = |id: usize| format!("2024-05-{:02}T12:00:00Z", 1 + id % 28);
    centime.import_events((0..60).map(|id| event(id, &day(id), 100 + id))).ok();
    let full = centime.report(["full"]);
    let names: Vec<String> = full.members().into_keys().collect();
    let expected = [
        "alerts",
        "daily",
        "efficiency",
        "keys",
        "models",
        "projects",
        "providers",
        "shares",
        "since",
        "teams",
        "total",
        "tz",
        "until",
        "users",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        (full.text("shares.unpriced"), full.text("shares.in_doubt")),
        ("0".into(), "0".into())
    );
    assert_eq!(full.text("efficiency.total.requests"), "60");
    let total = centime.report(["total"]).text("total.cost");
    assert_eq!(full.text("total.cost"), total);
    for (section, groups) in [
        ("models", 1),
        ("providers", 1),
        ("users", 21),
        ("teams", 1),
        ("keys", 1),
        ("daily", 28),
        ("efficiency.models", 1),
    ] {
        let items = full.at(section).items();
        assert_eq!(items.len(), groups, "{section}");
        assert_eq!(usd(items.iter().map(|group| group.pico("cost")).sum()), total, "{section}");
    }
    let table =
        centime.run(["report", "full", "--since", "2024-05-10", "--tz", "Europe/Paris"]).ok();
    let table = table.prints("By model").prints("By user").prints("By day").prints("Efficiency");
    assert!(!table.prints("2024-05-09T22:00:00Z").text().contains("By team"), "there is none");
    let csv = centime.run(["report", "full", "--format", "csv"]).ok().csv();
    assert_eq!((csv[0][0].as_str(), csv[0][1].as_str()), ("section", "group"));
    let cost = csv[0].iter().position(|name| name == "cost").unwrap();
    for section in ["total", "daily", "models", "providers", "users", "teams", "projects", "keys"] {
        let rows = csv.iter().filter(|row| row[0] == section);
        assert_eq!(usd(rows.map(|row| pico(&row[cost])).sum()), total, "{section}");
    }
}
