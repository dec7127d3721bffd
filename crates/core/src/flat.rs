//! Charges that are figures as such, not rates times quantities: what a source said a call cost, what
//! somebody settled it at, or the nothing of an answer from a cache.
//!
//! The figure is one line of dollars at a dollar each, beside the meters at no charge of their own, so
//! that such an entry is proved as every other is.

use std::sync::Arc;

use crate::entry::{AppliedCard, AppliedRate, Entry, EntryLine, PricingStatus};
use crate::meter::Meter;
use crate::money::{PicoUsd, Quantity, Rate};
use crate::price::{Certainty, ServiceTier};

impl Entry {
    /// Whether its charge is a figure as such.
    #[must_use]
    pub fn is_charged_flat(&self) -> bool {
        self.card.is_some() && self.price_version.is_none()
    }

    /// Makes a figure its charge, whatever it was charged before. `source` says who says so.
    pub fn charge_flat(&mut self, charge: PicoUsd, source: &str) {
        let free = |meter| AppliedRate { meter, rate: Rate::FREE, rate_of: meter, derived: false };
        self.lines.retain(|line| line.meter != Meter::Reported);
        let mut rates: Vec<AppliedRate> = self.lines.iter().map(|line| free(line.meter)).collect();
        for line in &mut self.lines {
            line.amount = Some(PicoUsd::ZERO);
        }
        if charge != PicoUsd::ZERO {
            let meter = Meter::Reported;
            let quantity = Quantity::from_scaled(i128::from(charge.pico()));
            self.lines.push(EntryLine { meter, quantity, amount: Some(charge) });
            rates.push(AppliedRate { rate: Rate::ONE, ..free(meter) });
        }
        let (from, certainty) = match &self.card {
            Some(card) => (card.from, card.certainty),
            None => (self.at, Certainty::Exact),
        };
        self.card = Some(Arc::new(AppliedCard {
            provider: self.provider.clone().unwrap_or_default(),
            model: self.model.clone(),
            from,
            certainty,
            source: source.to_owned(),
            tier: ServiceTier::Standard,
            rates,
        }));
        self.price_assumed = false;
        self.price_version = None;
        self.pricing_status = PricingStatus::Priced;
        self.charge = charge;
    }
}
