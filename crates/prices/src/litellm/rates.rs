//! The rates among the fields of a model.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{RateRule, ServiceTier, Uplift};
use serde_json::value::RawValue;

use super::hours::read_off_peak;
use super::key::RateKey;
use super::{Fields, Rates, whole};

/// Reads the rates among the fields of a model.
#[must_use]
pub fn read_rates(fields: &Fields<'_>) -> Rates {
    let mut rates = Rates::default();
    for (name, value) in fields {
        read_field(name, value.get(), &mut rates);
    }
    drop_redundant_reasoning(&mut rates.rules);
    drop_idle_seconds(&mut rates.rules);
    // Last, because it multiplies what the other fields say.
    if let Some(value) = fields.get("provider_specific_entry") {
        read_multipliers(value.get(), &mut rates);
    }
    rates
}

/// A reasoning rate that is the output rate says nothing, and would hide the output's other tiers.
fn drop_redundant_reasoning(rules: &mut Vec<RateRule>) {
    let outputs: Vec<RateRule> =
        rules.iter().filter(|rule| rule.meter == Meter::Output).cloned().collect();
    let is_output = |rule: &RateRule| {
        outputs.iter().any(|output| RateRule { meter: Meter::Reasoning, ..output.clone() } == *rule)
    };
    if rules.iter().filter(|rule| rule.meter == Meter::Reasoning).all(is_output) {
        rules.retain(|rule| rule.meter != Meter::Reasoning);
    }
}

/// Where only one of the two sides of seconds has a price, the other's zero is a placeholder, and
/// the price is that of a second of either.
fn drop_idle_seconds(rules: &mut Vec<RateRule>) {
    let is_paid = |rules: &[RateRule], meter| {
        rules.iter().any(|rule| rule.meter == meter && rule.rate.scaled() > 0)
    };
    for (paid, idle) in
        [(Meter::InputSeconds, Meter::OutputSeconds), (Meter::OutputSeconds, Meter::InputSeconds)]
    {
        let is_idle = rules.iter().any(|rule| rule.meter == idle) && !is_paid(rules, idle);
        if is_paid(rules, paid) && is_idle {
            rules.retain(|rule| rule.meter != idle);
            for rule in rules.iter_mut().filter(|rule| rule.meter == paid) {
                rule.meter = Meter::Seconds;
            }
        }
    }
}

fn read_field(name: &str, value: &str, rates: &mut Rates) {
    match name {
        "search_context_cost_per_query" => read_search_context(value, rates),
        "tiered_pricing" => read_ranges(value, rates),
        "off_peak_pricing" => read_off_peak(value, rates),
        "provider_specific_entry" => {}
        "regional_endpoint_uplift_multiplier" => read_uplift("regional", name, value, rates),
        "regional_processing_uplift_multiplier_eu" => read_uplift("eu", name, value, rates),
        "regional_processing_uplift_multiplier_us" => read_uplift("us", name, value, rates),
        // Documented as a reference only; the dollar rates stand beside them.
        "input_dbu_cost_per_token" | "output_dbu_cost_per_token" => {}
        _ => match RateKey::parse(name) {
            Some(key) => match value.parse::<Rate>() {
                Ok(rate) => rates.rules.push(key.rule(rate, 0)),
                Err(_) => rates.unexpressed.push(format!("{name}={value}")),
            },
            None if is_pricing(name) => rates.unexpressed.push(name.to_owned()),
            None => {}
        },
    }
}

/// Whether a field that is not read has to do with money.
fn is_pricing(name: &str) -> bool {
    ["cost", "pricing", "multiplier", "free_requests"].iter().any(|part| name.contains(part))
}

/// `{"search_context_size_low": 0.03, …}`: where the sizes cost the same, that is the rate.
fn read_search_context(value: &str, rates: &mut Rates) {
    let sizes: BTreeMap<String, &RawValue> = serde_json::from_str(value).unwrap_or_default();
    let parsed: BTreeSet<Option<Rate>> = sizes.values().map(|raw| raw.get().parse().ok()).collect();
    let medium = sizes.get("search_context_size_medium").and_then(|raw| raw.get().parse().ok());
    if let Some(rate) = medium {
        rates.rules.push(RateRule::standard(Meter::WebSearch, rate));
    }
    if medium.is_none() || parsed.len() > 1 {
        rates.unexpressed.push("search_context_cost_per_query by size".to_owned());
    }
}

fn read_uplift(region: &str, name: &str, value: &str, rates: &mut Rates) {
    match value.parse() {
        Ok(factor) => rates.uplifts.push(Uplift { region: region.to_owned(), factor }),
        Err(_) => rates.unexpressed.push(format!("{name}={value}")),
    }
}

/// `{"us": 1.1, "fast": 2}`: a factor for a region, or for a speed, which is a tier of its own.
fn read_multipliers(value: &str, rates: &mut Rates) {
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(value).unwrap_or_default();
    for (name, factor) in entries {
        match (name.as_str(), factor.get().parse::<Rate>()) {
            ("us" | "eu", Ok(factor)) => rates.uplifts.push(Uplift { region: name, factor }),
            ("fast", Ok(factor)) => add_fast(factor, rates),
            // How a request is written, not what it costs.
            ("bedrock_invocation_schema", _) => {}
            _ => rates.unexpressed.push(format!("provider_specific_entry.{name}")),
        }
    }
}

/// Fast output costs the standard rates of tokens times a factor.
fn add_fast(factor: Rate, rates: &mut Rates) {
    let is_standard =
        |rule: &&RateRule| rule.tier == ServiceTier::Standard && rule.meter.is_token();
    let fast = rates.rules.iter().filter(is_standard).filter_map(|rule| {
        let rate = rule.rate.checked_mul_ratio(factor, Rate::ONE)?;
        Some(RateRule { tier: ServiceTier::Fast, rate, derived: true, ..rule.clone() })
    });
    let fast: Vec<RateRule> = fast.collect();
    rates.rules.extend(fast);
}

/// `[{"range": [0, 32000], "input_cost_per_token": …}, …]`: a threshold each, for the whole call.
fn read_ranges(value: &str, rates: &mut Rates) {
    let ranges: Vec<Fields<'_>> = serde_json::from_str(value).unwrap_or_default();
    let mut is_expressed = !ranges.is_empty();
    for fields in &ranges {
        let start = fields
            .get("range")
            .and_then(|range| serde_json::from_str::<Vec<&RawValue>>(range.get()).ok())
            .and_then(|bounds| whole(bounds.first()?.get()));
        let Some(start) = start else {
            is_expressed = false;
            continue;
        };
        for (name, value) in fields.iter().filter(|(name, _)| name.as_ref() != "range") {
            match (RateKey::parse(name), value.get().parse::<Rate>()) {
                (Some(key), Ok(rate)) => rates.rules.push(key.rule(rate, start)),
                _ => is_expressed = false,
            }
        }
    }
    if !is_expressed {
        rates.unexpressed.push("tiered_pricing".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_do_not_pass_for_rates() {
        let meters = |text: &str| -> Vec<(Meter, String)> {
            let fields: Fields<'_> = serde_json::from_str(text).unwrap();
            let rules = read_rates(&fields).rules;
            rules.into_iter().map(|rule| (rule.meter, rule.rate.to_string())).collect()
        };
        for (text, expected) in [
            (
                r#"{"input_cost_per_second": 0, "output_cost_per_second": 0.0001}"#,
                vec![(Meter::Seconds, "0.0001")],
            ),
            (r#"{"input_cost_per_second": 0}"#, vec![(Meter::InputSeconds, "0")]),
            (
                r#"{"output_cost_per_token": 2, "output_cost_per_reasoning_token": 2}"#,
                vec![(Meter::Output, "2")],
            ),
            (
                r#"{"output_cost_per_token": 2, "output_cost_per_reasoning_token": 3}"#,
                vec![(Meter::Reasoning, "3"), (Meter::Output, "2")],
            ),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(meter, rate)| (meter, rate.to_owned())).collect();
            assert_eq!(meters(text), expected, "{text}");
        }
    }
}
