//! Questions that add entries up by group.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

use crate::query::{Dimension, EntryFilter};
use crate::sums::Sums;

/// What a report groups by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    /// A property of the entries; `None` is the group of those without it.
    Dimension(Dimension),
    /// The day on the clocks of the report's zone: `2026-11-01`.
    Date,
    /// The hour on the clocks of the report's zone, with its offset: `2026-11-01T13:00+01:00`.
    Hour,
}

/// A name that is nothing to group by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is nothing to group by: choose from model, provider, user, team, project, key, session, \
     tag:NAME, date and hour"
)]
pub struct UnknownGroupKey(pub String);

impl FromStr for GroupKey {
    type Err = UnknownGroupKey;

    fn from_str(name: &str) -> Result<Self, UnknownGroupKey> {
        match name {
            "date" => Ok(Self::Date),
            "hour" => Ok(Self::Hour),
            _ => name
                .parse()
                .map(Self::Dimension)
                .map_err(|_| UnknownGroupKey(name.chars().take(60).collect())),
        }
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimension(dimension) => dimension.fmt(out),
            Self::Date => out.write_str("date"),
            Self::Hour => out.write_str("hour"),
        }
    }
}

/// A question that adds entries up.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportQuery {
    /// Which entries.
    pub filter: EntryFilter,
    /// What to group them by; nothing: one group, even of no entries.
    pub by: Vec<GroupKey>,
    /// Whose clocks dates and hours are read from.
    pub zone: TimeZone,
}

/// One group of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The values of the keys, in the order of the question's `by`.
    pub key: Vec<Option<String>>,
    /// What the group adds up to.
    pub sums: Sums,
}
