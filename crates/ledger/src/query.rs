//! Which entries a question is about.

use std::fmt;
use std::str::FromStr;

use centime_core::time::Timestamp;

/// A half-open window of time; without bounds, everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The first moment in it.
    pub since: Option<Timestamp>,
    /// The first moment after it.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether a moment is in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

/// A property of an entry that questions can select and group by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The model that was asked for.
    Model,
    /// The provider.
    Provider,
    /// The user.
    User,
    /// The team.
    Team,
    /// The project.
    Project,
    /// The key.
    Key,
    /// The session.
    Session,
    /// The value of a tag.
    Tag(String),
    /// The source that the entry came from.
    Source,
    /// How the attempt ended.
    Status,
    /// Whether the charge covers all that was used.
    PricingStatus,
    /// Who measured the usage.
    UsageSource,
}

/// A name that is no dimension's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is nothing to select by: choose model, provider, user, team, project, key, session, \
     tag:NAME, source, status, pricing_status or usage_source"
)]
pub struct UnknownDimension(pub String);

impl FromStr for Dimension {
    type Err = UnknownDimension;

    fn from_str(name: &str) -> Result<Self, UnknownDimension> {
        Ok(match name {
            "model" => Self::Model,
            "provider" => Self::Provider,
            "user" => Self::User,
            "team" => Self::Team,
            "project" => Self::Project,
            "key" => Self::Key,
            "session" => Self::Session,
            "source" => Self::Source,
            "status" => Self::Status,
            "pricing_status" => Self::PricingStatus,
            "usage_source" => Self::UsageSource,
            _ => match name.strip_prefix("tag:") {
                Some(tag) if !tag.is_empty() => Self::Tag(tag.to_owned()),
                _ => return Err(UnknownDimension(name.chars().take(60).collect())),
            },
        })
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model => out.write_str("model"),
            Self::Provider => out.write_str("provider"),
            Self::User => out.write_str("user"),
            Self::Team => out.write_str("team"),
            Self::Project => out.write_str("project"),
            Self::Key => out.write_str("key"),
            Self::Session => out.write_str("session"),
            Self::Tag(name) => write!(out, "tag:{name}"),
            Self::Source => out.write_str("source"),
            Self::Status => out.write_str("status"),
            Self::PricingStatus => out.write_str("pricing_status"),
            Self::UsageSource => out.write_str("usage_source"),
        }
    }
}

/// What a dimension's value must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Match {
    /// One of these: `F=a|b`. An empty value is that of entries without one.
    OneOf(Vec<String>),
    /// None of these: `F!=a|b`.
    NoneOf(Vec<String>),
    /// Starts with one of these: `F^=a|b`.
    StartsWith(Vec<String>),
}

impl Match {
    /// Whether a value (`None`: the entry has none) is what it must be.
    #[must_use]
    pub fn accepts(&self, value: Option<&str>) -> bool {
        let value = value.unwrap_or_default();
        match self {
            Self::OneOf(values) => values.iter().any(|wanted| wanted == value),
            Self::NoneOf(values) => values.iter().all(|unwanted| unwanted != value),
            Self::StartsWith(starts) => starts.iter().any(|start| value.starts_with(start)),
        }
    }
}

/// Which entries: those in the window that pass every condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    /// When they were made.
    pub window: Window,
    /// What must hold of them, all of it.
    pub conditions: Vec<(Dimension, Match)>,
}

/// How much of a listing, and where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The most entries to answer with.
    pub limit: usize,
    /// Go on after this entry: the moment and uid of the last one of the page before.
    pub after: Option<(Timestamp, centime_core::entry::Uid)>,
}
