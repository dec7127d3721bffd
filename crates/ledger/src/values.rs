//! The value that a dimension has in an entry.

use centime_core::entry::Entry;

use crate::query::{Dimension, EntryFilter};

impl Dimension {
    /// The entry's value; `None` where it has none.
    #[must_use]
    pub fn of<'entry>(&self, entry: &'entry Entry) -> Option<&'entry str> {
        let attribution = &entry.attribution;
        match self {
            Self::Model => Some(entry.model.as_str()),
            Self::Provider => entry.provider.as_deref(),
            Self::User => attribution.user.as_deref(),
            Self::Team => attribution.team.as_deref(),
            Self::Project => attribution.project.as_deref(),
            Self::Key => attribution.key.as_deref(),
            Self::Session => attribution.session.as_deref(),
            Self::Tag(name) => attribution.tags.get(name).map(String::as_str),
            Self::Source => Some(entry.source.as_str()),
            Self::Status => Some(entry.status.name()),
            Self::PricingStatus => Some(entry.pricing_status.name()),
            Self::UsageSource => Some(entry.usage_source.name()),
        }
    }
}

impl EntryFilter {
    /// Whether an entry is in the window and passes every condition.
    #[must_use]
    pub fn accepts(&self, entry: &Entry) -> bool {
        self.window.contains(entry.at)
            && self.conditions.iter().all(|(dimension, wanted)| wanted.accepts(dimension.of(entry)))
    }
}
