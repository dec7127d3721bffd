//! What somebody changed in the file behind Centime's back is found and named.

use centime_core::entry::Uid;
use centime_core::meter::Meter;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{Difference, Entries, Verify};
use rusqlite::Connection;

use crate::homes::new_path;
use crate::samples::{adjustment, entry};

#[test]
fn every_change_is_named() {
    for (change, expected) in [
        (
            "UPDATE entries SET charge_pico_usd = charge_pico_usd - 1 WHERE own_id = 'a'",
            "the lines add up to 0.00125 and the charge is 0.001249999999",
        ),
        (
            "UPDATE entries SET lines = replace(lines, '1250000000', '1250000001') WHERE own_id = 'a'",
            "`input` is charged 0.001250000001, and its rate times its quantity is 0.00125",
        ),
        (
            "UPDATE entries SET lines = replace(lines, '[1000,', '[1001,') WHERE own_id = 'a'",
            "`input_tokens` is 1000, and its lines add up to 1001",
        ),
        (
            "UPDATE entries SET output_tokens = 7 WHERE own_id = 'a'",
            "`output_tokens` is 7, and its lines add up to 0",
        ),
        (
            "UPDATE entries SET cache_read_tokens = 7 WHERE own_id = 'a'",
            "`cache_read_tokens` is 7, and its lines add up to 0",
        ),
        (
            "UPDATE cards SET content = replace(content, '0.00000125', '0.0000012')",
            "`input` is charged 0.00125, and its rate times its quantity is 0.0012",
        ),
        (
            "UPDATE entries SET pricing_status = 1 WHERE own_id = 'a'",
            "the entry says `partial` and its lines say `priced`",
        ),
        ("UPDATE entries SET status = 9 WHERE own_id = 'a'", "no status has the code 9"),
        (
            "UPDATE entries SET lines = '{' WHERE own_id = 'a'",
            "its lines cannot be read: EOF while parsing an object at line 1 column 1",
        ),
        ("UPDATE entries SET requests = -1 WHERE own_id = 'a'", "`requests` cannot be -1"),
        ("UPDATE entries SET at = 'noon' WHERE own_id = 'a'", "`at` cannot be of type Text"),
        (
            "UPDATE entries SET context = 99 WHERE own_id = 'a'",
            "its context 99 is not in the ledger",
        ),
        ("UPDATE entries SET session = 99 WHERE own_id = 'a'", "its name 99 is not in the ledger"),
        (
            "UPDATE entries SET card = 99 WHERE own_id = 'a'",
            "its rate card 99 is not in the ledger",
        ),
        (
            "UPDATE entries SET adjusts = zeroblob(16) WHERE own_id = 'a'",
            "it adjusts `00000000000000000000000000000000`, which is no attempt in this ledger",
        ),
    ] {
        let (_folder, path) = new_path();
        let mut ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        let changed = entry("a", &[(Meter::Input, "1000")]);
        ledger.append(&[changed.clone(), entry("b", &[(Meter::Output, "1")])]).unwrap();
        assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);

        let outside = Connection::open(&path).unwrap();
        outside.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        outside.execute_batch(change).unwrap();
        let found = ledger.verify(&mut |_| {}).unwrap().differences;
        let named =
            found.iter().any(|found| found.entry == Some(changed.uid) && found.what == expected);
        assert!(named, "{change}: {found:?}");
    }
}

#[test]
fn a_row_that_is_gone_is_missed_by_what_refers_to_it() {
    let (_folder, path) = new_path();
    let mut ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    let adjusted = entry("a", &[(Meter::Input, "1000")]);
    let adjusting = adjustment(&adjusted, 0, Meter::Input, "-1", -1_250_000);
    ledger.append(&[adjusted, adjusting.clone()]).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("DELETE FROM entries WHERE own_id = 'a'")
        .unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap().differences;
    assert!(found.iter().any(|found| found.entry == Some(adjusting.uid)), "{found:?}");
    let view = "the view `costs` adds up to 0, and the entries to -0.00000125";
    assert!(found.iter().any(|found| found.what == view), "{found:?}");
}

#[test]
fn a_score_of_nothing_is_named() {
    let (_folder, path) = new_path();
    let ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    let insert =
        "INSERT INTO feedback (entry, score_millionths, recorded_at) VALUES (zeroblob(16), 5, 0)";
    Connection::open(&path).unwrap().execute_batch(insert).unwrap();
    let what = "it has a score, and is no attempt in this ledger".to_owned();
    let expected = Difference { entry: Some(Uid([0; 16])), what };
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, [expected]);
}

#[test]
fn a_view_that_was_changed_is_named() {
    for (change, expected) in [
        ("", "the view `costs` cannot be read: no such table: costs"),
        (
            "CREATE VIEW costs AS SELECT 1 AS cost_pico_usd FROM entries",
            "the view `costs` adds up to 0.000000000001, and the entries to 0.00125",
        ),
    ] {
        let (_folder, path) = new_path();
        let mut ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        ledger.append(&[entry("a", &[(Meter::Input, "1000")])]).unwrap();
        let outside = Connection::open(&path).unwrap();
        outside.execute_batch(&format!("DROP VIEW costs; {change}")).unwrap();
        let found = ledger.verify(&mut |_| {}).unwrap().differences;
        assert_eq!(found.len(), 1);
        assert!(found[0].what.starts_with(expected), "{found:?}");
    }
}
