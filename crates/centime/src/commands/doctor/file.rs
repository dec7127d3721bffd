//! The ledger's file: that it is there, whole, writable, and has room to grow.

use std::path::Path;

use centime_ledger::LedgerError;
use centime_ledger::sqlite::{Health, OpenMode, SqliteLedger};

use super::{Check, words};
use crate::app::{App, parent_of};

/// Below this, a ledger soon has no room.
const FREE_BYTES_FEW: u64 = 1 << 30;
/// Below this, it has none.
const FREE_BYTES_NONE: u64 = 64 << 20;
/// A log is emptied when it has 64 MiB; one this long is kept from it.
const LOG_BYTES_MANY: u64 = 512 << 20;

/// Looks at all of it.
pub(super) fn checks(app: &App) -> Vec<Check> {
    let path = match app.database_path() {
        Ok(path) => path,
        Err(failure) => return vec![Check::fail("ledger", failure.message(), "name a file")],
    };
    let mut checks = Vec::new();
    if path.exists() {
        match SqliteLedger::open(path, OpenMode::Read).and_then(|ledger| ledger.health()) {
            Ok(health) => {
                checks.extend(of_health(path, &health));
                checks.push(writable(path));
            }
            Err(error) => checks.push(of_error("ledger", &error)),
        }
    } else if parent_of(path).is_dir() {
        let found = format!("there is no `{}` yet", path.display());
        checks.push(Check::warn("ledger", found, "`centime import FILE` makes it"));
    } else {
        let found = format!("there is no folder `{}`", parent_of(path).display());
        let remedy = "make it, or name another file with `--db FILE`";
        return vec![Check::fail("ledger", found, remedy)];
    }
    checks.push(disk(parent_of(path)));
    checks.push(left_over(path));
    checks
}

/// What is wrong with the file fails; what keeps us from it blinds.
pub(super) fn of_error(name: &'static str, error: &LedgerError) -> Check {
    let state = match error {
        LedgerError::Damaged { .. } | LedgerError::Newer { .. } | LedgerError::ReadOnly { .. } => {
            super::State::Fail
        }
        _ => super::State::Blind,
    };
    Check { state, ..Check::blind(name, error.to_string()) }
}

fn of_health(path: &Path, health: &Health) -> Vec<Check> {
    let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut checks =
        vec![Check::ok("ledger", format!("`{}`, {}", place.display(), words::bytes(health.bytes)))];
    let (version, known) = (health.version, health.version_known);
    let found = format!("version {version}");
    checks.push(if version < known {
        let remedy = format!("`centime db migrate` brings it to {known}; the next write does, too");
        Check::warn("schema", found, remedy)
    } else {
        Check::ok("schema", found)
    });
    let mode = &health.journal_mode;
    checks.push(match mode.as_str() {
        "wal" => Check::ok("journal", "wal: readers and the writer do not wait for one another"),
        mode => {
            let found = format!("{mode}: readers wait while something is written");
            let remedy = "keep the ledger on a local disk, where SQLite can use a write-ahead log";
            Check::warn("journal", found, remedy)
        }
    });
    checks.push(match health.damage.as_slice() {
        [] => Check::ok("integrity", "SQLite finds the file whole"),
        [first, others @ ..] => {
            let more = if others.is_empty() { "" } else { ", and more" };
            let remedy = "restore a backup; `centime verify` names every difference";
            Check::fail("integrity", format!("{first}{more}"), remedy)
        }
    });
    if health.log_bytes > LOG_BYTES_MANY {
        let found = format!("the log beside the ledger has {}", words::bytes(health.log_bytes));
        let remedy =
            "end the program that has read the ledger for so long; the next write empties it";
        checks.push(Check::warn("log", found, remedy));
    }
    checks
}

fn writable(path: &Path) -> Check {
    const NAME: &str = "writable";
    match SqliteLedger::try_write(path) {
        Ok(()) => Check::ok(NAME, "the ledger can be written"),
        Err(error @ LedgerError::Locked { .. }) => {
            Check::warn(NAME, error.to_string(), "if it stays so, end that program")
        }
        Err(error @ LedgerError::ReadOnly { .. }) => {
            let remedy = "give this user the right to write the file and its folder";
            Check::fail(NAME, error.to_string(), remedy)
        }
        Err(error) => of_error(NAME, &error),
    }
}

fn disk(folder: &Path) -> Check {
    const NAME: &str = "disk";
    let free = match fs4::available_space(folder) {
        Ok(free) => free,
        Err(error) => {
            let found = format!("cannot ask how much of `{}` is free: {error}", folder.display());
            return Check::blind(NAME, found);
        }
    };
    let found = format!("{} are free", words::bytes(free));
    let remedy = "free some, or move the ledger";
    if free < FREE_BYTES_NONE {
        Check::fail(NAME, found, remedy)
    } else if free < FREE_BYTES_FEW {
        Check::warn(NAME, found, remedy)
    } else {
        Check::ok(NAME, found)
    }
}

/// What a backup or an export that was killed leaves beside its target, and a log without its ledger.
fn left_over(path: &Path) -> Check {
    const NAME: &str = "left over";
    let folder = parent_of(path);
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) => {
            return Check::blind(NAME, format!("cannot list `{}`: {error}", folder.display()));
        }
    };
    let names = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ledger = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_log = |name: &String| {
        let of = name.strip_suffix("-wal").or_else(|| name.strip_suffix("-journal"));
        of.is_some() && of == ledger.as_deref() && !path.exists()
    };
    let mut names: Vec<String> =
        names.filter(|name| name.ends_with(".part") || is_log(name)).collect();
    names.sort();
    match names.as_slice() {
        [] => Check::ok(NAME, "no files of work that was cut off"),
        names => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let found = format!("in `{}`: {}", folder.display(), names.join(", "));
            Check::warn(NAME, found, "remove them, unless a backup or an export runs right now")
        }
    }
}
