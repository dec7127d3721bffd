//! What only the inside of the SQLite ledger can be asked.

use std::path::Path;
use std::time::Duration;

use centime_core::attribution::Attribution;
use centime_core::entry::{Entry, PricingStatus, Status, StatusMoves, Uid, UsageSource};
use centime_core::money::PicoUsd;
use centime_core::price::Options;
use centime_core::time::Timestamp;
use rusqlite::Connection;

use super::{OpenMode, REMEMBERED_MAX, SqliteLedger, identities};
use crate::error::LedgerError;
use crate::query::{Dimension, EntryFilter, Match, Page};
use crate::traits::{Appended, Entries as _, Verify as _};

pub(super) fn entry(index: u64) -> Entry {
    Entry {
        uid: Uid::of_record("test", &index.to_be_bytes(), 0),
        own_id: Some(format!("request-{index}")),
        source: "test".to_owned(),
        content: index,
        at: Timestamp::from_micros(1_800_000_000_000_000),
        at_assumed: false,
        recorded_at: Timestamp::from_micros(1_800_000_000_000_000),
        adjusts: None,
        moves: StatusMoves::default(),
        request_id: None,
        attempt: 1,
        status: Status::Ok,
        usage_source: UsageSource::Reported,
        pricing_status: PricingStatus::Unpriced,
        provider: None,
        model: "m".to_owned(),
        served_model: None,
        service_tier: None,
        region: None,
        batch: false,
        options: Options::NONE,
        requests: 1,
        output_limit_tokens: None,
        response_id: None,
        latency_ms: None,
        price_version: None,
        card: None,
        price_assumed: false,
        lines: Vec::new(),
        charge: PicoUsd::ZERO,
        reported_cost: None,
        saved: PicoUsd::ZERO,
        held: None,
        attribution: Attribution {
            session: Some(format!("session-{index}")),
            ..Attribution::default()
        },
    }
}

pub(super) fn batch(range: std::ops::Range<u64>) -> Vec<Entry> {
    range.map(entry).collect()
}

pub(super) fn ledger(folder: &Path) -> SqliteLedger {
    SqliteLedger::open(&folder.join("centime.db"), OpenMode::Write).unwrap()
}

#[test]
fn a_full_disk_takes_nothing_of_a_batch_and_the_next_one_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    ledger.append(&batch(0..10)).unwrap();
    let pages: i64 =
        ledger.connection.query_row("PRAGMA page_count", (), |row| row.get(0)).unwrap();
    let hold_to = |ledger: &SqliteLedger, pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        ledger.connection.query_row(&sql, (), |_| Ok(())).unwrap();
    };
    hold_to(&ledger, pages + 2);
    let error = ledger.append(&batch(10..1000)).unwrap_err();
    assert!(matches!(error, LedgerError::Full { .. }), "{error:?}");
    assert_eq!(ledger.entry(entry(10).uid).unwrap(), None);

    hold_to(&ledger, pages + 1000);
    assert_eq!(ledger.append(&batch(10..1000)).unwrap(), [Appended::New; 990]);
    assert_eq!(ledger.entry(entry(999).uid).unwrap(), Some(entry(999)));
    let found = ledger.verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (1000, vec![]));
}

#[test]
fn a_ledger_that_stays_locked_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    ledger.connection.busy_timeout(Duration::from_millis(20)).unwrap();
    let other = Connection::open(ledger.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = ledger.append(&batch(0..1)).unwrap_err();
    assert!(matches!(error, LedgerError::Locked { .. }), "{error:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(ledger.append(&batch(0..1)).unwrap(), [Appended::New]);
}

#[test]
fn what_was_settled_at_opening_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path());
    let setting = |name: &str| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        let value = ledger.connection.query_row(&format!("PRAGMA {name}"), (), read).unwrap();
        match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    };
    for (name, expected) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "0"),
        ("busy_timeout", "5000"),
        ("application_id", "1128615508"),
        ("user_version", "8"),
    ] {
        assert_eq!(setting(name), expected, "{name}");
    }
}

/// Every way of finding entries goes by an index, so that it is as quick in a ledger of millions.
#[test]
fn nothing_is_found_by_reading_everything() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    ledger.append(&batch(0..300)).unwrap();
    let uid = format!("WHERE {}", identities::condition(&ledger.connection).unwrap());
    let uid = uid.replace("?1", "x'00'");
    for (question, index) in [
        (uid.as_str(), "SEARCH identities USING PRIMARY KEY (generation=? AND prefix=?)"),
        ("WHERE adjusts = x'00' ORDER BY seq", "entries_adjusts"),
        ("ORDER BY at DESC, seq DESC LIMIT 10", "entries_at"),
        ("WHERE at = 1 AND seq < 9 ORDER BY at DESC, seq DESC LIMIT 10", "entries_at"),
        ("WHERE at < 1 ORDER BY at DESC, seq DESC LIMIT 10", "entries_at"),
    ] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT seq, lines FROM entries {question}");
        let mut statement = ledger.connection.prepare(&sql).unwrap();
        let steps = statement.query_map((), |row| row.get::<_, String>(3)).unwrap();
        let plan = steps.map(Result::unwrap).collect::<Vec<_>>().join("; ");
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{question}: {plan}");
    }
}

#[test]
fn more_names_than_are_remembered_are_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path());
    let many = u64::try_from(REMEMBERED_MAX).unwrap() + 10;
    ledger.append(&batch(0..many)).unwrap();
    let again: Vec<Entry> = (0..20)
        .map(|index| Entry { uid: Uid([u8::try_from(index).unwrap(); 16]), ..entry(index) })
        .collect();
    ledger.append(&again).unwrap();
    let sessions = "SELECT count(*) FROM names WHERE kind = 'session'";
    let sessions = ledger.connection.query_row(sessions, (), |row| row.get::<_, i64>(0));
    assert_eq!(sessions, Ok(i64::try_from(many).unwrap()));
    let filter = EntryFilter {
        conditions: vec![(Dimension::Session, Match::OneOf(vec!["session-3".to_owned()]))],
        ..EntryFilter::default()
    };
    let found = ledger.entries(&filter, &Page { limit: 9, after: None }).unwrap();
    assert_eq!(found, [again[3].clone(), entry(3)]);
}

#[test]
fn a_proof_is_of_one_moment_whatever_is_written_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ledger(folder.path());
    writer.append(&batch(0..5_000)).unwrap();
    let reader = SqliteLedger::open(writer.path(), OpenMode::Read).unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for from in (5_000..12_000).step_by(100) {
                writer.append(&batch(from..from + 100)).unwrap();
            }
        });
        let mut proofs = 0;
        while !writing.is_finished() || proofs < 2 {
            let found = reader.verify(&mut |_| {}).unwrap();
            assert_eq!((found.entries % 100, found.differences), (0, vec![]));
            proofs += 1;
        }
    });
}
