//! What a provider's general rules make of its cards.

use centime_core::meter::Meter;
use centime_core::price::Model;

/// Completes every card of a model by its provider's general rules.
pub(super) fn complete(provider: &str, model: &mut Model) {
    for card in &mut model.cards {
        let mut rules = card.rules().to_vec();
        if provider == "anthropic" {
            // The map had a wrong rate for some, so Anthropic's rule beats the list.
            rules.retain(|rule| rule.meter != Meter::CacheWrite1h);
        }
        centime_prices::complete(provider, &model.name, &mut rules);
        *card = card.with_rules(rules);
    }
}
