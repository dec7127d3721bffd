//! A new, empty ledger of each kind.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use centime_ledger::Ledger;
use centime_ledger::memory::MemoryLedger;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use tempfile::TempDir;

/// A ledger, with the folder that goes when it goes.
pub(crate) struct Home {
    ledger: Box<dyn Ledger>,
    _folder: Option<TempDir>,
}

impl Deref for Home {
    type Target = dyn Ledger;

    fn deref(&self) -> &Self::Target {
        &*self.ledger
    }
}

impl DerefMut for Home {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.ledger
    }
}

pub(crate) fn memory() -> Home {
    Home { ledger: Box::new(MemoryLedger::default()), _folder: None }
}

pub(crate) fn sqlite() -> Home {
    let (folder, ledger) = sqlite_itself();
    Home { ledger: Box::new(ledger), _folder: Some(folder) }
}

/// A SQLite ledger, for what it alone can do.
pub(crate) fn sqlite_itself() -> (TempDir, SqliteLedger) {
    let (folder, path) = new_path();
    let ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
    (folder, ledger)
}

/// Where a ledger can be made.
pub(crate) fn new_path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("centime.db");
    (folder, path)
}
