//! The disk is full in the middle of an import: what was acknowledged stays, and the rest comes in
//! when there is room.

use crate::exact::Json;
use crate::support::{Centime, can_mount, lines};

const EVENTS: usize = 40_000;

fn with_many_events() -> Centime {
    let centime = Centime::with_round_prices();
    let event = |id| {
        format!(
            r#"{{"id":"request-{id}","at":"2024-05-01","model":"big","meters":{{"input":100}},"session":"session-{id}"}}"#
        )
    };
    centime.write("events.jsonl", lines((0..EVENTS).map(event)));
    centime
}

/// Makes sure of a ledger to which an import was cut off, and of the import after it.
fn assert_completed(centime: &Centime, what: &str) {
    let verified = Json::parse(&centime.read("verified"));
    assert_eq!(verified.text("ok"), "true", "{what}");
    let before = verified.whole("entries");
    let whole = i128::try_from(EVENTS).unwrap();
    assert!(before < whole, "{what}: all of it found room");
    let summary = Json::parse(&centime.read("again"));
    assert_eq!(summary.whole("known"), before, "{what}");
    assert_eq!(summary.whole("new"), whole - before, "{what}");
    let report = Json::parse(&centime.read("report"));
    assert_eq!(report.text("total.cost"), "40", "{what}");
    assert_eq!(report.whole("total.requests"), whole, "{what}");
    let verified = Json::parse(&centime.read("verified-again"));
    assert_eq!(verified.text("ok"), "true", "{what}");
    assert_eq!(verified.whole("entries"), whole, "{what}");
}

/// The import that does not fit, then, where there is room again, the one that does.
const IMPORT: &str = r#""$CENTIME" import events.jsonl --prices prices --format json"#;
const COMPLETE: &str = r#""$CENTIME" verify --format json >verified
    "$CENTIME" import events.jsonl --prices prices --format json >again
    "$CENTIME" report --format json >report
    "$CENTIME" verify --format json >verified-again"#;

#[test]
fn a_full_disk_stops_an_import_and_loses_nothing() {
    if !can_mount() {
        return;
    }
    for room in ["200k", "1m", "8m"] {
        let centime = with_many_events();
        std::fs::create_dir(centime.path("small")).unwrap();
        let script = format!(
            "exec unshare -rm sh -c 'export CENTIME_DB=small/centime.db
             mount -t tmpfs -o size={room} none small || exit 99
             {IMPORT} >first; code=$?
             mount -o remount,size=100m small || exit 99
             set -e
             {COMPLETE}
             exit $code'"
        );
        centime.shell(&script).exits(3).says("`small/centime.db`");
        assert_completed(&centime, room);
    }
}

#[test]
fn a_full_disk_can_still_be_read() {
    if !can_mount() {
        return;
    }
    let centime = with_many_events();
    std::fs::create_dir(centime.path("small")).unwrap();
    let script = format!(
        "exec unshare -rm sh -c 'export CENTIME_DB=small/centime.db
         mount -t tmpfs -o size=8m none small || exit 99
         {IMPORT} >first; code=$?
         head -c 9999999 /dev/zero 2>/dev/null >small/ballast
         set -e
         \"$CENTIME\" verify
         \"$CENTIME\" report
         exit $code'"
    );
    centime.shell(&script).exits(3).says("is full").prints("verified: ");
}

#[test]
fn a_file_that_may_not_grow_stops_an_import_and_loses_nothing() {
    // In blocks of 512 bytes; the signal that would end the process is ignored, as services do.
    for blocks in [400, 2000, 4000] {
        let centime = with_many_events();
        let first = format!("trap '' XFSZ; ulimit -f {blocks}; exec {IMPORT}");
        centime.shell(&first).exits(3).says("`centime.db`");
        centime.shell(&format!("set -e\n{COMPLETE}")).ok();
        assert_completed(&centime, &format!("{blocks} blocks"));
    }
}

#[test]
fn without_room_for_an_empty_ledger_there_is_none_until_there_is_room() {
    let centime = with_many_events();
    for blocks in [0, 100] {
        let first = format!("trap '' XFSZ; ulimit -f {blocks}; exec {IMPORT}");
        centime.shell(&first).exits(3).prints_nothing().says("`centime.db`");
    }
    centime.shell(IMPORT).ok();
    centime.assert_verified(EVENTS);
}
