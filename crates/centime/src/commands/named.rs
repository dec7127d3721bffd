//! The one entry that somebody names.

use centime_core::entry::Entry;
use centime_ledger::Entries;

use crate::failure::Failure;

/// The entry of an id: its own, or the 32 digits of its identity.
pub(super) fn entry(ledger: &dyn Entries, id: &str) -> Result<Entry, Failure> {
    let mut found = ledger.entries_named(id)?;
    match (found.pop(), found.as_slice()) {
        (None, _) => {
            let message = format!("there is no entry `{id}`; `centime entries` lists them");
            Err(Failure::Usage(message))
        }
        (Some(entry), []) => Ok(entry),
        (Some(last), others) => {
            let name = |entry: &Entry| format!("`{}` (from {})", entry.uid, entry.source);
            let names: Vec<String> = others.iter().chain([&last]).map(name).collect();
            let message = format!("`{id}` is in several sources; say which: {}", names.join(", "));
            Err(Failure::Usage(message))
        }
    }
}

/// The attempt of an id. An adjustment is none: what is said of a call is said of its attempt.
pub(super) fn attempt(ledger: &dyn Entries, id: &str) -> Result<Entry, Failure> {
    let entry = entry(ledger, id)?;
    match entry.adjusts {
        None => Ok(entry),
        Some(attempt) => {
            let attempt = ledger.entry(attempt)?.map_or(attempt.to_string(), |entry| entry.id());
            let message =
                format!("`{id}` is an adjustment; name the entry it adjusts: `{attempt}`");
            Err(Failure::Usage(message))
        }
    }
}
