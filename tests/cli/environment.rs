//! What surrounds the command fails: files that are no ledgers, places that cannot be written, and
//! readers that leave.

use crate::support::{Centime, Ran, can_mount, lines};

const EVENT: &str = r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":100}}"#;

/// A folder with a ledger of one entry.
fn with_a_ledger() -> Centime {
    let centime = Centime::new();
    centime.import_events([EVENT]).ok();
    centime
}

/// Each command that opens a ledger, with `--db` to follow.
const READERS: [&[&str]; 4] = [&["report"], &["entries"], &["explain", "1"], &["verify"]];
const WRITER: &[&str] = &["import", "events.jsonl", "--prices", "prices"];

fn each_command(centime: &Centime, db: &str) -> Vec<Ran> {
    let run = |args: &&[&str]| centime.run(args.iter().chain(&["--db", db]));
    READERS.iter().chain(&[WRITER]).map(run).collect()
}

#[test]
fn without_a_ledger_readers_say_how_to_get_one() {
    let centime = Centime::new();
    for args in READERS {
        let ran = centime.run(args).exits(3).prints_nothing();
        ran.says("`centime.db`").says("centime import").says("--db");
        assert!(!centime.path("centime.db").exists(), "{args:?} made one");
    }
}

#[test]
fn what_is_no_ledger_is_named_and_left_alone() {
    let centime = with_a_ledger();
    std::fs::create_dir(centime.path("folder")).unwrap();
    centime.write("prose", "no database at all, ".repeat(500));
    centime.write("noise", (0..=255).cycle().take(8192).collect::<Vec<u8>>());
    let foreign = rusqlite::Connection::open(centime.path("foreign")).unwrap();
    foreign.execute_batch("CREATE TABLE cats (name TEXT); PRAGMA user_version = 1").unwrap();
    drop(foreign);
    for ledger in ["newer", "half"] {
        std::fs::copy(centime.path("centime.db"), centime.path(ledger)).unwrap();
    }
    let newer = rusqlite::Connection::open(centime.path("newer")).unwrap();
    newer.execute_batch("PRAGMA user_version = 9999").unwrap();
    drop(newer);
    let half = std::fs::read(centime.path("half")).unwrap();
    centime.write("half", &half[..half.len() / 2]);

    for (db, word) in [
        ("folder", "it is a folder"),
        ("prose", "damaged"),
        ("noise", "damaged"),
        ("foreign", "another program's database"),
        ("newer", "9999"),
        ("half", "damaged"),
        ("nowhere/centime.db", "`nowhere`"),
        ("/proc/centime.db", "`/proc/centime.db`"),
        ("/sys/centime.db", "`/sys/centime.db`"),
        ("/proc/version", "`/proc/version`"),
        ("prices/centime.db", "`prices"),
    ] {
        let before = std::fs::read(centime.path(db)).ok();
        for ran in each_command(&centime, db) {
            ran.exits(3).prints_nothing().says(word).says(&format!("`{db}`"));
        }
        assert_eq!(std::fs::read(centime.path(db)).ok(), before, "{db} was changed");
    }
    for db in ["postgres://localhost/x", "mysql://localhost/x"] {
        for ran in each_command(&centime, db) {
            ran.exits(2).prints_nothing().says("://");
        }
    }
}

#[test]
fn an_empty_file_becomes_a_ledger_when_it_is_first_written() {
    let centime = with_a_ledger();
    centime.write("empty", "");
    for args in READERS {
        centime.run(args.iter().chain(&["--db", "empty"])).exits(3).says("`empty`");
    }
    centime.run(WRITER.iter().chain(&["--db", "empty"])).ok();
    centime.run(["explain", "1", "--db", "empty"]).ok();
}

#[test]
fn a_ledger_that_cannot_be_written_is_still_read() {
    if !can_mount() {
        return;
    }
    for read_only in ["home", "home/centime.db"] {
        let centime = with_a_ledger();
        std::fs::create_dir(centime.path("home")).unwrap();
        std::fs::rename(centime.path("centime.db"), centime.path("home/centime.db")).unwrap();
        centime.write("more.jsonl", EVENT.replace(r#""1""#, r#""2""#));
        // In a mount namespace even root may not write what is mounted to be read.
        let script = format!(
            "exec unshare -rm sh -c 'set -e
             mount --bind {read_only} {read_only}
             mount -o remount,bind,ro {read_only}
             touch {read_only} 2>/dev/null && exit 99
             export CENTIME_DB=home/centime.db
             \"$CENTIME\" verify
             \"$CENTIME\" report --format json
             \"$CENTIME\" import more.jsonl --prices prices'"
        );
        let ran = centime.shell(&script).exits(3).says("`home/centime.db`").says("read-only");
        ran.prints("verified: 1 entry").prints("\"cost\":0.001");
    }
}

#[test]
fn an_import_stops_at_a_damaged_page_and_leaves_the_others_alone() {
    const PAGE: usize = 4096;
    let centime = Centime::new();
    let events =
        |from: usize| (from..from + 300).map(|id| EVENT.replace(r#""1""#, &format!("\"{id}\"")));
    centime.import_events(events(0)).ok();
    centime.write("more.jsonl", lines(events(300)));
    let whole = std::fs::read(centime.path("centime.db")).unwrap();
    let mut stopped = 0;
    for place in (PAGE..whole.len()).step_by(PAGE) {
        let db = format!("{place}.db");
        let mut damaged = whole.clone();
        damaged[place..place + PAGE].fill(0xA5);
        centime.write(&db, &damaged);
        let ran = centime.run(["import", "more.jsonl", "--prices", "prices", "--db", &db]);
        if ran.words().starts_with("300 new") {
            ran.ok(); // what it had no need to look at
            continue;
        }
        ran.exits(3).prints_nothing().says(&format!("`{db}` is damaged")).says("restore a backup");
        stopped += 1;
        // Nothing was written: with that page as it was, it is the ledger of before.
        let mut left = std::fs::read(centime.path(&db)).unwrap();
        left[place..place + PAGE].copy_from_slice(&whole[place..place + PAGE]);
        assert!(left == whole, "{db}");
    }
    assert!(stopped > 2, "{stopped}");
}

#[test]
fn answers_that_cannot_be_written_are_a_failure() {
    let centime = with_a_ledger();
    let commands = [
        "report total",
        "report models",
        "report daily",
        "report full",
        "entries",
        "explain 1",
        "verify",
        "price big --input 1 --prices prices",
        "price --jsonl events.jsonl --prices prices",
        "import more.jsonl --prices prices",
    ];
    for command in commands {
        for format in ["table", "json", "csv"] {
            if (command, format) == ("report full", "csv") || (command, format) == ("verify", "csv")
            {
                continue; // the one is refused, the other has its header alone to print
            }
            centime.write("more.jsonl", EVENT.replace(r#""1""#, &format!("\"{format}\"")));
            let script = format!("exec \"$CENTIME\" {command} --format {format} >/dev/full");
            centime.shell(&script).exits(3).says("standard output");
        }
    }
    // What an import acknowledged by then is in.
    centime.assert_verified(4);
}

#[test]
fn words_that_nobody_can_read_change_nothing() {
    let centime = with_a_ledger();
    centime.write("bad.jsonl", lines([EVENT, "{"]));
    for (command, code) in [
        ("import bad.jsonl --prices prices", 2),
        ("import events.jsonl --prices prices", 0),
        ("price nothing-like-it --input 1", 2),
        ("price big --prices prices", 0),
        ("report --db nowhere.db", 3),
    ] {
        for closed in ["2>/dev/full", "2>&-"] {
            centime.shell(&format!("exec \"$CENTIME\" {command} {closed}")).exits(code);
        }
    }
}

#[test]
fn rejects_that_cannot_be_written_are_a_failure_and_the_good_ones_are_in() {
    for (rejects, entries) in [("/dev/full", Some(1)), ("nowhere/rejects", None), ("/proc/x", None)]
    {
        let centime = Centime::with_round_prices();
        let bad = (0..2000).map(|_| "{\"model\":\"big\"}".to_owned());
        centime.write("mixed.jsonl", lines(bad.chain([EVENT.to_owned()])));
        let args = ["import", "mixed.jsonl", "--prices", "prices", "--rejects", rejects];
        centime.run(args).exits(3).prints_nothing().says(&format!("`{rejects}`"));
        match entries {
            // It is known only when the import is well under way.
            Some(_) => {
                centime.write("good.jsonl", EVENT);
                centime.run(["import", "good.jsonl", "--prices", "prices"]).ok();
                centime.assert_verified(1);
            }
            None => assert!(!centime.path("centime.db").exists()),
        }
    }
}

#[test]
fn readers_that_leave_are_no_failure() {
    let centime = Centime::new();
    let events = (0..3000).map(|id| EVENT.replace(r#""1""#, &format!("\"{id}\"")));
    centime.import_events(events).ok();
    for command in [
        "entries --limit 3000 --format json",
        "entries --limit 3000 --format csv",
        "entries --limit 3000",
        "report full",
        "explain 1",
        "verify",
        "price --jsonl events.jsonl --prices prices",
    ] {
        for reader in ["head -1", "true"] {
            let script = format!("{{ \"$CENTIME\" {command}; echo $? >code; }} | {reader}");
            centime.shell(&script).ok().says_nothing();
            assert_eq!(centime.read("code"), "0\n", "{command} | {reader}");
        }
    }
}
