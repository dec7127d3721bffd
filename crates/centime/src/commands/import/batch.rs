//! Entries that are written together, and where each came from.

use centime_core::entry::Entry;

use super::records::Record;

/// How many entries are written at once.
const ENTRIES_MAX: usize = 16_384;
/// How many bytes of records are held until then.
const BYTES_MAX: usize = 16 << 20;

/// Entries that are written together.
#[derive(Default)]
pub(super) struct Batch {
    /// The entries.
    pub(super) entries: Vec<Entry>,
    /// The record of each.
    pub(super) records: Vec<Record>,
    bytes: usize,
}

impl Batch {
    /// Adds an entry.
    pub(super) fn push(&mut self, entry: Entry, record: Record) {
        self.bytes += record.raw.len();
        self.entries.push(entry);
        self.records.push(record);
    }

    /// Whether it is time to write.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= ENTRIES_MAX || self.bytes >= BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::samples::entry;

    #[test]
    fn a_batch_is_bounded_in_entries_and_in_bytes() {
        for (bytes, expected) in [(0, 16_384), (1024, 16_384), (4 << 20, 4), (17 << 20, 1)] {
            let mut batch = Batch::default();
            let entry = entry();
            while !batch.is_full() {
                let record = Record { file: String::new(), line: 1, raw: vec![0; bytes] };
                batch.push(entry.clone(), record);
            }
            assert_eq!(batch.entries.len(), expected, "{bytes}");
        }
    }
}
