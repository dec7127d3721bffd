//! Two real traces: every figure of every report is worked out here over the files themselves.

use std::collections::BTreeMap;
use std::io::Read;

use crate::exact::{Json, usd};
use crate::support::{Centime, in_repository};

const CONV: &str = "examples/azure-llm-2023-conv.csv.gz";
const CODE: &str = "examples/azure-llm-2023-code.csv.gz";

/// Picodollars a token in November 2023: 30 and 60 USD a million, and 1.50 and 2.
const GPT_4: (i128, i128) = (30_000_000, 60_000_000);
const GPT_3_5: (i128, i128) = (1_500_000, 2_000_000);

/// A row of a trace.
struct Row {
    /// Date and time in UTC, `2023-11-16 18:15:46.6805900`.
    at: String,
    input: i128,
    output: i128,
    model: &'static str,
    user: &'static str,
    pico: i128,
}

fn rows(file: &str, model: &'static str, user: &'static str, rates: (i128, i128)) -> Vec<Row> {
    let file = std::fs::File::open(in_repository(file)).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_end().split(',').collect();
        let (input, output) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        let pico = input * rates.0 + output * rates.1;
        Row { at: cells[0].to_owned(), input, output, model, user, pico }
    };
    text.lines().skip(1).map(row).collect()
}

fn conv() -> Vec<Row> {
    rows(CONV, "gpt-4", "conv", GPT_4)
}

fn code() -> Vec<Row> {
    rows(CODE, "gpt-3.5-turbo", "code", GPT_3_5)
}

/// Cost as a decimal, requests, and all three counts of tokens.
type Figures = (String, i128, i128, i128, i128);

fn figures<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Figures {
    let (mut pico, mut count, mut input, mut output) = (0, 0, 0, 0);
    for row in rows {
        pico += row.pico;
        count += 1;
        input += row.input;
        output += row.output;
    }
    (usd(pico), count, input, output, input + output)
}

fn groups<'a>(rows: &'a [Row], key: impl Fn(&'a Row) -> String) -> Vec<(String, Figures)> {
    let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups.into_iter().map(|(key, rows)| (key, figures(rows))).collect()
}

fn reported(sums: &Json) -> Figures {
    (
        sums.text("cost"),
        sums.whole("requests"),
        sums.whole("input_tokens"),
        sums.whole("output_tokens"),
        sums.whole("total_tokens"),
    )
}

/// The groups of a report by key, in the order of the keys.
fn reported_groups(report: &Json, key: &str) -> Vec<(String, Figures)> {
    let groups = report.at("groups").items();
    let mut groups: Vec<_> =
        groups.iter().map(|group| (group.text(key), reported(group))).collect();
    groups.sort();
    groups
}

fn import(centime: &Centime, file: &str, set: &str) -> Json {
    let file = in_repository(file);
    let file = file.to_str().unwrap();
    let map = "at=TIMESTAMP,input=ContextTokens,output=GeneratedTokens";
    centime.run(["import", file, "--map", map, "--set", set, "--format", "json"]).ok().json()
}

/// The day five hours east of Greenwich, where midnight falls into the middle of the traces.
fn day_in_karachi(row: &Row) -> String {
    let day = if row.at.as_str() < "2023-11-16 19:00" { "2023-11-16" } else { "2023-11-17" };
    day.to_owned()
}

#[test]
fn a_trace_comes_in_once_and_every_report_is_right_to_the_picodollar() {
    let centime = Centime::new();
    let rows = conv();
    assert_eq!(rows.len(), 19_366);
    for (new, known) in [("19366", "0"), ("0", "19366")] {
        let summary = import(&centime, CONV, "model=gpt-4,user=conv");
        assert_eq!((summary.text("new").as_str(), summary.text("known").as_str()), (new, known));
        assert_eq!(summary.text("refused"), "0");
        if known == "0" {
            assert_eq!(reported(&summary.at("total")), figures(&rows));
            assert_eq!(reported(&summary.at("models.0")), figures(&rows));
        }
    }
    assert_eq!(reported(&centime.report(["total"]).at("total")), figures(&rows));
    type Key = fn(&Row) -> String;
    let cases: [(&[&str], &str, Key); 6] = [
        (&["models"], "model", |row| row.model.to_owned()),
        (&["users"], "user", |row| row.user.to_owned()),
        (&["providers"], "provider", |_| "openai".to_owned()),
        (&["daily"], "date", |row| row.at[..10].to_owned()),
        (&["hourly"], "hour", |row| format!("{}T{}:00+00:00", &row.at[..10], &row.at[11..13])),
        (&["daily", "--tz", "Asia/Karachi"], "date", day_in_karachi),
    ];
    for (args, key, own) in cases {
        let report = centime.report(args.iter().copied());
        assert_eq!(reported_groups(&report, key), groups(&rows, own), "{args:?}");
        assert_eq!(reported(&report.at("total")), figures(&rows), "{args:?}");
    }
    assert_eq!(groups(&rows, day_in_karachi).len(), 2, "the zone splits the day");
    for (zone, day) in [("Pacific/Auckland", "2023-11-17"), ("America/New_York", "2023-11-16")] {
        let report = centime.report(["daily", "--tz", zone]);
        assert_eq!(reported_groups(&report, "date"), [(day.to_owned(), figures(&rows))]);
    }
    centime.assert_verified(19_366);
}

#[test]
fn two_traces_stand_side_by_side_and_every_grouping_adds_up() {
    let centime = Centime::new();
    import(&centime, CONV, "model=gpt-4,user=conv");
    let summary = import(&centime, CODE, "model=gpt-3.5-turbo,user=code");
    assert_eq!(summary.text("new"), "8819");
    let mut rows = conv();
    rows.extend(code());
    let total = figures(&rows);
    for by in [
        "model",
        "user",
        "provider",
        "team",
        "project",
        "key",
        "session",
        "tag:app",
        "date",
        "hour",
        "user,model",
        "date,user,provider",
        "hour,model,tag:app",
    ] {
        for zone in ["UTC", "Asia/Karachi", "Asia/Kathmandu"] {
            let report = centime.report(["--by", by, "--tz", zone]);
            let groups = report.at("groups").items();
            let sum = |of: &str| groups.iter().map(|group| group.whole(of)).sum::<i128>();
            let cost: i128 = groups.iter().map(|group| group.pico("cost")).sum();
            assert_eq!(usd(cost), total.0, "{by} in {zone}");
            assert_eq!(
                (sum("requests"), sum("input_tokens")),
                (total.1, total.2),
                "{by} in {zone}"
            );
            assert_eq!(reported(&report.at("total")), total, "{by} in {zone}");
        }
    }
    let report = centime.report(["models"]);
    assert_eq!(reported_groups(&report, "model"), groups(&rows, |row| row.model.to_owned()));
    let only = centime.report(["daily", "--where", "user=code", "--tz", "Asia/Karachi"]);
    assert_eq!(reported_groups(&only, "date"), groups(&code(), day_in_karachi));
    centime.assert_verified(28_185);
    sql_of_existing_scripts_agrees(&centime, &rows);
}

fn sql_of_existing_scripts_agrees(centime: &Centime, rows: &[Row]) {
    let ledger = centime.sqlite();
    let mut statement = ledger
        .prepare(
            "SELECT model, SUM(cost_usd), COUNT(*) FROM costs \
             WHERE timestamp >= date('now','-3000 days') GROUP BY model",
        )
        .unwrap();
    let found = statement
        .query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, f64>(1)?, row.get(2)?)))
        .unwrap();
    let found: Vec<(String, f64, i64)> = found.map(Result::unwrap).collect();
    let expected = groups(rows, |row| row.model.to_owned());
    assert_eq!(found.len(), expected.len());
    for ((model, cost, count), (own_model, own)) in found.into_iter().zip(expected) {
        assert_eq!((model, i128::from(count)), (own_model, own.1));
        let own: f64 = own.0.parse().unwrap();
        assert!((cost - own).abs() < 1e-6, "{cost} is not {own}");
    }
    let exact = "SELECT SUM(cost_pico_usd) FROM costs WHERE user_id = 'conv'";
    let exact: i64 = ledger.query_row(exact, (), |row| row.get(0)).unwrap();
    assert_eq!(i128::from(exact), conv().iter().map(|row| row.pico).sum::<i128>());

    let view = ledger.prepare("SELECT * FROM costs").unwrap();
    assert_eq!(
        view.column_names().take(10).collect::<Vec<_>>(),
        [
            "id",
            "timestamp",
            "model",
            "input_tokens",
            "output_tokens",
            "total_tokens",
            "cost_usd",
            "user_id",
            "api_key_hash",
            "metadata"
        ]
    );
    let first = "SELECT timestamp FROM costs ORDER BY timestamp LIMIT 1";
    let first: String = ledger.query_row(first, (), |row| row.get(0)).unwrap();
    assert_eq!(first, "2023-11-16 18:15:46");
}

#[test]
fn times_without_a_zone_are_on_the_clocks_of_the_one_that_was_named() {
    let centime = Centime::new();
    centime.write("trace.csv", "at,input,output\n2023-11-16 00:30:00,1,2\n");
    for (zone, expected) in [
        ("UTC", "2023-11-16T00:30:00Z"),
        ("Asia/Tokyo", "2023-11-15T15:30:00Z"),
        ("America/New_York", "2023-11-16T05:30:00Z"),
    ] {
        let ledger = format!("{}.db", zone.replace('/', "-"));
        let set = ["--set", "model=gpt-4", "--tz", zone, "--db", &ledger];
        centime.run(["import", "trace.csv"].into_iter().chain(set)).ok();
        let entries = centime.run(["entries", "--format", "json", "--db", &ledger]).ok().json();
        assert_eq!(entries.text("0.at"), expected);
    }
}
