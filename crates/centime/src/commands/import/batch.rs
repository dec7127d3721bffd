//! Entries that go from the thread that reads to the one that writes, and where each came from.

use centime_core::entry::Entry;
use jiff::tz::TimeZone;

use super::records::{Problem, Record};
use super::summary::Summary;

/// How many entries go at once: few, so that they are still near when they are written.
const ENTRIES_MAX: usize = 2_048;
/// How many bytes of records they may come from.
const BYTES_MAX: usize = 4 << 20;

/// What the reading thread hands to the writing one.
pub(super) enum Piece {
    /// Entries to write.
    Batch(Box<Batch>),
    /// A record to refuse.
    Refused(Problem),
}

/// Entries, in the order of their records.
pub(super) struct Batch {
    /// The entries.
    pub(super) entries: Vec<Entry>,
    /// The record of each.
    pub(super) records: Vec<Record>,
    /// What they add up to.
    pub(super) summary: Summary,
    bytes: usize,
}

impl Batch {
    /// Nothing yet; days will be those of a zone.
    pub(super) fn new(zone: &TimeZone) -> Self {
        let summary = Summary::new(zone.clone());
        Self { entries: Vec::new(), records: Vec::new(), summary, bytes: 0 }
    }

    /// An empty one of the same zone.
    pub(super) fn another(&self) -> Self {
        Self { entries: Vec::new(), records: Vec::new(), summary: self.summary.empty(), bytes: 0 }
    }

    /// Adds an entry that was read from so many bytes.
    pub(super) fn push(&mut self, entry: Entry, record: Record, bytes: usize) {
        self.bytes += bytes;
        self.summary.add(&entry);
        self.entries.push(entry);
        self.records.push(record);
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it is time to hand it on.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= ENTRIES_MAX || self.bytes >= BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::Place;
    use super::*;
    use crate::commands::samples::entry;

    #[test]
    fn a_batch_is_bounded_in_entries_and_in_bytes() {
        for (bytes, expected) in [(0, 2_048), (1024, 2_048), (1 << 20, 4), (5 << 20, 1)] {
            let mut batch = Batch::new(&TimeZone::UTC);
            let entry = entry();
            while !batch.is_full() {
                let place = Place::Line(1);
                let record = Record { file: "f".into(), place, raw: Vec::new() };
                batch.push(entry.clone(), record, bytes);
            }
            assert_eq!(batch.entries.len(), expected, "{bytes}");
        }
    }
}
