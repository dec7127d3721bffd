//! Service tiers: how fast a provider served a call, where that has a price.

use std::fmt;

/// How fast, or how patiently, a provider served a call, where that has a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ServiceTier {
    /// The base rates; also what `default` and `auto` mean.
    #[default]
    Standard,
    /// Answered within a day, at a discount.
    Batch,
    /// Answered when there is room, at a discount.
    Flex,
    /// Answered first, at a premium.
    Priority,
    /// Between flex and standard.
    Balanced,
    /// Faster output at a premium.
    Fast,
    /// The fastest output at the highest premium.
    Ultrafast,
    /// Answers of a fixed choice.
    Decisions,
}

impl ServiceTier {
    /// Every tier.
    pub const ALL: &[Self] = &[
        Self::Standard,
        Self::Batch,
        Self::Flex,
        Self::Priority,
        Self::Balanced,
        Self::Fast,
        Self::Ultrafast,
        Self::Decisions,
    ];

    /// The name in rate cards, events and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Balanced => "balanced",
            Self::Fast => "fast",
            Self::Ultrafast => "ultrafast",
            Self::Decisions => "decisions",
        }
    }

    /// The tier that a provider's name for it means, in any case; a name that no rate card knows is
    /// `None`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        const STANDARD: [&str; 5] = ["default", "auto", "on_demand", "on-demand", "standard_only"];
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if STANDARD.into_iter().any(is) {
            return Some(Self::Standard);
        }
        if is("batches") {
            return Some(Self::Batch);
        }
        Self::ALL.iter().copied().find(|tier| is(tier.name()))
    }
}

impl fmt::Display for ServiceTier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
