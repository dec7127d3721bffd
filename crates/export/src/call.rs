//! A call as an export has it: an attempt with its adjustments folded in.

use std::borrow::Cow;

use centime_core::adjusted::Adjusted;
use centime_core::entry::{AppliedRate, Entry, EntryLine, PricingStatus};
use centime_core::money::PicoUsd;

/// An attempt, its adjustments, and what they come to.
#[derive(Debug, Clone)]
pub struct Call<'e> {
    attempt: &'e Entry,
    adjustments: &'e [Entry],
    present: Cow<'e, Entry>,
}

/// A charge line with the rate it was worked out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The meter, its quantity and its amount.
    pub line: EntryLine,
    /// The rate, where it has one.
    pub rate: Option<AppliedRate>,
}

impl<'e> Call<'e> {
    /// An attempt and all its adjustments, in the order they were made.
    #[must_use]
    pub fn new(attempt: &'e Entry, adjustments: &'e [Entry]) -> Self {
        let present = if adjustments.is_empty() {
            Cow::Borrowed(attempt)
        } else {
            Cow::Owned(Adjusted::new(attempt, adjustments).present())
        };
        Self { attempt, adjustments, present }
    }

    /// The attempt as it was written.
    #[must_use]
    pub const fn attempt(&self) -> &'e Entry {
        self.attempt
    }

    /// Its adjustments, in the order they were made.
    #[must_use]
    pub const fn adjustments(&self) -> &'e [Entry] {
        self.adjustments
    }

    /// The attempt as it stands now.
    #[must_use]
    pub fn present(&self) -> &Entry {
        &self.present
    }

    /// What it costs, as the view `costs` has it: what has no price has no cost, which is not 0.
    #[must_use]
    pub fn cost(&self) -> Option<PicoUsd> {
        let Entry { pricing_status, charge, .. } = *self.present();
        let is_known = pricing_status != PricingStatus::Unpriced || charge != PicoUsd::ZERO;
        is_known.then_some(charge)
    }

    /// Its charge lines as they stand now.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        lines(self.present())
    }
}

/// The charge lines of an entry with their rates.
pub(crate) fn lines(entry: &Entry) -> impl Iterator<Item = Line> {
    entry.lines.iter().map(|&line| {
        let priced = line.amount.and(entry.card.as_ref());
        Line { line, rate: priced.and_then(|card| card.rate(line.meter)) }
    })
}
