//! `centime import` of the table `costs` that scripts keep in a SQLite file of their own.

use rusqlite::Connection;

use crate::exact::Json;
use crate::support::{Centime, gzipped};

const IMPORT: [&str; 5] = ["import", "--prices", "prices", "--format", "json"];

/// The table of the tutorials.
const TABLE: &str = "CREATE TABLE costs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT DEFAULT CURRENT_TIMESTAMP, model TEXT,
  input_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER, cost_usd REAL,
  user_id TEXT, api_key_hash TEXT, metadata TEXT);";

const ROWS: &str = r#"INSERT INTO costs VALUES
  (1, '2024-05-01 10:00:00', 'big', 100, 10, 110, 0.0123, 'ann', 'hash-1', '{"app": "bot"}'),
  (3, '2024-05-01T11:00:00.25Z', 'small', 1000, 0, 1000, 0.1 + 0.2, 'bob', NULL, '[1]'),
  (4, '2024-05-02 12:00:00.5', 'big', 0, 1, NULL, NULL, 42, '', 'words');"#;

/// A folder with a `costs.db`, and the connection of the program that keeps it.
fn with_costs(sql: &str) -> (Centime, Connection) {
    let centime = Centime::with_round_prices();
    let program = Connection::open(centime.path("costs.db")).unwrap();
    program.execute_batch(sql).unwrap();
    (centime, program)
}

#[test]
fn the_table_of_the_tutorials_comes_in_once() {
    let (centime, program) = with_costs(&format!("{TABLE}{ROWS}"));
    drop(program);
    let before = std::fs::read(centime.path("costs.db")).unwrap();
    for (args, new, known) in [
        (&["costs.db"][..], "3", "0"),
        (&["costs.db", "--from", "costs"], "0", "3"),
        (&["./costs.db", "costs.db"], "0", "6"),
    ] {
        let summary = centime.run(IMPORT.iter().chain(args)).ok().json();
        assert_eq!((summary.text("new").as_str(), summary.text("known").as_str()), (new, known));
    }
    let shown = ["id", "at", "model", "user", "key", "cost", "reported_cost", "metadata"];
    let found: Vec<_> =
        centime.entries().iter().map(|entry| shown.map(|field| entry.text(field))).collect();
    let expected = [
        [
            "4",
            "2024-05-02T12:00:00.5Z",
            "big",
            "42",
            "null",
            "0.00004",
            "null",
            r#"{"metadata":"words"}"#,
        ],
        [
            "3",
            "2024-05-01T11:00:00.25Z",
            "small",
            "bob",
            "null",
            "0.001",
            "0.3",
            r#"{"metadata":[1]}"#,
        ],
        [
            "1",
            "2024-05-01T10:00:00Z",
            "big",
            "ann",
            "hash-1",
            "0.0014",
            "0.0123",
            r#"{"app":"bot"}"#,
        ],
    ];
    for (found, expected) in found.iter().zip(expected) {
        let found: Vec<_> = found.iter().map(|text| text.replace("\": ", "\":")).collect();
        assert_eq!(found, expected);
    }
    centime.assert_verified(3);
    assert!(std::fs::read(centime.path("costs.db")).unwrap() == before);
}

#[test]
fn their_figure_may_be_the_charge_and_constants_beat_cells() {
    let (centime, _program) = with_costs(&format!("{TABLE}{ROWS}"));
    let flags = ["costs.db", "--charge", "reported", "--set", "user=eve"];
    let summary = centime.run(IMPORT.iter().chain(&flags)).ok().json();
    assert_eq!(summary.text("total.cost"), "0.31234");
    assert!(centime.entries().iter().all(|entry| entry.text("user") == "eve"));
}

#[test]
fn hostile_cells_are_refused_by_row_and_the_others_come_in() {
    let good = "'2024-05-01 10:00:00', 'big', 100, 10, 110, 0.5, 'ann', 'h', NULL";
    let bad = [
        ("NULL, 'big', 1, 1, 2, 0.5, '', '', ''", "`timestamp`: is NULL"),
        ("1714557600, 'big', 1, 1, 2, 0.5, '', '', ''", "`timestamp`: "),
        ("'yesterday', 'big', 1, 1, 2, 0.5, '', '', ''", "`timestamp`: "),
        ("'2024-05-01', NULL, 1, 1, 2, 0.5, '', '', ''", "`model`: is NULL"),
        ("'2024-05-01', 'big', 'many', 1, 2, 0.5, '', '', ''", "`input_tokens`: "),
        ("'2024-05-01', 'big', -1, 1, 0, 0.5, '', '', ''", "`input_tokens`: "),
        ("'2024-05-01', 'big', 1, 1.5, 2.5, 0.5, '', '', ''", "`output_tokens`: "),
        ("'2024-05-01', 'big', 1, NULL, 1, 0.5, '', '', ''", "`output_tokens`: is NULL"),
        ("'2024-05-01', 'big', 1, 1, 3, 0.5, '', '', ''", "`total_tokens`: is 3"),
        ("'2024-05-01', 'big', 1, 1, 2, -0.5, '', '', ''", "`cost_usd`: "),
        ("'2024-05-01', 'big', 1, 1, 2, 9e999, '', '', ''", "`cost_usd`: "),
        ("'2024-05-01', 'big', 1, 1, 2, 'free', '', '', ''", "`cost_usd`: "),
        ("'2024-05-01', 'big', 1, 1, 2, 0.5, x'ff', '', ''", "`user_id`: holds 1 bytes"),
        (
            "'2024-05-01', 'big', 1, 1, 2, 0.5, '', '', zeroblob(90000000)",
            "`metadata`: is 90000000 bytes",
        ),
        ("'2024-05-01', hex(zeroblob(40000)), 1, 1, 2, 0.5, '', '', ''", "`model`: is 80000 bytes"),
        ("'2024-05-01', 'big', 1, 1, 2, 0.5, '', '', hex(zeroblob(4000))", "metadata"),
        ("'1970-01-01', 'big', 1, 1, 2, 0.5, '', '', ''", "1980"),
    ];
    let mut sql = TABLE.to_owned();
    for (at, (cells, _)) in (0..).zip(bad) {
        sql += &format!("INSERT INTO costs VALUES ({}, {good});", 2 * at + 1);
        sql += &format!("INSERT INTO costs VALUES ({}, {cells});", 2 * at + 2);
    }
    let (centime, _program) = with_costs(&sql);
    let ran = centime.run(IMPORT.iter().chain(&["costs.db", "--rejects", "rejects"])).exits(2);
    let ran = ran.says("costs.db: row id 2, column `timestamp`: is NULL");
    let summary = ran.json();
    let counts = ["new", "refused"].map(|count| summary.text(count));
    assert_eq!(counts, [bad.len().to_string(), bad.len().to_string()]);
    let rejects = centime.read("rejects");
    for ((at, (_, words)), reject) in (1..).zip(bad).zip(rejects.lines()) {
        let reject = Json::parse(reject);
        let id = (2 * at).to_string();
        assert_eq!((reject.text("row"), reject.text("id")), (format!("id {id}"), id));
        let told = match reject.members().get("column") {
            Some(_) => format!("`{}`: {}", reject.text("column"), reject.text("error")),
            None => reject.text("error"),
        };
        assert!(told.contains(words), "{told}");
        assert!(reject.text("record").starts_with("{\"id\":"));
    }
}

#[test]
fn a_row_that_changed_is_a_conflict() {
    let (centime, program) = with_costs(&format!("{TABLE}{ROWS}"));
    centime.run(IMPORT.iter().chain(&["costs.db"])).ok();
    program.execute("UPDATE costs SET cost_usd = 0.0124 WHERE id = 1", ()).unwrap();
    let ran = centime.run(IMPORT.iter().chain(&["costs.db"])).exits(2);
    assert_eq!(ran.says("costs.db: row id 1: conflict").json().text("known"), "2");
}

#[test]
fn a_table_needs_few_columns_and_says_which() {
    let few = "CREATE TABLE Costs (ID TEXT, timestamp, Model, input_tokens, output_tokens, cost_usd TEXT, x);
               INSERT INTO costs VALUES ('a', '2024-05-01 10:00:00', 'big', '100', '10', '0.10', 1);
               INSERT INTO costs VALUES (NULL, '2024-05-01 10:00:00', 'big', '100', '10', '0.10', 1)";
    let (centime, program) = with_costs(few);
    let ran = centime.run(IMPORT.iter().chain(&["costs.db"])).exits(2);
    ran.says("columns that are not used: x").says("row number 2, column `id`: is NULL");
    assert_eq!(centime.entries()[0].text("reported_cost"), "0.1");
    program.execute_batch("ALTER TABLE costs DROP COLUMN model").unwrap();
    let missing = centime.run(IMPORT.iter().chain(&["costs.db"])).exits(2).prints_nothing();
    missing.says("has no column model");
    let flags = ["costs.db", "--set", "model=big"];
    centime.run(IMPORT.iter().chain(&flags)).exits(2).says("conflict");
}

#[test]
fn other_sqlite_files_are_refused_with_what_to_do() {
    let (centime, _program) = with_costs(&format!("{TABLE}{ROWS}"));
    let costs = std::fs::read(centime.path("costs.db")).unwrap();
    centime.write("costs.db.gz", gzipped(&costs));
    centime.write("events", r#"{"model":"big","meters":{"input":1}}"#);
    for (name, sql) in [
        ("other.db", "CREATE TABLE spendings (c)"),
        ("view.db", "CREATE TABLE a (c); CREATE VIEW costs AS SELECT * FROM a"),
    ] {
        Connection::open(centime.path(name)).unwrap().execute_batch(sql).unwrap();
    }
    for (args, words) in [
        (&["costs.db.gz"][..], "gunzip"),
        (&["other.db"], "it has spendings; `sqlite3 -header -csv other.db"),
        (&["view.db"], "`costs` is a view"),
        (&["costs.db", "--from", "csv"], "--from costs"),
        (&["costs.db", "--map", "at=timestamp"], "--map is for CSV"),
        (&["events", "--from", "costs"], "no SQLite file"),
    ] {
        let ran = centime.run(IMPORT.iter().chain(args)).exits(2).prints_nothing();
        ran.says(words);
        assert!(!centime.path("centime.db").exists(), "{args:?}");
    }
    centime.feed(&costs, IMPORT.iter().chain(&["-"])).exits(2).says("name it instead");
    centime.run(IMPORT.iter().chain(&["costs.db"])).ok();
    let ran = centime.run(IMPORT.iter().chain(&["centime.db", "--db", "new.db"])).exits(2);
    ran.says("`centime backup`").says("--format jsonl");
}

#[test]
fn a_program_that_has_the_file_open_is_not_disturbed() {
    let (centime, program) = with_costs(&format!("PRAGMA journal_mode = WAL; {TABLE}{ROWS}"));
    let files = ["costs.db", "costs.db-wal", "costs.db-shm"].map(|name| centime.path(name));
    let all = || files.each_ref().map(|file| std::fs::read(file).ok());
    let before = all();
    assert!(before.iter().all(Option::is_some));
    let summary = centime.run(IMPORT.iter().chain(&["costs.db"])).ok().json();
    assert_eq!(summary.text("new"), "3");
    assert!(all() == before);
    // It closes it, and takes its log away; nobody makes one again.
    drop(program);
    let before = all();
    assert!(before[0].is_some() && before[1].is_none() && before[2].is_none());
    centime.run(IMPORT.iter().chain(&["costs.db"])).ok();
    assert!(all() == before);
}
