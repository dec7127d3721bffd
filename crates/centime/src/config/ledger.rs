//! Settings of every command: the ledger, and whose days it counts.

use super::reader::{Section, Wrong};

/// Where entries are kept and how they are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// `database`: the ledger.
    pub database: Option<String>,
    /// `timezone`: whose clocks days are read from.
    pub timezone: Option<String>,
    /// `tags`: the declared ones, whose reports are answered from rollups.
    pub tags: Vec<String>,
}

pub(super) fn read(root: &Section<'_>) -> Result<Ledger, Wrong> {
    Ok(Ledger {
        database: root.optional_unlisted("database")?,
        timezone: root.optional_unlisted("timezone")?,
        tags: root.get("tags", "")?,
    })
}
