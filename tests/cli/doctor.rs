//! `centime doctor`: what usually goes wrong is told, with its remedy, and nothing is changed.

use std::collections::BTreeMap;

use crate::support::{Centime, Ran, in_repository};

const EVENTS: [&str; 3] = [
    r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":1000}}"#,
    r#"{"id":"2","at":"2024-05-01","model":"who","meters":{"input":7}}"#,
    r#"{"id":"3","at":"2024-05-01","model":"big","meters":{"input":7},"status":"in_doubt"}"#,
];

/// The state of each check, and what was found with its remedy.
fn checks(ran: &Ran) -> BTreeMap<String, (String, String)> {
    let checks = ran.json().at("checks").items();
    let check = |check: &crate::exact::Json| {
        let told = format!("{}; {}", check.text("found"), check.text("remedy"));
        (check.text("check"), (check.text("state"), told))
    };
    checks.iter().map(check).collect()
}

#[test]
fn a_sound_ledger_is_well() {
    let centime = Centime::new();
    centime.import_events(&EVENTS[..1]).ok();
    let before = std::fs::read(centime.path("centime.db")).unwrap();
    let ran = centime.run(["doctor", "--format", "json"]).ok().says_nothing();
    assert_eq!(ran.json().text("ok"), "true");
    let found = checks(&ran);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let expected = [
        "clock",
        "configuration",
        "disk",
        "estimated",
        "in doubt",
        "integrity",
        "journal",
        "keys",
        "last entry",
        "ledger",
        "left over",
        "prices",
        "schema",
        "unpriced",
        "writable",
    ];
    assert_eq!(names, expected);
    for (name, (state, told)) in &found {
        assert!(state == "ok" || ["disk", "prices"].contains(&name.as_str()), "{name}: {told}");
    }
    assert_eq!(std::fs::read(centime.path("centime.db")).unwrap(), before, "nothing is changed");
    let table = centime.run(["doctor"]).ok();
    assert_eq!(table.text().lines().count(), expected.len(), "{}", table.text());
    let csv = centime.run(["doctor", "--format", "csv"]).ok().csv();
    assert_eq!(csv.len(), expected.len() + 1);
}

#[test]
fn what_wants_attention_has_its_remedy() {
    let centime = Centime::new();
    let found = checks(&centime.run(["doctor", "--format", "json"]).ok());
    let expect =
        |found: &BTreeMap<String, (String, String)>, name: &str, state: &str, words: &str| {
            let (is, told) = &found[name];
            assert!(is == state && told.contains(words), "{name} is {is}: {told}");
        };
    expect(&found, "ledger", "warn", "centime import");
    assert!(!centime.path("centime.db").exists());

    centime.import_events(EVENTS).ok();
    centime.write("old.db.part", "");
    centime.write("centime.toml", "timezone = \"Europe/Paris\"\n");
    let mut doctor = centime.command(["doctor", "--format", "json"]);
    doctor.env("OPENAI_API_KEY", "sk-secret-1");
    let out = doctor.output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("OPENAI_API_KEY") && !text.contains("sk-secret"), "{text}");
    let found = checks(&centime.run(["doctor", "--format", "json"]).ok());
    expect(&found, "configuration", "ok", "`centime.toml` is read");
    expect(&found, "unpriced", "warn", "1 of 3 requests are not fully priced (33.3 %)");
    expect(&found, "unpriced", "warn", "centime reprice");
    expect(&found, "in doubt", "warn", "centime resolve");
    expect(&found, "left over", "warn", "`old.db.part`");

    let dump = in_repository("crates/ledger/tests/fixtures/version-001.sql");
    let dump = std::fs::read_to_string(dump).unwrap();
    rusqlite::Connection::open(centime.path("old.db")).unwrap().execute_batch(&dump).unwrap();
    let found = checks(&centime.run(["doctor", "--format", "json", "--db", "old.db"]).ok());
    expect(&found, "schema", "warn", "centime db migrate");
    expect(&found, "journal", "warn", "delete");
}

#[test]
fn what_does_not_work_fails() {
    let centime = Centime::new();
    centime.import_events(&EVENTS[..1]).ok();
    let is = |args: &[&str], code: i32, name: &str, state: &str, words: &str| {
        let ran = centime.run(["doctor", "--format", "json"].iter().chain(args)).exits(code);
        let (is, told) = checks(&ran)[name].clone();
        assert!(is == state && told.contains(words), "{name} is {is}: {told}");
        assert_eq!(ran.json().text("ok"), "false");
    };
    centime.write("bad.toml", "databse = 1\n");
    is(&["--config", "bad.toml"], 1, "configuration", "fail", "did you mean `database`?");
    is(&["--config", "none.toml"], 1, "configuration", "fail", "none.toml");
    is(&["--tz", "Paris"], 1, "configuration", "fail", "`Paris`");
    is(&["--db", "no/folder.db"], 1, "ledger", "fail", "no folder `no`");
    is(&["--db", "postgres://h/d"], 1, "ledger", "fail", "SQLite");
    centime.write("text.db", "x".repeat(5000));
    is(&["--db", "text.db"], 1, "ledger", "fail", "damaged");
    is(&["--db", "."], 3, "ledger", "blind", "it is a folder");
    centime.write("bad.prices", "nonsense");
    is(&["--prices", "bad.prices"], 1, "prices", "fail", "bad.prices");
    // A tree of the file that is not what it was.
    let mut bytes = std::fs::read(centime.path("centime.db")).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'cards'";
    let root: u32 = centime.sqlite().query_row(root, (), |row| row.get(0)).unwrap();
    bytes[(usize::try_from(root).unwrap() - 1) * 4096..][..64].fill(0xee);
    centime.write("damaged.db", &bytes);
    is(&["--db", "damaged.db"], 1, "integrity", "fail", "restore a backup");
}
