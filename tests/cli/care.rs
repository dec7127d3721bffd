//! `centime backup` and `centime db migrate`: copies that are whole, and old ledgers made new.

use rusqlite::Connection;

use crate::support::{Centime, in_repository};

const EVENT: &str = r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":1000}}"#;

#[test]
fn a_backup_is_a_ledger_of_its_own() {
    let centime = Centime::new();
    centime.import_events([EVENT]).ok();
    let entries = centime.run(["entries", "--format", "json"]).ok().json().raw().to_owned();
    centime.run(["backup", "copy.db"]).ok().prints("copied to `copy.db`");
    let copied = centime.run(["entries", "--format", "json", "--db", "copy.db"]).ok();
    assert_eq!(copied.json().raw(), entries);
    centime.run(["verify", "--db", "copy.db"]).ok();
    // It can be written, and the first knows nothing of that.
    let second = EVENT.replace("\"1\"", "\"2\"");
    centime.feed(second, ["import", "-", "--db", "copy.db"]).ok();
    centime.assert_verified(1);
    centime.run(["verify", "--db", "copy.db"]).ok().prints("2 entries");
}

#[test]
fn a_backup_takes_the_place_of_nothing() {
    let centime = Centime::new();
    centime.import_events([EVENT]).ok();
    centime.write("notes.txt", "mine");
    centime.run(["backup", "notes.txt"]).exits(3).prints_nothing().says("notes.txt");
    assert_eq!(centime.read("notes.txt"), "mine");
    centime.run(["backup", "centime.db"]).exits(3).says("centime.db");
    centime.run(["backup", "no/such/folder.db"]).exits(3).says("no/such/folder.db");
    centime.assert_verified(1);
    let names = std::fs::read_dir(centime.path(".")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let parts: Vec<_> = names.filter(|name| name.ends_with(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");
    let empty = Centime::new();
    empty.run(["backup", "copy.db"]).exits(3).says("no ledger");
    assert!(!empty.path("copy.db").exists());
}

#[test]
fn an_old_ledger_is_brought_up_to_date_once() {
    let centime = Centime::new();
    let dump = in_repository("crates/ledger/tests/fixtures/version-001.sql");
    let dump = std::fs::read_to_string(dump).unwrap();
    Connection::open(centime.path("centime.db")).unwrap().execute_batch(&dump).unwrap();
    let before = centime.report(["models"]).raw().to_owned();
    let migrated = centime.run(["db", "migrate"]).ok();
    migrated.prints("from schema version 1 to ");
    centime.run(["db", "migrate"]).ok().prints("up to date");
    assert_eq!(centime.report(["models"]).raw(), before);
    centime.run(["verify"]).ok();
    Centime::new().run(["db", "migrate"]).exits(3).says("no ledger");
}
