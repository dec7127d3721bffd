//! A rate rule: one rate and when it holds.

use super::hours::Hours;
use super::options::Options;
use super::tier::ServiceTier;
use crate::meter::Meter;
use crate::money::Rate;
use crate::time::Timestamp;

/// One rate and when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RateRule {
    /// What it is charged for.
    pub meter: Meter,
    /// The tier it holds for.
    pub tier: ServiceTier,
    /// It holds for prompts of *more* tokens than this, and then for every token of the call;
    /// zero holds for all.
    pub above_input_tokens: u64,
    /// The hours it holds in, and then before a rule for all hours.
    pub hours: Option<Hours>,
    /// What a call must have chosen for it to hold, and then before a rule that asks for less.
    pub options: Options,
    /// The price of one unit, in US dollars.
    pub rate: Rate,
    /// Whether it was worked out from a provider's general rule, not listed for this model.
    pub derived: bool,
}

impl RateRule {
    /// A rate at the base tier, for prompts of any length, at any hour, whatever was chosen.
    #[must_use]
    pub const fn standard(meter: Meter, rate: Rate) -> Self {
        let tier = ServiceTier::Standard;
        let options = Options::NONE;
        Self { meter, tier, above_input_tokens: 0, hours: None, options, rate, derived: false }
    }

    /// The case that it is the rate of: two rules for the same case would contradict each other.
    #[must_use]
    pub fn case(&self) -> (Meter, ServiceTier, u64, Option<&Hours>, &Options) {
        (self.meter, self.tier, self.above_input_tokens, self.hours.as_ref(), &self.options)
    }

    /// Whether it is the rate of a case that asks for a longer prompt, or for more options.
    pub(super) fn is_narrower_than(&self, other: &Self) -> bool {
        self.above_input_tokens > other.above_input_tokens
            || self.options.len() > other.options.len()
    }

    /// Whether it holds for a call, its tier left aside.
    pub(super) fn holds(&self, circumstances: &Circumstances<'_>) -> bool {
        (self.above_input_tokens == 0 || self.above_input_tokens < circumstances.input_tokens)
            && self.hours.as_ref().is_none_or(|hours| hours.contains(circumstances.at))
            && (self.options.is_empty() || self.options.hold_for(circumstances.options))
    }
}

/// What a place costs more: every rate of a token times a factor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uplift {
    /// The region: `eu` also means `eu-west-1`; `regional` any but `global`.
    pub region: String,
    /// The factor, such as 1.1.
    pub factor: Rate,
}

impl Uplift {
    /// Whether it holds for a call that was served in `region`.
    #[must_use]
    pub fn holds_in(&self, region: &str) -> bool {
        let region = region.to_ascii_lowercase();
        match region.strip_prefix(&self.region) {
            Some(rest) => rest.is_empty() || rest.starts_with('-'),
            None => self.region == "regional" && region != "global",
        }
    }
}

/// What a rate depends on, beside its meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// The tier the call was served in.
    pub tier: ServiceTier,
    /// How long the whole prompt of one call was, cached tokens included.
    pub input_tokens: u64,
    /// When the call was made.
    pub at: Timestamp,
    /// Where it was served, in the provider's word.
    pub region: Option<&'a str>,
    /// What its caller chose.
    pub options: &'a Options,
}
