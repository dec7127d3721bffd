//! What can go wrong between Centime and its ledger.

use std::path::PathBuf;

/// Why the ledger did not do what it was asked. None of these loses what was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The file cannot be opened or made.
    #[error("cannot open the ledger `{}`: {reason}; check that the folder exists and is writable", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file cannot be written.
    #[error("the ledger `{}` is read-only; nothing was written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk that holds the ledger `{}` is full; nothing of this batch was written", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another program keeps the ledger locked.
    #[error("the ledger `{}` is locked by another program; try again when it is done", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is no ledger, or is damaged.
    #[error("the ledger `{}` is damaged: {reason}; restore a backup, or move the file away to start anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        reason: String,
    },
    /// The file was written by a newer Centime.
    #[error("the ledger `{}` has schema version {found}, and this Centime knows up to {known}; use a newer Centime", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// An entry is what the database cannot take.
    #[error("the ledger `{}` refused an entry: {reason}; nothing of this batch was written", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// Anything else that the database reported.
    #[error("the ledger `{}` failed: {reason}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
}
