//! The ledger entry: one attempt to call a provider, what it used, what it cost and who it was for.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::attribution::Attribution;
use crate::meter::Meter;
use crate::money::{PicoUsd, Quantity, Rate, TotalPicoUsd};
use crate::price::{Certainty, Options, ServiceTier};
use crate::rating::{Charge, ChargeLine};
use crate::time::Timestamp;

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $( $(#[doc = $variant_doc:literal])+ $variant:ident = $code:literal $word:literal, )+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name {
            #[default]
            $( $(#[doc = $variant_doc])+ $variant, )+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in events and reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The code kept in ledgers; it never changes its meaning.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The meaning of a code kept in a ledger.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The meaning of a word.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(self.name())
            }
        }
    };
}

words! {
    /// How an attempt ended.
    Status {
        /// The provider answered.
        Ok = 0 "ok",
        /// The provider answered with an error.
        Error = 1 "error",
        /// The client went away.
        Aborted = 2 "aborted",
        /// A crash or a lost connection left the outcome unknown.
        InDoubt = 3 "in_doubt",
        /// Answered without calling a provider.
        Cached = 4 "cached",
    }
}

words! {
    /// Who measured the usage.
    UsageSource {
        /// The provider reported it.
        Reported = 0 "reported",
        /// Centime counted it.
        Estimated = 1 "estimated",
    }
}

words! {
    /// Whether the charge covers all that was used.
    PricingStatus {
        /// Every used meter has a rate.
        Priced = 0 "priced",
        /// Some used meters have none; the charge covers the others.
        Partial = 1 "partial",
        /// There is no rate card.
        Unpriced = 2 "unpriced",
    }
}

/// What tells an entry from every other: 128 bits, unique in a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub [u8; 16]);

impl Uid {
    /// The identity of an event that its source names itself; an id is unique within its source.
    #[must_use]
    pub fn of_own_id(source: &str, id: &str) -> Self {
        Self::digest(&[source.as_bytes(), b"\0id\0", id.as_bytes()])
    }

    /// The identity of an event without an id: its record, and its ordinal among equal ones.
    #[must_use]
    pub fn of_record(source: &str, record: &[u8], ordinal: u64) -> Self {
        Self::digest(&[source.as_bytes(), b"\0record\0", &ordinal.to_be_bytes(), record])
    }

    /// The identity of the `ordinal`-th adjustment of an entry.
    #[must_use]
    pub fn of_adjustment(adjusted: Self, ordinal: u64) -> Self {
        Self::digest(&[b"\0adjusts\0", &adjusted.0, &ordinal.to_be_bytes()])
    }

    fn digest(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        let mut uid = [0; 16];
        uid.copy_from_slice(&hasher.finalize()[..16]);
        Self(uid)
    }

    /// Reads the 32 hexadecimal digits that [`Uid`] prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The rates that a charge was computed with, and where they come from: kept in the ledger, so that
/// an entry explains itself after every change of the price book.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AppliedCard {
    /// The provider by the book's name.
    pub provider: String,
    /// The model by the book's name.
    pub model: String,
    /// From when the card holds.
    pub from: Timestamp,
    /// How well that date is known.
    pub certainty: Certainty,
    /// Who says so.
    pub source: String,
    /// The tier it was applied in.
    pub tier: ServiceTier,
    /// The rates of the meters that were used.
    pub rates: Vec<AppliedRate>,
}

/// The rate of one meter in an [`AppliedCard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AppliedRate {
    /// What was charged for.
    pub meter: Meter,
    /// The price of one unit.
    pub rate: Rate,
    /// The meter whose rate it is.
    pub rate_of: Meter,
    /// Whether it was worked out, not listed.
    pub derived: bool,
}

impl AppliedCard {
    /// The rate that was applied to a meter.
    #[must_use]
    pub fn rate(&self, meter: Meter) -> Option<AppliedRate> {
        self.rates.iter().find(|rate| rate.meter == meter).copied()
    }
}

/// One meter of an entry: how much, and what it cost where it has a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryLine {
    /// The meter.
    pub meter: Meter,
    /// How much of it was used; in an adjustment, how much more.
    pub quantity: Quantity,
    /// What it cost; `None` where it has no rate.
    pub amount: Option<PicoUsd>,
}

/// How an adjustment moves the counts that depend on a status: signed numbers of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StatusMoves {
    /// Added to the requests that are not fully priced; below zero once they are.
    pub unpriced: i64,
    /// Added to the requests whose outcome is unknown; below zero once it is known.
    pub in_doubt: i64,
}

/// One row of the ledger. Immutable: what changes later is a further entry, an adjustment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What tells it from every other.
    pub uid: Uid,
    /// The id that its source gave it, unique within the source: `uid` is [`Uid::of_own_id`] of both.
    pub own_id: Option<String>,
    /// Where it came from: `gateway`, `events`, `csv`, …
    pub source: String,
    /// A fingerprint of the event's content apart from its time: the same id with another
    /// fingerprint is a conflict.
    pub content: u64,
    /// When the call was made.
    pub at: Timestamp,
    /// Whether `at` is the moment of reading, for want of a better one.
    pub at_assumed: bool,
    /// When it was written to the ledger.
    pub recorded_at: Timestamp,
    /// The entry that this one adjusts.
    pub adjusts: Option<Uid>,
    /// In an adjustment, what it does to the counts by status; elsewhere nothing.
    pub moves: StatusMoves,
    /// The request that this is an attempt of, where there may be several.
    pub request_id: Option<String>,
    /// Which attempt of the request, from 1.
    pub attempt: u16,
    /// How it ended.
    pub status: Status,
    /// Who measured the usage.
    pub usage_source: UsageSource,
    /// Whether the charge covers all that was used.
    pub pricing_status: PricingStatus,
    /// The provider, by the book's name where the book knows it.
    pub provider: Option<String>,
    /// The model that was asked for, aliases resolved.
    pub model: String,
    /// The model that the provider named, where it is another.
    pub served_model: Option<String>,
    /// The tier that it was served in, in the provider's word.
    pub service_tier: Option<String>,
    /// The region that it was served in.
    pub region: Option<String>,
    /// Whether it was part of a batch.
    pub batch: bool,
    /// What the caller chose that has a price: the size of an image, say.
    pub options: Options,
    /// How many calls it stands for: 1, more in an aggregate, 0 in an adjustment.
    pub requests: u32,
    /// The most output tokens that the call was allowed.
    pub output_limit_tokens: Option<u64>,
    /// The provider's own id of the answer.
    pub response_id: Option<String>,
    /// How long the call took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// The version of the price book it was priced from.
    pub price_version: Option<String>,
    /// The rates it was priced with.
    pub card: Option<Arc<AppliedCard>>,
    /// Whether those rates were assumed, the call being outside their known dates.
    pub price_assumed: bool,
    /// The meters, with what each cost.
    pub lines: Vec<EntryLine>,
    /// What the call cost: the sum of the lines.
    pub charge: PicoUsd,
    /// What the source says it cost.
    pub reported_cost: Option<PicoUsd>,
    /// What it would have cost, had it not been answered from the cache.
    pub saved: PicoUsd,
    /// The most that an attempt in doubt can have cost, which budgets set aside for it until it is
    /// resolved; `None` for every other.
    pub held: Option<PicoUsd>,
    /// Who and what it was for.
    pub attribution: Attribution,
}

/// What does not hold in an entry that should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// The lines do not add up to the charge.
    #[error("the lines add up to {lines} and the charge is {charge}")]
    Sum {
        /// The sum of the lines.
        lines: TotalPicoUsd,
        /// The charge.
        charge: PicoUsd,
    },
    /// A line whose amount is not its rate times its quantity.
    #[error("`{meter}` is charged {amount}, and its rate times its quantity is {expected}")]
    Line {
        /// The meter of the line.
        meter: Meter,
        /// What it is charged.
        amount: PicoUsd,
        /// What it should be charged.
        expected: PicoUsd,
    },
    /// A line that is charged for without a rate to do it by.
    #[error("`{0}` is charged for and its rate is not kept")]
    Rateless(Meter),
    /// A pricing status that the lines deny.
    #[error("the entry says `{said}` and its lines say `{found}`")]
    Pricing {
        /// What the entry says.
        said: PricingStatus,
        /// What its lines say.
        found: PricingStatus,
    },
    /// An adjustment that counts requests.
    #[error("an adjustment counts as no request, and this one as {0}")]
    Requests(u32),
    /// An attempt that moves counts.
    #[error("only an adjustment moves counts of requests, and this is an attempt")]
    Moving,
    /// Adjustments that leave more requests in a status than there are, or less than none.
    #[error("{left} of {requests} requests are {what}")]
    Moves {
        /// The status.
        what: &'static str,
        /// How many are left in it.
        left: i64,
        /// How many there are.
        requests: i64,
    },
}

impl Entry {
    /// The name that people know it by: its own id, or its uid.
    #[must_use]
    pub fn id(&self) -> String {
        self.own_id.clone().unwrap_or_else(|| self.uid.to_string())
    }

    /// All tokens on the prompt's side, in whole ones.
    #[must_use]
    pub fn input_tokens(&self) -> i64 {
        self.sum_of(Meter::is_input_token)
    }

    /// All tokens on the answer's side, in whole ones.
    #[must_use]
    pub fn output_tokens(&self) -> i64 {
        self.sum_of(Meter::is_output_token)
    }

    fn sum_of(&self, belongs: impl Fn(Meter) -> bool) -> i64 {
        let lines = self.lines.iter().filter(|line| belongs(line.meter));
        Quantity::from_scaled(lines.map(|line| line.quantity.scaled()).sum()).floor()
    }

    /// A fingerprint of the figures: what tells an adjustment from another.
    pub(crate) fn figures_digest(&self) -> u64 {
        let mut hasher = Sha256::new();
        for line in &self.lines {
            let amount = line.amount.map_or(i128::MIN, |amount| i128::from(amount.pico()));
            hasher.update([line.meter.code()]);
            hasher.update(line.quantity.scaled().to_be_bytes());
            hasher.update(amount.to_be_bytes());
        }
        hasher.update([self.pricing_status.code()]);
        hasher.update(self.price_version.as_deref().unwrap_or_default());
        if self.moves.in_doubt != 0 {
            hasher.update(self.moves.in_doubt.to_be_bytes());
        }
        let mut digest = [0; 8];
        digest.copy_from_slice(&hasher.finalize()[..8]);
        u64::from_be_bytes(digest)
    }

    /// The meters that were used and have no rate.
    pub fn missing(&self) -> impl Iterator<Item = Meter> {
        self.lines.iter().filter(|line| line.amount.is_none()).map(|line| line.meter)
    }

    /// The charge, line by line with its rates; `None` for an entry without a rate card.
    #[must_use]
    pub fn itemised(&self) -> Option<Charge> {
        let card = self.card.as_ref()?;
        let mut charge = Charge { amount: self.charge, ..Charge::default() };
        for line in &self.lines {
            match (line.amount, card.rate(line.meter)) {
                (Some(amount), Some(applied)) => charge.lines.push(ChargeLine {
                    meter: line.meter,
                    quantity: line.quantity,
                    rate: applied.rate,
                    rate_of: applied.rate_of,
                    derived: applied.derived,
                    amount,
                }),
                _ => charge.missing.push((line.meter, line.quantity)),
            }
        }
        Some(charge)
    }

    /// Proves the entry from its own parts: its lines add up, each is its rate times its quantity,
    /// and its pricing status is theirs. What is wrong is returned, all of it.
    #[must_use]
    pub fn inconsistencies(&self) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        let sum: TotalPicoUsd = self.lines.iter().filter_map(|line| line.amount).sum();
        if sum != self.charge.into() {
            found.push(Inconsistency::Sum { lines: sum, charge: self.charge });
        }
        if self.adjusts.is_some() {
            if self.requests > 0 {
                found.push(Inconsistency::Requests(self.requests));
            }
            return found;
        }
        if self.moves != StatusMoves::default() {
            found.push(Inconsistency::Moving);
        }
        self.prove_lines(&mut found);
        found
    }

    fn prove_lines(&self, found: &mut Vec<Inconsistency>) {
        use crate::money::{Product, apportion};

        let Some(card) = &self.card else {
            if self.pricing_status != PricingStatus::Unpriced && !self.lines.is_empty() {
                let found_status = PricingStatus::Unpriced;
                found.push(Inconsistency::Pricing {
                    said: self.pricing_status,
                    found: found_status,
                });
            }
            return;
        };
        let mut products = Vec::new();
        let mut charged = Vec::new();
        for line in &self.lines {
            let Some(amount) = line.amount else { continue };
            match card.rate(line.meter).and_then(|rate| Product::new(rate.rate, line.quantity)) {
                Some(product) => {
                    products.push(product);
                    charged.push((line.meter, amount));
                }
                None => found.push(Inconsistency::Rateless(line.meter)),
            }
        }
        let total = products.iter().try_fold(Product::ZERO, |sum, next| sum.checked_add(*next));
        let expected = total
            .and_then(Product::round)
            .and_then(|total| apportion(total, &products))
            .unwrap_or_default();
        for (&(meter, amount), expected) in charged.iter().zip(expected) {
            if amount != expected {
                found.push(Inconsistency::Line { meter, amount, expected });
            }
        }
        let has_missing = self.missing().next().is_some();
        let status = if has_missing { PricingStatus::Partial } else { PricingStatus::Priced };
        if status != self.pricing_status {
            found.push(Inconsistency::Pricing { said: self.pricing_status, found: status });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_differ_where_source_id_record_or_ordinal_do() {
        let uids = [
            Uid::of_own_id("events", "a"),
            Uid::of_own_id("csv", "a"),
            Uid::of_own_id("events", "b"),
            Uid::of_record("events", b"a", 0),
            Uid::of_record("events", b"a", 1),
            Uid::of_adjustment(Uid::of_own_id("events", "a"), 0),
        ];
        for (index, uid) in uids.iter().enumerate() {
            assert_eq!(uids.iter().position(|other| other == uid), Some(index));
            assert_eq!(Uid::parse(&uid.to_string()), Some(*uid));
        }
        assert_eq!(Uid::parse("+0000000000000000000000000000001"), None);
    }
}
