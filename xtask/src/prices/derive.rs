//! Rates that a provider's general rule gives where its list has none for a model.

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{Model, RateCard, RateRule, ServiceTier};

/// Anthropic: a cache write that lives for an hour costs twice the input rate, and a batch halves
/// every meter of tokens. <https://platform.claude.com/docs/en/about-claude/pricing>
pub(super) fn anthropic(model: &mut Model) {
    for card in &mut model.cards {
        let mut rules = card.rules().to_vec();
        add_hour_writes(&mut rules);
        add_batches(&mut rules);
        *card = RateCard::new(card.from, card.certainty, card.source.clone(), rules)
            .with_uplifts(card.uplifts.clone());
    }
}

fn add_hour_writes(rules: &mut Vec<RateRule>) {
    let caches = rules.iter().any(|rule| rule.meter == Meter::CacheWrite5m);
    // The map had a wrong rate for some, so the rule beats the list.
    rules.retain(|rule| !caches || rule.meter != Meter::CacheWrite1h);
    let inputs: Vec<RateRule> = of(rules, Meter::Input, ServiceTier::Standard);
    for input in inputs.into_iter().filter(|_| caches) {
        let rate = Rate::from_scaled(2 * input.rate.scaled());
        add(rules, RateRule { meter: Meter::CacheWrite1h, rate, derived: true, ..input });
    }
}

fn add_batches(rules: &mut Vec<RateRule>) {
    let standard: Vec<RateRule> = rules
        .iter()
        .filter(|rule| rule.tier == ServiceTier::Standard && rule.meter.is_token())
        .cloned()
        .collect();
    for rule in standard {
        let rate = Rate::from_scaled(rule.rate.scaled() / 2);
        add(rules, RateRule { tier: ServiceTier::Batch, rate, derived: true, ..rule });
    }
}

fn of(rules: &[RateRule], meter: Meter, tier: ServiceTier) -> Vec<RateRule> {
    rules.iter().filter(|rule| rule.meter == meter && rule.tier == tier).cloned().collect()
}

/// Adds a rule where the list has none for the same case.
fn add(rules: &mut Vec<RateRule>, rule: RateRule) {
    if !rules.iter().any(|other| other.case() == rule.case()) {
        rules.push(rule);
    }
}
