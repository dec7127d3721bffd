//! The rates among the fields of a model.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{OptionKey, Options, RateRule, ServiceTier, Uplift};
use serde_json::value::RawValue;

use super::hours::read_off_peak;
use super::key::RateKey;
use super::{Fields, Rates, whole};

/// Reads the rates among the fields of a model of some mode.
#[must_use]
pub fn read_rates(fields: &Fields<'_>, mode: &str) -> Rates {
    let mut rates = Rates::default();
    for (name, value) in fields {
        read_field(name, value.get(), &mut rates);
    }
    drop_redundant_reasoning(&mut rates.rules);
    drop_idle_seconds(&mut rates.rules);
    drop_free_lengths(&mut rates.rules);
    if mode == "image_generation" {
        settle_images(&mut rates.rules);
    }
    read_dbu(fields, &mut rates);
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

/// A meter that is paid for does not become free where the prompt is longer: such a zero is a
/// placeholder.
fn drop_free_lengths(rules: &mut Vec<RateRule>) {
    let paid: BTreeSet<(Meter, ServiceTier)> = rules
        .iter()
        .filter(|rule| rule.above_input_tokens == 0 && rule.rate != Rate::FREE)
        .map(|rule| (rule.meter, rule.tier))
        .collect();
    rules.retain(|rule| {
        rule.above_input_tokens == 0
            || rule.rate != Rate::FREE
            || !paid.contains(&(rule.meter, rule.tier))
    });
}

/// What makes images takes prompts: where it has no other price, that of an image asked for is that
/// of the image made, and the zero of the other side a placeholder.
fn settle_images(rules: &mut Vec<RateRule>) {
    let is_paid = |rule: &RateRule| rule.rate != Rate::FREE;
    let has_other = rules
        .iter()
        .any(|rule| is_paid(rule) && (rule.meter == Meter::Images || rule.meter.is_token()));
    if has_other || !rules.iter().any(is_paid) {
        return;
    }
    rules.retain(|rule| is_paid(rule) || !matches!(rule.meter, Meter::Output | Meter::Pixels));
    for rule in rules.iter_mut().filter(|rule| rule.meter == Meter::InputImages) {
        rule.meter = Meter::Images;
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
        "guardrail_cost_per_unit" => read_guardrail(value, rates),
        // Read together with the dollars beside them.
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

/// `{"search_context_size_low": 0.03, …}`: a rate a size where they differ; without a size, medium.
fn read_search_context(value: &str, rates: &mut Rates) {
    let sizes: BTreeMap<String, &RawValue> = serde_json::from_str(value).unwrap_or_default();
    let parsed: BTreeSet<&str> = sizes.values().map(|raw| raw.get()).collect();
    for (name, value) in &sizes {
        let size = name.strip_prefix("search_context_size_");
        let (Some(size), Ok(rate)) = (size, value.get().parse()) else {
            rates.unexpressed.push(format!("search_context_cost_per_query.{name}"));
            continue;
        };
        let rule = RateRule::standard(Meter::WebSearch, of_one(rate));
        if size == "medium" {
            rates.rules.push(rule.clone());
        }
        if parsed.len() > 1 {
            let mut options = Options::default();
            match options.set(OptionKey::SearchContext, size) {
                Ok(()) => rates.rules.push(RateRule { options, ..rule }),
                Err(_) => rates.unexpressed.push(format!("search_context_cost_per_query.{name}")),
            }
        }
    }
}

/// Nobody charges a dollar for a search: a map that says so gave the price of a thousand.
fn of_one(rate: Rate) -> Rate {
    if rate < Rate::ONE { rate } else { Rate::from_scaled(rate.scaled() / 1000) }
}

/// `{"contentPolicyUnits": 0.00015, …}`: what Bedrock's guardrails count
/// (<https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailUsage.html>).
fn read_guardrail(value: &str, rates: &mut Rates) {
    let units: BTreeMap<String, &RawValue> = serde_json::from_str(value).unwrap_or_default();
    for (name, value) in units {
        let meter = match name.as_str() {
            "contentPolicyUnits" => Some(Meter::GuardrailContent),
            "contentPolicyImageUnits" => Some(Meter::GuardrailImages),
            "topicPolicyUnits" => Some(Meter::GuardrailTopics),
            "wordPolicyUnits" => Some(Meter::GuardrailWords),
            "sensitiveInformationPolicyUnits" => Some(Meter::GuardrailSensitive),
            "sensitiveInformationPolicyFreeUnits" => Some(Meter::GuardrailPatterns),
            "contextualGroundingPolicyUnits" => Some(Meter::GuardrailGrounding),
            "automatedReasoningPolicyUnits" => Some(Meter::GuardrailReasoning),
            _ => None,
        };
        match (meter, value.get().parse()) {
            (Some(meter), Ok(rate)) => rates.rules.push(RateRule::standard(meter, rate)),
            _ => rates.unexpressed.push(format!("guardrail_cost_per_unit.{name}")),
        }
    }
}

/// What a Databricks unit costs, where the rates in units and those in dollars say so: the same to
/// the cent on both sides. They are rounded each for itself, so the price of a unit is theirs to
/// within a thousandth.
fn read_dbu(fields: &Fields<'_>, rates: &mut Rates) {
    const SIDES: [[&str; 2]; 2] = [
        ["input_dbu_cost_per_token", "input_cost_per_token"],
        ["output_dbu_cost_per_token", "output_cost_per_token"],
    ];
    let rate = |name: &str| fields.get(name)?.get().parse::<Rate>().ok();
    let pairs = SIDES.into_iter().filter_map(|[units, dollars]| {
        let units = rate(units).filter(|units| units.scaled() > 0)?;
        Some(rate(dollars).and_then(|dollars| cents_of(dollars, units)))
    });
    let found: BTreeSet<Option<Rate>> = pairs.collect();
    match (found.first(), found.len()) {
        (Some(&Some(rate)), 1) => {
            rates.rules.push(RateRule { derived: true, ..RateRule::standard(Meter::Dbu, rate) });
        }
        (None, _) => {}
        _ => rates.unexpressed.push("input_dbu_cost_per_token".to_owned()),
    }
}

/// The whole number of cents that a unit costs, give or take a thousandth.
fn cents_of(dollars: Rate, units: Rate) -> Option<Rate> {
    let cent = Rate::ONE.scaled() / 100;
    let hundred = dollars.scaled().checked_mul(100)?;
    let cents = (hundred + units.scaled() / 2) / units.scaled();
    let error = hundred.abs_diff(cents * units.scaled());
    (cents > 0 && error <= hundred / 1000).then(|| Rate::from_scaled(cents * cent))
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

/// What a range is of: prompts of more tokens than its start, or as many results as it holds.
fn range_of(fields: &Fields<'_>) -> Option<(u64, Options)> {
    let bounds = |name: &str| -> Option<Vec<u64>> {
        let bounds: Vec<&RawValue> = serde_json::from_str(fields.get(name)?.get()).ok()?;
        bounds.iter().map(|bound| whole(bound.get())).collect()
    };
    let mut options = Options::default();
    if let Some(results) = bounds("max_results_range") {
        let &[first, last] = results.as_slice() else { return None };
        options.set(OptionKey::Results, &format!("{first}-{last}")).ok()?;
        return Some((0, options));
    }
    Some((*bounds("range")?.first()?, options))
}

/// `[{"range": [0, 32000], "input_cost_per_token": …}, …]`: a threshold each, for the whole call; of
/// a search `max_results_range`, an option each.
fn read_ranges(value: &str, rates: &mut Rates) {
    let ranges: Vec<Fields<'_>> = serde_json::from_str(value).unwrap_or_default();
    let mut is_expressed = !ranges.is_empty();
    for fields in &ranges {
        let Some((start, options)) = range_of(fields) else {
            is_expressed = false;
            continue;
        };
        let is_rate = |name: &str| !matches!(name, "range" | "max_results_range");
        for (name, value) in fields.iter().filter(|(name, _)| is_rate(name)) {
            match (RateKey::parse(name), value.get().parse::<Rate>()) {
                (Some(key), Ok(rate)) => {
                    let rule = key.rule(rate, start);
                    let options = rule.options.or(&options);
                    rates.rules.push(RateRule { options, ..rule });
                }
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
        let meters = |mode: &str, text: &str| -> Vec<(Meter, String)> {
            let fields: Fields<'_> = serde_json::from_str(text).unwrap();
            let rules = read_rates(&fields, mode).rules;
            rules.into_iter().map(|rule| (rule.meter, rule.rate.to_string())).collect()
        };
        for (mode, text, expected) in [
            (
                "chat",
                r#"{"input_cost_per_second": 0, "output_cost_per_second": 0.0001}"#,
                vec![(Meter::Seconds, "0.0001")],
            ),
            ("chat", r#"{"input_cost_per_second": 0}"#, vec![(Meter::InputSeconds, "0")]),
            (
                "chat",
                r#"{"output_cost_per_token": 2, "output_cost_per_reasoning_token": 2}"#,
                vec![(Meter::Output, "2")],
            ),
            (
                "chat",
                r#"{"output_cost_per_token": 2, "output_cost_per_reasoning_token": 3}"#,
                vec![(Meter::Reasoning, "3"), (Meter::Output, "2")],
            ),
            (
                "image_generation",
                r#"{"input_cost_per_image": 2, "output_cost_per_token": 0}"#,
                vec![(Meter::Images, "2")],
            ),
            (
                "image_generation",
                r#"{"input_cost_per_image": 2, "output_cost_per_image": 3}"#,
                vec![(Meter::InputImages, "2"), (Meter::Images, "3")],
            ),
            (
                "image_generation",
                r#"{"input_cost_per_image": 2, "input_cost_per_token": 3}"#,
                vec![(Meter::InputImages, "2"), (Meter::Input, "3")],
            ),
            (
                "chat",
                r#"{"input_cost_per_token": 2, "input_cost_per_token_above_128k_tokens": 0,
                    "output_cost_per_token": 0, "output_cost_per_token_above_128k_tokens": 0}"#,
                vec![(Meter::Input, "2"), (Meter::Output, "0"), (Meter::Output, "0")],
            ),
            ("chat", r#"{"input_cost_per_image": 2}"#, vec![(Meter::InputImages, "2")]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(meter, rate)| (meter, rate.to_owned())).collect();
            assert_eq!(meters(mode, text), expected, "{text}");
        }
    }

    #[test]
    fn what_was_chosen_and_what_is_counted_apart_have_rates() {
        for (text, expected, unexpressed) in [
            (
                r#"{"search_context_cost_per_query": {"search_context_size_low": 0.005,
                    "search_context_size_medium": 0.008, "search_context_size_high": 0.012}}"#,
                "web_search 0.012 search_context=high; web_search 0.005 search_context=low; \
                 web_search 0.008; web_search 0.008 search_context=medium",
                "",
            ),
            (
                r#"{"search_context_cost_per_query": {"search_context_size_low": 10,
                    "search_context_size_medium": 10, "other": 10}}"#,
                "web_search 0.01",
                "search_context_cost_per_query.other",
            ),
            (
                r#"{"tiered_pricing": [{"input_cost_per_query": 1, "max_results_range": [0, 25]},
                    {"input_cost_per_query": 5, "max_results_range": [26, 100]}]}"#,
                "searches 1 results=0-25; searches 5 results=26-100",
                "",
            ),
            (
                r#"{"tiered_pricing": [{"input_cost_per_query": 1, "max_results_range": [5]}]}"#,
                "",
                "tiered_pricing",
            ),
            (
                r#"{"guardrail_cost_per_unit": {"topicPolicyUnits": 0.1, "moodUnits": 1}}"#,
                "guardrail_topics 0.1",
                "guardrail_cost_per_unit.moodUnits",
            ),
            (
                r#"{"input_cost_per_token": 9.99999e-06, "input_dbu_cost_per_token": 0.00014286,
                    "output_cost_per_token": 0, "output_dbu_cost_per_token": 0}"#,
                "input 0.00000999999; output 0; dbu 0.07",
                "",
            ),
            (
                r#"{"input_cost_per_token": 7, "input_dbu_cost_per_token": 100,
                    "output_cost_per_token": 8, "output_dbu_cost_per_token": 100}"#,
                "input 7; output 8",
                "input_dbu_cost_per_token",
            ),
            (
                r#"{"input_cost_per_token": 7.5, "input_dbu_cost_per_token": 100}"#,
                "input 7.5",
                "input_dbu_cost_per_token",
            ),
        ] {
            let fields: Fields<'_> = serde_json::from_str(text).unwrap();
            let rates = read_rates(&fields, "chat");
            let rules = rates.rules.iter().map(|rule| {
                format!("{} {} {}", rule.meter, rule.rate, rule.options).trim_end().to_owned()
            });
            assert_eq!(rules.collect::<Vec<_>>().join("; "), expected, "{text}");
            assert_eq!(rates.unexpressed.join("; "), unexpressed, "{text}");
        }
    }
}
