//! About how much memory entries take.

use centime_core::entry::{Entry, EntryLine};

/// The bytes of entries with what they point to; rate cards are shared, and count for nothing.
pub(super) fn bytes_of(entries: &[Entry]) -> usize {
    entries.iter().map(|entry| size_of::<Entry>() + bytes_behind(entry)).sum()
}

fn bytes_behind(entry: &Entry) -> usize {
    let who = &entry.attribution;
    let texts = [
        &entry.own_id,
        &entry.request_id,
        &entry.provider,
        &entry.served_model,
        &entry.service_tier,
        &entry.region,
        &entry.response_id,
        &entry.price_version,
        &who.key,
        &who.user,
        &who.team,
        &who.project,
        &who.session,
        &who.metadata,
    ];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let tags: usize = who.tags.iter().map(|(name, value)| name.len() + value.len()).sum();
    let lines = entry.lines.len() * size_of::<EntryLine>();
    entry.source.len() + entry.model.len() + texts + tags + lines
}
