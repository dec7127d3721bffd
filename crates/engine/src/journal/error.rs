//! What can go wrong with a journal.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use centime_ledger::LedgerError;

/// Why a journal did not do what it was asked. A call that is not in it must not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The folder or a file in it cannot be made, opened or read.
    #[error("cannot open the journal `{}`: {reason}; check that the folder is there and writable", path.display())]
    Open {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Another process has the journal.
    #[error("the journal `{}` is in use by another process; end it, or use a ledger of its own", path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("the journal `{}` is of version {version}, which this Centime does not know; use a newer Centime", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The disk is full.
    #[error("the disk that holds the journal `{}` is full; make room", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("cannot write the journal `{}`: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// What was written may not be on the disk, and no trying again could tell.
    #[error("the disk failed to keep the journal `{}`: {reason}; check the disk, then start anew", path.display())]
    Sync {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The record is too long.
    #[error("a record of {bytes} bytes is too long for the journal: shorten its metadata")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The ledger did not take what the journal holds.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl JournalError {
    pub(super) fn open(path: &Path, error: &io::Error) -> Self {
        Self::Open { path: path.to_owned(), reason: error.to_string() }
    }

    pub(super) fn write(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Write { path, reason: error.to_string() },
        }
    }
}

/// A part of a journal that could not be brought into the ledger. The file is kept beside the others,
/// under a name that ends with `.damaged`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file as it is named now.
    pub file: PathBuf,
    /// The first byte in it that is concerned.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, what } = self;
        write!(out, "the journal `{}` at byte {offset}: {what}", file.display())
    }
}
