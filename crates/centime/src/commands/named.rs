//! The one entry that somebody names.

use centime_answers::entries::{self, Unnamed};
use centime_core::entry::Entry;
use centime_ledger::Entries;

use crate::failure::Failure;

/// The entry of an id: its own, or the 32 digits of its identity.
pub(super) fn entry(ledger: &dyn Entries, id: &str) -> Result<Entry, Failure> {
    entries::named(ledger, id).map_err(|unnamed| match unnamed {
        Unnamed::Nothing => {
            Failure::Usage(format!("there is no entry `{id}`; `centime entries` lists them"))
        }
        Unnamed::Several(message) => Failure::Usage(message),
        Unnamed::Ledger(error) => error.into(),
    })
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
