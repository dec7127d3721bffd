//! What can go wrong in an export.

use std::io;

use centime_core::entry::Uid;
use centime_ledger::LedgerError;

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// Somebody ended it.
    #[error("the export was interrupted")]
    Interrupted,
    /// An entry holds what the format has no room for.
    #[error("entry `{entry}`: {what} does not fit the format's 38 digits; export it as `jsonl`")]
    Unfit {
        /// The entry.
        entry: Uid,
        /// What does not fit, and its value.
        what: String,
    },
}
