//! The keys of an event, beside those of its usage.

/// Writes the list once: as an enum, as its names, and as a search that compares names of the same
/// length alone.
macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident $name:literal,)+) => {
        /// A key of an event, beside those of its usage.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Key {
            $($(#[$doc])* $key,)+
        }

        impl Key {
            /// All of them, in the order that messages name them.
            pub(super) const ALL: &[Self] = &[$(Self::$key,)+];

            /// The key of this name.
            #[inline]
            pub(super) fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$key),)+
                    _ => None,
                }
            }

            /// Its name.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$key => $name,)+
                }
            }
        }
    };
}

keys! {
    Id "id",
    At "at",
    Provider "provider",
    Model "model",
    ServiceTier "service_tier",
    Region "region",
    Options "options",
    Batch "batch",
    Credential "key",
    User "user",
    Team "team",
    Project "project",
    Session "session",
    Tags "tags",
    Metadata "metadata",
    Status "status",
    LatencyMs "latency_ms",
    Requests "requests",
    ReportedCost "reported_cost",
}

impl Key {
    /// A bit of its own among those of all keys.
    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Whether it holds named values, each of which is a field of its own in a row.
    pub(super) const fn is_object(self) -> bool {
        matches!(self, Self::Tags | Self::Options)
    }
}
