//! What could not be priced is seen wherever one looks, and one entry is explained in full.

use crate::exact::pico;
use crate::support::Centime;

/// One that is priced, one of an unknown model, and one whose images have no rate.
const EVENTS: [&str; 3] = [
    r#"{"id":"good","at":"2024-05-01","model":"big","meters":{"input":100},"metadata":{"a":{"b":[1,{}]}}}"#,
    r#"{"id":"who","at":"2024-05-01","model":"mystery-1","meters":{"input":5,"output":1},"requests":3,"metadata":{}}"#,
    r#"{"id":"half","at":"2024-05-01","model":"small","meters":{"input":1000,"images":2}}"#,
];

fn imported() -> Centime {
    let centime = Centime::new();
    let summary = centime.import_events(EVENTS).ok().json();
    assert_eq!(summary.text("total.unpriced_requests"), "4");
    assert_eq!(summary.text("total.cost"), "0.002");
    centime
}

#[test]
fn an_import_ends_with_what_it_could_not_price() {
    let centime = imported();
    let again = ["import", "events.jsonl", "--prices", "prices", "--db", "another.db"];
    let ran = centime.run(again).ok().says("3 new, 0 known, 0 refused; 5 requests, $0.002");
    ran.says("3 requests of `mystery-1`").says("1 request of `small`").prints("unpriced");
}

#[test]
fn reports_show_what_their_figures_leave_out() {
    let centime = imported();
    let models = centime.report(["models"]);
    assert_eq!(models.text("total.unpriced_requests"), "4");
    for (model, cost, requests, unpriced) in
        [("big", "0.001", "1", "0"), ("small", "0.001", "1", "1"), ("mystery-1", "0", "3", "3")]
    {
        let groups = models.at("groups").items();
        let group = groups.iter().find(|group| group.text("model") == model).unwrap();
        let found = ["cost", "requests", "unpriced_requests"].map(|figure| group.text(figure));
        assert_eq!(found, [cost, requests, unpriced], "{model}");
    }
    for kind in ["total", "models", "daily", "full"] {
        let report = centime.run(["report", kind]).ok().says("4 requests are not fully priced");
        report.prints("unpriced");
    }
    let csv = centime.run(["report", "models", "--format", "csv"]).ok().csv();
    let column = csv[0].iter().position(|name| name == "unpriced_requests").unwrap();
    assert_eq!(csv[1..].iter().map(|row| row[column].parse::<u32>().unwrap()).sum::<u32>(), 4);
}

#[test]
fn entries_and_explanations_say_what_has_no_price() {
    let centime = imported();
    for (id, status, cost, missing) in [
        ("good", "priced", "0.001", "[]"),
        ("who", "unpriced", "null", r#"["input","output"]"#),
        ("half", "partial", "0.001", r#"["images"]"#),
    ] {
        let entries = centime.entries();
        let entry = entries.iter().find(|entry| entry.text("id") == id).unwrap();
        let explained = centime.run(["explain", id, "--format", "json"]).ok().json();
        let by_uid = ["explain", &entry.text("uid"), "--format", "json"];
        assert_eq!(centime.run(by_uid).ok().json(), explained);
        for json in [entry, &explained] {
            let found = ["pricing_status", "cost", "missing"].map(|field| json.text(field));
            assert_eq!(found, [status, cost, missing], "{id}");
            assert_eq!(json.text("metadata"), entry.text("metadata"));
        }
        let lines = explained.at("lines").items();
        let sum: i128 = lines.iter().map(|line| line.pico("amount")).sum();
        assert_eq!(sum, if cost == "null" { 0 } else { pico(cost) }, "{id}: the lines add up");
        assert_eq!(explained.at("card").raw() == "null", status == "unpriced", "{id}");
        assert_eq!(explained.text("adjustments"), "[]");
    }
    centime.run(["entries"]).ok().prints("mystery-1").prints("unpriced").prints("partial");
    let listed = ["entries", "--where", "pricing_status=unpriced", "--format", "csv"];
    let rows = centime.run(listed).ok().csv();
    let cost = rows[0].iter().position(|name| name == "cost").unwrap();
    assert_eq!((rows.len(), rows[1][0].as_str(), rows[1][cost].as_str()), (2, "who", ""));
    centime.run(["explain", "who"]).ok().prints("no rate").prints("unpriced");
    centime.run(["explain", "half"]).ok().prints("images").prints("no rate").prints("0.001");
}

#[test]
fn an_explanation_has_rates_their_source_and_the_version() {
    let centime = Centime::new();
    let event = r#"{"id":"1","at":"2023-12-01","model":"gpt-3.5-turbo","meters":{"input":1000,"output":1000}}"#;
    centime.feed(event, ["import", "-"]).ok();
    let explained = centime.run(["explain", "1", "--format", "json"]).ok().json();
    for (path, expected) in [
        ("cost", "0.0035"),
        ("lines.0.meter", "input"),
        ("lines.0.rate", "0.0000015"),
        ("lines.0.amount", "0.0015"),
        ("lines.1.rate", "0.000002"),
        ("lines.1.amount", "0.002"),
        ("card.model", "gpt-3.5-turbo"),
        ("card.from", "2023-06-13T00:00:00Z"),
        ("price_version", include_str!("../../prices/VERSION").trim()),
        ("assumed", "false"),
    ] {
        assert_eq!(explained.text(path), expected, "{path}");
    }
    let table = centime.run(["explain", "1"]).ok();
    table.prints("0.0035").prints("since 2023-06-13").prints("https://openai.com/");
    let csv = centime.run(["explain", "1", "--format", "csv"]).ok().csv();
    assert_eq!(csv[1], ["input", "1000", "0.0000015", "0.0015", "input", "false"]);
    centime.run(["explain", "nobody"]).exits(2).prints_nothing().says("`nobody`");
}

#[test]
fn an_id_of_two_sources_asks_which_is_meant() {
    let centime = Centime::new();
    centime
        .import_events([r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":100}}"#])
        .ok();
    centime.write("table.csv", "id,at,model,input\n1,2024-05-01,big,100\n");
    centime.run(["import", "table.csv", "--prices", "prices"]).ok();
    let asked = centime.run(["explain", "1"]).exits(2).prints_nothing().says("events").says("csv");
    for entry in centime.entries() {
        let uid = entry.text("uid");
        assert!(asked.words().contains(&uid));
        centime.run(["explain", &uid]).ok();
    }
}
