//! A copy of the ledger as it is at one moment, made while others write.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::fault::Fault;
use crate::error::LedgerError;

/// Copies the ledger into a file that is not there yet: whole, or not at all.
pub(super) fn backup(db: &Connection, target: &Path) -> Result<(), LedgerError> {
    let cannot =
        |error: io::Error| LedgerError::Open { path: target.to_owned(), reason: error.to_string() };
    // Whoever comes second finds the name taken: a backup never takes the place of anything.
    drop(File::create_new(target).map_err(cannot)?);
    let beside = beside(target);
    let copied = copy(db, &beside).map_err(|fault| fault.in_file(target)).and_then(|()| {
        File::open(&beside).and_then(|file| file.sync_all()).map_err(cannot)?;
        fs::rename(&beside, target).map_err(cannot)
    });
    if copied.is_err() {
        // What is left of an attempt that failed is of no use; the failure itself is what is told.
        let _ = fs::remove_file(&beside);
        let _ = fs::remove_file(target);
    }
    copied
}

/// The name of the copy while it is not whole.
fn beside(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// SQLite reads one snapshot, and packs what it writes.
fn copy(db: &Connection, to: &Path) -> Result<(), Fault> {
    // What is left of an attempt that was killed.
    let _ = fs::remove_file(to);
    let name = to.to_str().ok_or_else(|| {
        Fault::Damaged(format!("`{}` is no name that SQLite can write: use UTF-8", to.display()))
    })?;
    db.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}
