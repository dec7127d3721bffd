//! A ledger of every earlier version becomes one of this version, and loses nothing.
//!
//! The fixture of a version is the `.dump` of a ledger of [`kept`] that this version wrote, behind the
//! two pragmas that a dump leaves out. It is made when the version is, and never again.

use std::path::{Path, PathBuf};

use centime_core::meter::Meter;
use centime_core::score::Score;
use centime_ledger::Appended::{Known, New};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{
    Alerts as _, Entries, Feedback, JournalId, Journals, Keys, LedgerError, Mark, Prices, Reports,
    Secrets, Verify,
};
use rusqlite::Connection;

use crate::homes::new_path;
use crate::keys;
use crate::samples::{adjustment, all, by, entry, full, revision, total_of, unpriced};

/// The entries of every fixture; from version 2 on there is `revision(1)` besides, from version 4 on a
/// score of the second and [`MARK`], from version 5 on a secret, [`SECRET`], from
/// version 7 on a key, and from version 8 on an alert and a message.
fn kept() -> Vec<centime_core::entry::Entry> {
    let adjusted = entry("a", &[(Meter::Input, "1000"), (Meter::Output, "50")]);
    let adjusting = adjustment(&adjusted, 0, Meter::Output, "-50", -500_000_000);
    vec![full(), adjusted, adjusting, unpriced("b", &[(Meter::Seconds, "0.5")])]
}

const MARK: Mark = Mark { journal: JournalId([7; 16]), position: 1_000_000 };

const SECRET: [u8; 32] = [9; 32];

fn version_of(path: &Path) -> u32 {
    let db = Connection::open(path).unwrap();
    db.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap()
}

fn version_of_new() -> u32 {
    let (_folder, path) = new_path();
    SqliteLedger::open(&path, OpenMode::Write).unwrap();
    version_of(&path)
}

fn score(version: u32) -> Option<Score> {
    (version >= 4).then(|| "0.9".parse().unwrap())
}

/// What the fixture of a version says of keys.
fn keys_in(version: u32) -> Vec<centime_core::key::Key> {
    if version < 7 { vec![] } else { vec![keys::full("ck-1")] }
}

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/version-{version:03}.sql"))
}

/// What the fixture of a version says about the journal of [`MARK`].
fn position_in(version: u32) -> Option<u64> {
    (version >= 4).then_some(MARK.position)
}

#[test]
fn a_ledger_of_every_version_is_brought_up_to_date() {
    for version in 1..=version_of_new() {
        let (_folder, path) = new_path();
        let dump = std::fs::read_to_string(fixture(version)).unwrap();
        Connection::open(&path).unwrap().execute_batch(&dump).unwrap();
        assert_eq!(version_of(&path), version);

        let mut ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        let mut entries = all(&ledger);
        entries.reverse();
        assert_eq!(entries, kept(), "version {version}");
        assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, [], "version {version}");
        let revisions = if version < 2 { vec![] } else { vec![revision(1)] };
        assert_eq!(ledger.price_revisions().unwrap(), revisions, "version {version}");
        assert_eq!(ledger.mark(MARK.journal).unwrap(), position_in(version), "version {version}");
        assert_eq!(ledger.score(kept()[1].uid).unwrap(), score(version), "version {version}");
        assert_eq!(ledger.append(&kept()).unwrap(), [Known; 4], "version {version}");
        let secret = if version >= 5 { SECRET } else { [1; 32] };
        assert_eq!(ledger.naming_secret(&[1; 32]).unwrap(), secret, "version {version}");
        assert_eq!(ledger.keys().unwrap(), keys_in(version), "version {version}");
        let told = ledger.raised(9).unwrap();
        assert_eq!(told.len(), usize::from(version >= 8), "version {version}");
        assert_eq!(ledger.channel_state("ops").unwrap().waiting > 0, version >= 8);
        ledger.add_key(&centime_core::key::Key::new("ck-2", entry("a", &[]).at)).unwrap();
        ledger.append_marked(&[], &[MARK]).unwrap();
        assert_eq!(ledger.mark(MARK.journal).unwrap(), Some(MARK.position), "version {version}");
        assert_eq!(ledger.append(&[entry("new", &[])]).unwrap(), [New], "version {version}");
        assert_eq!(version_of(&path), version_of_new());
    }
}

#[test]
fn a_ledger_of_every_version_is_read_as_it_is() {
    for version in 1..=version_of_new() {
        let (_folder, path) = new_path();
        let dump = std::fs::read_to_string(fixture(version)).unwrap();
        Connection::open(&path).unwrap().execute_batch(&dump).unwrap();
        let mut ledger = SqliteLedger::open(&path, OpenMode::Read).unwrap();
        let mut entries = all(&ledger);
        entries.reverse();
        assert_eq!(entries, kept(), "version {version}");
        assert_eq!(ledger.total(&by("")).unwrap().cost, total_of(&kept()));
        assert_eq!(ledger.price_revisions().unwrap().len(), if version < 2 { 0 } else { 1 });
        assert_eq!(ledger.mark(MARK.journal).unwrap(), position_in(version), "version {version}");
        assert_eq!(ledger.score(kept()[1].uid).unwrap(), score(version));
        assert_eq!(ledger.keys().unwrap(), keys_in(version), "version {version}");
        assert_eq!(ledger.keys_revision().unwrap(), if version < 7 { 0 } else { 1 });
        assert_eq!(ledger.raised(9).unwrap().len(), usize::from(version >= 8));
        assert_eq!(ledger.scored(&by("")).unwrap().is_empty(), score(version).is_none());
        let found = ledger.verify(&mut |_| {}).unwrap();
        assert_eq!((found.entries, found.differences), (4, vec![]), "version {version}");
        let refused = ledger.append(&[entry("new", &[])]).unwrap_err();
        assert!(matches!(refused, LedgerError::ReadOnly { .. }), "{refused:?}");
        assert_eq!(version_of(&path), version);
    }
}

#[test]
fn the_fixture_of_this_version_has_its_schema() {
    let (_folder, path) = new_path();
    SqliteLedger::open(&path, OpenMode::Write).unwrap();
    let written = Connection::open(&path).unwrap();
    let restored = Connection::open_in_memory().unwrap();
    let dump = std::fs::read_to_string(fixture(version_of_new())).unwrap();
    restored.execute_batch(&dump).unwrap();
    let schema = |db: &Connection| {
        let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map((), |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(schema(&restored), schema(&written));
}
