//! The names that entries share, and where they stand in a context.

use centime_core::entry::Entry;

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Source,
    Model,
    Provider,
    ServiceTier,
    Region,
    PriceVersion,
    Key,
    User,
    Team,
    Project,
    /// All tags of an entry: a JSON object, sorted by name.
    Tags,
    /// The last one: [`Kind::COUNT`] counts up to it.
    Session,
}

impl Kind {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Session as usize + 1;

    /// The word in `names.kind`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::ServiceTier => "service_tier",
            Self::Region => "region",
            Self::PriceVersion => "price_version",
            Self::Key => "key",
            Self::User => "user",
            Self::Team => "team",
            Self::Project => "project",
            Self::Tags => "tags",
            Self::Session => "session",
        }
    }
}

/// How many names a context has.
pub(super) const CONTEXT_NAMES: usize = 11;

/// The names of a context, in the order of [`CONTEXT_COLUMNS`].
pub(super) const CONTEXT_KINDS: [Kind; CONTEXT_NAMES] = [
    Kind::Source,
    Kind::Model,
    Kind::Model,
    Kind::Provider,
    Kind::ServiceTier,
    Kind::Region,
    Kind::PriceVersion,
    Kind::Key,
    Kind::User,
    Kind::Team,
    Kind::Project,
];

/// The columns of `contexts` that hold names, and then `batch`.
pub(super) const CONTEXT_COLUMNS: &str = "source, model, served_model, provider, service_tier, \
     region, price_version, key, user, team, project, batch";

/// The texts of an entry's context, in the order of [`CONTEXT_COLUMNS`].
pub(super) fn context_texts(entry: &Entry) -> [Option<&str>; CONTEXT_NAMES] {
    let attribution = &entry.attribution;
    [
        Some(&entry.source),
        Some(&entry.model),
        entry.served_model.as_deref(),
        entry.provider.as_deref(),
        entry.service_tier.as_deref(),
        entry.region.as_deref(),
        entry.price_version.as_deref(),
        attribution.key.as_deref(),
        attribution.user.as_deref(),
        attribution.team.as_deref(),
        attribution.project.as_deref(),
    ]
}

/// The numbers of a context's names, and its one property that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ContextKey {
    pub(super) names: [Option<i64>; CONTEXT_NAMES],
    pub(super) batch: bool,
}
