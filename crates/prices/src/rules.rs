//! Rates that a provider's general rule gives where a list has none for a model.

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{RateRule, ServiceTier};

/// Completes the rules of a model by its provider's general rules; what is listed stays.
///
/// - Anthropic: a cache write that lives for an hour costs twice the input rate, and a batch halves
///   every meter of tokens, wherever its models are sold at a batch rate.
///   <https://platform.claude.com/docs/en/about-claude/pricing>
/// - Fireworks: cached input costs half of input, where a model gives tokens.
///   <https://docs.fireworks.ai/faq-new/billing-pricing/is-prompt-caching-billed-differently>
/// - xAI: a long prompt is one that *reaches* the threshold, not one above it.
///   <https://docs.x.ai/developers/pricing>
pub fn complete(provider: &str, model: &str, rules: &mut Vec<RateRule>) {
    match provider {
        "anthropic" => {
            add_hour_writes(rules);
            halve_in_batches(rules);
        }
        "vertex_ai" | "bedrock" | "azure_ai" if model.contains("claude") => {
            add_hour_writes(rules);
            if rules.iter().any(|rule| rule.tier == ServiceTier::Batch) {
                halve_in_batches(rules);
            }
        }
        "fireworks_ai" => halve_cached(rules),
        "xai" | "x-ai" => {
            // A threshold that was mended already is no round number any more.
            for rule in rules.iter_mut().filter(|rule| rule.above_input_tokens.is_multiple_of(1000))
            {
                rule.above_input_tokens = rule.above_input_tokens.saturating_sub(1);
            }
        }
        _ => {}
    }
}

fn add_hour_writes(rules: &mut Vec<RateRule>) {
    let listed = |meter| rules.iter().any(move |rule: &RateRule| rule.meter == meter);
    if !listed(Meter::CacheWrite5m) || listed(Meter::CacheWrite1h) {
        return;
    }
    let inputs = of(rules, |rule| rule.meter == Meter::Input && rule.tier == ServiceTier::Standard);
    for input in inputs {
        let rate = Rate::from_scaled(2 * input.rate.scaled());
        add(rules, RateRule { meter: Meter::CacheWrite1h, rate, derived: true, ..input });
    }
}

fn halve_in_batches(rules: &mut Vec<RateRule>) {
    let standard = of(rules, |rule| rule.tier == ServiceTier::Standard && rule.meter.is_token());
    for rule in standard {
        let rate = Rate::from_scaled(rule.rate.scaled() / 2);
        add(rules, RateRule { tier: ServiceTier::Batch, rate, derived: true, ..rule });
    }
}

fn halve_cached(rules: &mut Vec<RateRule>) {
    let is_listed = rules.iter().any(|rule| rule.meter == Meter::CacheRead);
    // What gives no tokens, an embedding, reads none from a cache.
    let gives_tokens =
        rules.iter().any(|rule| rule.meter == Meter::Output && rule.rate.scaled() > 0);
    if is_listed || !gives_tokens {
        return;
    }
    for input in of(rules, |rule| rule.meter == Meter::Input) {
        let rate = Rate::from_scaled(input.rate.scaled() / 2);
        add(rules, RateRule { meter: Meter::CacheRead, rate, derived: true, ..input });
    }
}

fn of(rules: &[RateRule], belongs: impl Fn(&RateRule) -> bool) -> Vec<RateRule> {
    rules.iter().filter(|rule| belongs(rule)).cloned().collect()
}

/// Adds a rule where the list has none for the same case.
fn add(rules: &mut Vec<RateRule>, rule: RateRule) {
    if !rules.iter().any(|other| other.case() == rule.case()) {
        rules.push(rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(meter: Meter, rate: &str) -> RateRule {
        RateRule::standard(meter, rate.parse().unwrap())
    }

    #[test]
    fn rules_fill_what_the_list_leaves_open() {
        use Meter::{CacheRead, CacheWrite1h, CacheWrite5m, Input, Output, WebSearch};
        let listed = [rule(Input, "4"), rule(CacheWrite5m, "5"), rule(WebSearch, "1")];
        let batch = RateRule { tier: ServiceTier::Batch, ..rule(Input, "1") };
        let with_batch = [listed.to_vec(), vec![batch]].concat();
        // provider, model, list, then meter, tier and rate of what is added
        for (provider, model, list, added) in [
            (
                "anthropic",
                "claude-x",
                listed.to_vec(),
                vec![
                    (CacheWrite1h, "standard", "8"),
                    (Input, "batch", "2"),
                    (CacheWrite5m, "batch", "2.5"),
                    (CacheWrite1h, "batch", "4"),
                ],
            ),
            (
                "bedrock",
                "anthropic.claude-x",
                listed.to_vec(),
                vec![(CacheWrite1h, "standard", "8")],
            ),
            (
                "bedrock",
                "anthropic.claude-x",
                with_batch.clone(),
                vec![
                    (CacheWrite1h, "standard", "8"),
                    (CacheWrite5m, "batch", "2.5"),
                    (CacheWrite1h, "batch", "4"),
                ],
            ),
            ("bedrock", "amazon.nova", with_batch, vec![]),
            ("fireworks_ai", "m", vec![rule(Input, "4")], vec![]),
            (
                "fireworks_ai",
                "m",
                vec![rule(Input, "4"), rule(Output, "8")],
                vec![(CacheRead, "standard", "2")],
            ),
            (
                "fireworks_ai",
                "m",
                vec![rule(Input, "4"), rule(CacheRead, "3"), rule(Output, "8")],
                vec![],
            ),
        ] {
            let mut rules = list.clone();
            complete(provider, model, &mut rules);
            assert_eq!(rules[..list.len()], list);
            let found: Vec<_> = rules[list.len()..]
                .iter()
                .map(|rule| (rule.meter, rule.tier.name(), rule.rate.to_string()))
                .collect();
            let added: Vec<_> = added
                .into_iter()
                .map(|(meter, tier, rate)| (meter, tier, rate.to_owned()))
                .collect();
            assert_eq!(found, added, "{provider}/{model}");
        }
    }

    #[test]
    fn a_long_prompt_reaches_the_threshold_at_xai() {
        let mut rules = vec![RateRule { above_input_tokens: 200_000, ..rule(Meter::Input, "1") }];
        for _ in 0..2 {
            complete("xai", "grok", &mut rules);
            assert_eq!(rules[0].above_input_tokens, 199_999);
        }
    }
}
