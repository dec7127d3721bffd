//! Looking into a journal that another process writes.

use std::collections::HashMap;
use std::path::Path;

use centime_core::entry::{Entry, Uid};

use super::folder::HEADER;
use super::record::{Found, Record, Records};

/// What a journal says of calls that the ledger may not have yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peeked {
    /// Calls in flight: what is set aside for each is in its entry.
    pub open: Vec<Entry>,
    /// Calls that came to their end.
    pub ended: Vec<Entry>,
}

/// Reads the journal in a folder, whoever writes it; what is being written just now may be missing. A
/// folder that is not there has none, and what cannot be read is left to whoever opens the journal.
#[must_use]
pub fn peek(path: &Path) -> Peeked {
    let mut open: HashMap<Uid, Entry> = HashMap::new();
    let mut ended = Vec::new();
    let files = path.read_dir().into_iter().flatten().flatten().map(|file| file.path());
    let mut segments: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|it| it == "calls")).collect();
    segments.sort_by_cached_key(|path| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        (stem.len(), stem.to_owned())
    });
    for segment in segments {
        let Ok(bytes) = std::fs::read(&segment) else { continue };
        let Some(records) = bytes.get(HEADER..) else { continue };
        for found in Records::of(records) {
            let Found::Record { record, .. } = found else { continue };
            match *record {
                Record::Intent { entry } => drop(open.insert(entry.uid, entry)),
                Record::Released { uid } => drop(open.remove(&uid)),
                Record::Outcome { entry } => {
                    open.remove(&entry.uid);
                    ended.push(entry);
                }
            }
        }
    }
    Peeked { open: open.into_values().collect(), ended }
}
