//! The view that the SQL of existing cost scripts runs on.

use centime_core::entry::StatusMoves;
use centime_core::meter::Meter;
use centime_ledger::Entries;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use rusqlite::Connection;

use crate::homes;
use crate::samples::{adjustment, at, entry, full, unpriced};

/// A row as text, columns parted by `|`, NULL as nothing.
fn rows(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(sql).unwrap();
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| {
        let cells = (0..columns).map(|column| match row.get_unwrap(column) {
            rusqlite::types::Value::Null => String::new(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Real(number) => format!("{number:?}"),
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Blob(blob) => format!("{blob:?}"),
        });
        Ok(cells.collect::<Vec<_>>().join("|"))
    };
    statement.query_map((), read).unwrap().map(Result::unwrap).collect()
}

fn ledger_of(entries: &[centime_core::entry::Entry]) -> (tempfile::TempDir, Connection) {
    let (folder, path) = homes::new_path();
    let mut ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    ledger.append(entries).unwrap();
    (folder, Connection::open(&path).unwrap())
}

#[test]
fn the_columns_are_those_promised() {
    let (_folder, db) = ledger_of(&[]);
    let statement = db.prepare("SELECT * FROM costs").unwrap();
    assert_eq!(
        statement.column_names().collect::<Vec<_>>(),
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
            "metadata",
            "cost_pico_usd",
        ]
    );
}

#[test]
fn a_row_is_an_attempt_with_its_adjustments() {
    let mut known = full();
    known.at = at("2026-11-01T12:34:56.999999Z");
    let dearer = entry("dearer", &[(Meter::Input, "1000000")]);
    let mut nameless = unpriced("x", &[(Meter::Input, "5"), (Meter::Output, "2")]);
    nameless.own_id = None;
    let mut priced_later = unpriced("priced-later", &[(Meter::Input, "5")]);
    priced_later.at = at("2026-11-01T00:00:02Z");
    let mut pricing = adjustment(&priced_later, 0, Meter::Output, "3", 0);
    pricing.moves = StatusMoves { unpriced: -1, in_doubt: 0 };
    let mut still_unpriced = adjustment(&nameless, 0, Meter::Input, "-1", 0);
    still_unpriced.pricing_status = nameless.pricing_status;
    still_unpriced.lines[0].amount = None;
    let uid = nameless.uid;
    let (_folder, db) = ledger_of(&[
        adjustment(&dearer, 0, Meter::Input, "1", 250_000_000_000),
        adjustment(&dearer, 1, Meter::Input, "-2.5", -1),
        known,
        dearer,
        nameless,
        still_unpriced,
        priced_later,
        pricing,
    ]);
    assert_eq!(
        rows(&db, "SELECT * FROM costs ORDER BY id = 'full', timestamp, cost_usd"),
        [
            format!("{uid}|2026-11-01 00:00:00|gpt-5|4|2|6|||||"),
            "dearer|2026-11-01 00:00:00|gpt-5|999998|0|999998|1.499999999999||||1499999999999"
                .to_owned(),
            "priced-later|2026-11-01 00:00:02|gpt-5|5|3|8|0.0||||0".to_owned(),
            concat!(
                "full|2026-11-01 12:34:56|gpt-5|1200|50|1250|0.000875002417|alice|ci|",
                r#"{"b":1,"a":[2.50]}|875002417"#
            )
            .to_owned(),
        ]
    );
}

#[test]
fn the_sql_of_cost_scripts_runs_on_it() {
    let mut other = entry("c", &[(Meter::Input, "8")]);
    other.model = "gpt-5-mini".to_owned();
    let (_folder, db) = ledger_of(&[
        entry("a", &[(Meter::Input, "200000")]),
        entry("b", &[(Meter::Input, "200000")]),
        other,
    ]);
    let by_model = "SELECT model, SUM(cost_usd), COUNT(*) FROM costs \
                    WHERE timestamp >= date('now','-3000 days') GROUP BY model";
    assert_eq!(rows(&db, by_model), ["gpt-5|0.5|2", "gpt-5-mini|1e-5|1"]);
    let day =
        "SELECT DATE(timestamp), SUM(total_tokens) FROM costs WHERE user_id IS NULL GROUP BY 1";
    assert_eq!(rows(&db, day), ["2026-11-01|400008"]);
    let none = "SELECT COUNT(*), SUM(cost_usd) FROM costs WHERE timestamp >= '2026-11-02'";
    assert_eq!(rows(&db, none), ["0|"]);
}

#[test]
fn the_documented_examples_run() {
    let (_folder, db) = ledger_of(&[full(), entry("b", &[(Meter::Input, "2")])]);
    db.execute("INSERT INTO price_revisions VALUES (1, 0, 'prices set', 'provider p')", ())
        .unwrap();
    db.execute("INSERT INTO feedback SELECT 1, uid, 900000, 0 FROM entries WHERE own_id = 'b'", ())
        .unwrap();
    db.execute(
        "INSERT INTO keys (id, revision, digest, role, tags, models, created_at) \
         VALUES ('key_1', 1, zeroblob(32), 0, '{}', '[]', 0)",
        (),
    )
    .unwrap();
    db.execute(
        "INSERT INTO alerts VALUES (1, 'daily_limit', 'all', 0, 100, 'critical', 2, 1, 0, 'm', 0)",
        (),
    )
    .unwrap();
    let page = include_str!("../../../../docs/schema.md");
    let examples: Vec<&str> =
        page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        assert!(!rows(&db, example).is_empty(), "{example}");
    }
}
