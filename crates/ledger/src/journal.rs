//! What a ledger keeps of the journals that its entries came through.

use std::fmt;

/// Which journal: 128 random bits, made when the journal was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub [u8; 16]);

impl fmt::Display for JournalId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// How far a journal is in a ledger: whatever it says before this position was written, with the
/// entries that come with the mark at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The journal.
    pub journal: JournalId,
    /// The position, in bytes from the journal's start.
    pub position: u64,
}
