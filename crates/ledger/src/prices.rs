//! The prices that a ledger keeps, over those of the price book.

use centime_core::time::Timestamp;

/// What somebody said of prices at one moment. Later revisions add to earlier ones; none is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRevision {
    /// Its number: 1, 2, 3, …
    pub number: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where it came from: a command, a file, an address.
    pub origin: String,
    /// The rate cards in the price format, one provider's file after another.
    pub text: String,
}

impl PriceRevision {
    /// What does not hold in it: its number in the series, or a text that is no price file.
    pub(crate) fn inconsistency(&self, expected: u64) -> Option<String> {
        use centime_core::price::format;

        let number = self.number;
        if number != expected {
            return Some(format!("price revision {number} stands where {expected} should"));
        }
        let mut files = format::files(&self.text).map(format::parse_file);
        let error = files.find_map(Result::err)?;
        Some(format!("price revision {number} cannot be read: {error}"))
    }
}
