//! LiteLLM's price map: one JSON object a model, its rates in keys with a grammar of their own.
//!
//! A key is a base (`input_cost_per_token`), then perhaps a threshold (`_above_200k_tokens`), then
//! perhaps a tier (`_priority`). See <https://docs.litellm.ai/docs/provider_registration/add_model_pricing>.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::{Block, File};
use centime_core::price::{
    Certainty, EVERY_DAY, Hours, Limits, Model, PriceBook, RateCard, RateRule, ServiceTier,
    Stretch, Uplift, parse_minute,
};
use centime_core::time::Timestamp;
use serde_json::value::RawValue;

use crate::header_of;

/// The pricing fields of one model, as they stand in the map.
pub type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// One model of the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The key it has in the map.
    pub key: String,
    /// The provider, in LiteLLM's word.
    pub provider: String,
    /// What the model does.
    pub mode: String,
    /// What it takes and gives.
    pub limits: Limits,
    /// Its rates.
    pub rates: Rates,
}

/// Rates read from fields, and the rules among them that no rate card expresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates {
    /// What can be expressed.
    pub rules: Vec<RateRule>,
    /// What a region costs more.
    pub uplifts: Vec<Uplift>,
    /// The names of the fields that cannot, or that hold no rate.
    pub unexpressed: Vec<String>,
}

/// Reads a whole map. The sample entry that documents its fields is passed over.
///
/// # Errors
/// When the text is not JSON of this shape.
pub fn read_map(text: &str) -> Result<Vec<Listing>, serde_json::Error> {
    let map: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text)?;
    let mut listings = Vec::with_capacity(map.len());
    for (key, value) in map {
        if key != "sample_spec" {
            let fields: Fields<'_> = serde_json::from_str(value.get())?;
            listings.push(read_listing(key.into_owned(), &fields));
        }
    }
    Ok(listings)
}

fn read_listing(key: String, fields: &Fields<'_>) -> Listing {
    let text = |name: &str| {
        fields.get(name).and_then(|value| serde_json::from_str::<String>(value.get()).ok())
    };
    let tokens = |name: &str| fields.get(name).and_then(|value| whole(value.get()));
    let provider = text("litellm_provider").unwrap_or_else(|| {
        key.split_once('/')
            .map_or_else(|| "unknown".to_owned(), |(provider, _)| provider.to_owned())
    });
    let limits = Limits {
        input_tokens_max: tokens("max_input_tokens"),
        output_tokens_max: tokens("max_output_tokens"),
    };
    let mode = text("mode").unwrap_or_else(|| "chat".to_owned());
    Listing { provider, mode, limits, rates: read_rates(fields), key }
}

/// A whole number that may be written with an idle fraction.
fn whole(text: &str) -> Option<u64> {
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

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

/// Rates for some hours of the week: `{"input_cost_per_token": …, "windows": [{"hours_utc":
/// ["00:00-01:00"], "weekdays": [1, 2, 3, 4, 5]}]}`, or one window in the object itself.
fn read_off_peak(value: &str, rates: &mut Rates) {
    let fields: Fields<'_> = serde_json::from_str(value).unwrap_or_default();
    let Some(hours) = read_hours(&fields) else {
        rates.unexpressed.push("off_peak_pricing".to_owned());
        return;
    };
    const ABOUT_HOURS: [&str; 4] = ["windows", "hours_utc", "weekdays", "weekday_timezone"];
    for (name, value) in fields.iter().filter(|(name, _)| !ABOUT_HOURS.contains(&name.as_ref())) {
        match (RateKey::parse(name), value.get().parse::<Rate>()) {
            (Some(key), Ok(rate)) => {
                rates.rules.push(RateRule { hours: Some(hours.clone()), ..key.rule(rate, 0) });
            }
            _ => rates.unexpressed.push(format!("off_peak_pricing.{name}")),
        }
    }
}

fn read_hours(fields: &Fields<'_>) -> Option<Hours> {
    let offset = match fields.get("weekday_timezone").map(|zone| zone.get()) {
        None | Some("\"UTC\"") => 0,
        // The only other one in use; it has no summer time.
        Some("\"Asia/Shanghai\"") => 8 * 60,
        Some(_) => return None,
    };
    let mut stretches = Vec::new();
    match fields.get("windows") {
        None => read_window(fields, offset, &mut stretches)?,
        Some(windows) => {
            let windows: Vec<Fields<'_>> = serde_json::from_str(windows.get()).ok()?;
            for window in &windows {
                read_window(window, offset, &mut stretches)?;
            }
        }
    }
    (!stretches.is_empty()).then(|| Hours::new(stretches))
}

fn read_window(window: &Fields<'_>, offset: i16, stretches: &mut Vec<Stretch>) -> Option<()> {
    let hours = window.get("hours_utc")?.get();
    let hours: Vec<String> = serde_json::from_str(hours)
        .or_else(|_| serde_json::from_str::<String>(hours).map(|one| vec![one]))
        .ok()?;
    let weekdays = match window.get("weekdays") {
        None => EVERY_DAY,
        Some(days) => {
            let days: Vec<serde_json::Value> = serde_json::from_str(days.get()).ok()?;
            days.iter().try_fold(0, |mask, day| Some(mask | 1 << weekday(day)?))?
        }
    };
    for stretch in hours {
        let (from, to) = stretch.split_once('-')?;
        stretches.push(Stretch {
            from_minute: parse_minute(from.trim())?,
            to_minute: parse_minute(to.trim())?,
            weekdays,
            weekday_offset_minutes: offset,
        });
    }
    Some(())
}

/// Days from Monday: 1 to 7, or English names.
fn weekday(day: &serde_json::Value) -> Option<u32> {
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match day {
        serde_json::Value::Number(number) => u32::try_from(number.as_u64()?)
            .ok()
            .filter(|day| (1..=7).contains(day))
            .map(|day| day - 1),
        serde_json::Value::String(name) => {
            let index = NAMES.iter().position(|known| *known == name.to_lowercase())?;
            u32::try_from(index).ok()
        }
        _ => None,
    }
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

/// What the name of a rate's field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RateKey {
    meter: Meter,
    tier: ServiceTier,
    above_input_tokens: u64,
    /// How many units the rate is for.
    units: u64,
}

impl RateKey {
    fn parse(name: &str) -> Option<Self> {
        let (name, tier) = split_tier(name);
        let (base, above_input_tokens) = split_threshold(name)?;
        let (meter, units) = meter_of(base)?;
        Some(Self { meter, tier, above_input_tokens, units })
    }

    fn rule(self, rate: Rate, above_input_tokens: u64) -> RateRule {
        let rate = Rate::from_scaled(rate.scaled() / u128::from(self.units));
        RateRule {
            tier: self.tier,
            above_input_tokens: self.above_input_tokens.max(above_input_tokens),
            ..RateRule::standard(self.meter, rate)
        }
    }
}

fn split_tier(name: &str) -> (&str, ServiceTier) {
    for (suffix, tier) in [
        ("_batches", ServiceTier::Batch),
        ("_flex", ServiceTier::Flex),
        ("_priority", ServiceTier::Priority),
        ("_balanced", ServiceTier::Balanced),
        ("_ultrafast", ServiceTier::Ultrafast),
        ("_decisions", ServiceTier::Decisions),
    ] {
        if let Some(base) = name.strip_suffix(suffix) {
            return (base, tier);
        }
    }
    (name, ServiceTier::Standard)
}

/// Splits `…_above_200k_tokens` off; `None` where the threshold is no number.
fn split_threshold(name: &str) -> Option<(&str, u64)> {
    let Some((base, thousands)) =
        name.strip_suffix("k_tokens").and_then(|name| name.rsplit_once("_above_"))
    else {
        return Some((name, 0));
    };
    Some((base, thousands.parse::<u64>().ok()?.checked_mul(1000)?))
}

/// The meter that a base name prices, and the number of units its rate is for.
fn meter_of(base: &str) -> Option<(Meter, u64)> {
    Some(match base {
        "input_cost_per_token" => (Meter::Input, 1),
        "output_cost_per_token" => (Meter::Output, 1),
        "cache_read_input_token_cost" | "input_cost_per_token_cache_hit" => (Meter::CacheRead, 1),
        "cache_creation_input_token_cost" => (Meter::CacheWrite5m, 1),
        "cache_creation_input_token_cost_above_1hr" => (Meter::CacheWrite1h, 1),
        "cache_creation_input_token_cost_above_12hr" => (Meter::CacheWrite12h, 1),
        "output_cost_per_reasoning_token" => (Meter::Reasoning, 1),
        "citation_cost_per_token" => (Meter::Citation, 1),
        "input_cost_per_audio_token" => (Meter::InputAudio, 1),
        "output_cost_per_audio_token" => (Meter::OutputAudio, 1),
        "cache_read_input_audio_token_cost" => (Meter::CacheReadAudio, 1),
        "cache_creation_input_audio_token_cost" => (Meter::CacheWriteAudio, 1),
        "input_cost_per_image_token" => (Meter::InputImage, 1),
        "output_cost_per_image_token" => (Meter::OutputImage, 1),
        "cache_read_input_image_token_cost" => (Meter::CacheReadImage, 1),
        "input_cost_per_video_token" => (Meter::InputVideo, 1),
        "output_cost_per_video_token" => (Meter::OutputVideo, 1),
        "output_cost_per_image" => (Meter::Images, 1),
        "input_cost_per_image" => (Meter::InputImages, 1),
        "output_cost_per_pixel" => (Meter::Pixels, 1),
        "input_cost_per_pixel" => (Meter::InputPixels, 1),
        "cost_per_second" => (Meter::Seconds, 1),
        "input_cost_per_second" | "input_cost_per_audio_per_second" => (Meter::InputSeconds, 1),
        "output_cost_per_second" | "output_cost_per_video_per_second" => (Meter::OutputSeconds, 1),
        "input_cost_per_video_per_second" => (Meter::InputVideoSeconds, 1),
        "input_cost_per_character" => (Meter::Characters, 1),
        "output_cost_per_character" => (Meter::OutputCharacters, 1),
        "ocr_cost_per_page" => (Meter::Pages, 1),
        "annotation_cost_per_page" => (Meter::AnnotatedPages, 1),
        "ocr_cost_per_credit" => (Meter::Credits, 1),
        "input_cost_per_text_message" => (Meter::Messages, 1),
        "input_cost_per_query" => (Meter::Searches, 1),
        "input_cost_per_request" => (Meter::Request, 1),
        "google_maps_grounding_cost_per_query" => (Meter::MapsSearch, 1),
        "file_search_cost_per_1k_calls" => (Meter::FileSearch, 1000),
        "code_interpreter_cost_per_session" => (Meter::CodeSession, 1),
        _ => return None,
    })
}

/// The rules that no card expresses, as `model: rule`.
#[must_use]
pub fn unexpressed(listings: &[Listing]) -> Vec<String> {
    let of = |listing: &Listing| {
        let name = |rule: &String| format!("{}: {rule}", listing.key);
        listing.rates.unexpressed.iter().map(name).collect::<Vec<_>>()
    };
    listings.iter().flat_map(of).collect()
}

/// A book of a map alone. Every key of the map means its own model, whatever else it might mean.
#[must_use]
pub fn book(version: String, listings: Vec<Listing>) -> PriceBook {
    let mut files: BTreeMap<String, BTreeMap<String, Block>> = BTreeMap::new();
    let mut spellings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut own_names = Vec::new();
    for listing in listings.into_iter().filter(|listing| !listing.rates.rules.is_empty()) {
        let provider = family(&listing.provider).to_owned();
        spellings.entry(provider.clone()).or_default().insert(listing.provider);
        let bare = listing.key.strip_prefix(&format!("{provider}/")).map(str::to_owned);
        let card = RateCard::new(
            Timestamp::EARLIEST,
            Certainty::Observed,
            "price file".to_owned(),
            listing.rates.rules,
        )
        .with_uplifts(listing.rates.uplifts);
        let model = Model {
            name: listing.key.clone(),
            mode: listing.mode,
            limits: listing.limits,
            until: None,
            cards: vec![card],
        };
        let blocks = files.entry(provider.clone()).or_default();
        if let Some(bare) = bare {
            let alias = Block::Alias { name: bare.clone(), target: listing.key.clone() };
            blocks.entry(bare).or_insert(alias);
        }
        blocks.insert(listing.key.clone(), Block::Model(model));
        own_names.push((listing.key, provider));
    }
    let files = files.into_iter().map(|(provider, blocks)| {
        let mut header = header_of(&provider);
        let spellings = spellings.remove(&provider).unwrap_or_default();
        header.also.extend(spellings.into_iter().filter(|name| *name != provider));
        File { header, blocks: blocks.into_values().collect() }
    });
    let mut book = PriceBook::from_files(version, files.collect::<Vec<_>>());
    for (key, provider) in own_names {
        book.add_own_name(key.clone(), &provider, &key);
    }
    book
}

/// LiteLLM splits some providers by the make of their models: `vertex_ai-anthropic_models`.
#[must_use]
pub fn family(provider: &str) -> &str {
    match provider {
        "bedrock_converse" => "bedrock",
        "text-completion-openai" => "openai",
        "cohere_chat" => "cohere",
        "azure_text" => "azure",
        "text-completion-codestral" => "codestral",
        "text-completion-inception" => "inception",
        "fireworks_ai-embedding-models" => "fireworks_ai",
        _ if provider.starts_with("vertex_ai-") => "vertex_ai",
        _ => provider,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_say_meter_threshold_and_tier() {
        use Meter::{CacheRead, CacheWrite1h, CacheWrite5m, CacheWrite12h, Input, InputSeconds};
        use ServiceTier::{Batch, Flex, Priority, Standard};
        for (name, expected) in [
            ("input_cost_per_token", Some((Input, 0, Standard))),
            ("input_cost_per_token_batches", Some((Input, 0, Batch))),
            ("input_cost_per_token_above_200k_tokens", Some((Input, 200_000, Standard))),
            ("input_cost_per_token_above_272k_tokens_priority", Some((Input, 272_000, Priority))),
            ("cache_read_input_token_cost_flex", Some((CacheRead, 0, Flex))),
            ("cache_creation_input_token_cost", Some((CacheWrite5m, 0, Standard))),
            ("cache_creation_input_token_cost_above_1hr", Some((CacheWrite1h, 0, Standard))),
            (
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
                Some((CacheWrite1h, 200_000, Standard)),
            ),
            (
                "cache_creation_input_token_cost_above_12hr_above_272k_tokens_flex",
                Some((CacheWrite12h, 272_000, Flex)),
            ),
            ("input_cost_per_audio_per_second", Some((InputSeconds, 0, Standard))),
            ("input_cost_per_video_per_second_above_8s_interval", None),
            ("max_input_tokens", None),
        ] {
            let key = RateKey::parse(name);
            let key = key.map(|key| (key.meter, key.above_input_tokens, key.tier));
            assert_eq!(key, expected, "{name}");
        }
    }

    #[test]
    fn reads_ranges_and_names_what_it_cannot_express() {
        let text = r#"{"qwen": {
            "litellm_provider": "dashscope", "max_input_tokens": 997952.0,
            "tiered_pricing": [
                {"range": [0, 256000.0], "input_cost_per_token": 5e-08},
                {"range": [256000.0, 1000000.0], "input_cost_per_token": 2.5e-07}
            ],
            "off_peak_pricing": {"windows": []}, "output_cost_per_token": "free",
            "provider_specific_entry": {"us": 1.1, "fast": 2, "colour": 3}
        }}"#;
        let listing = &read_map(text).unwrap()[0];
        assert_eq!(listing.limits.input_tokens_max, Some(997_952));
        let rules: Vec<(u64, ServiceTier, String)> = listing
            .rates
            .rules
            .iter()
            .map(|rule| (rule.above_input_tokens, rule.tier, rule.rate.to_string()))
            .collect();
        let (standard, fast) = (ServiceTier::Standard, ServiceTier::Fast);
        let expected = [
            (0, standard, "0.00000005".to_owned()),
            (256_000, standard, "0.00000025".to_owned()),
            (0, fast, "0.0000001".to_owned()),
            (256_000, fast, "0.0000005".to_owned()),
        ];
        assert_eq!(rules, expected);
        assert_eq!(listing.rates.uplifts[0].region, "us");
        assert_eq!(
            listing.rates.unexpressed,
            [
                "off_peak_pricing",
                "output_cost_per_token=\"free\"",
                "provider_specific_entry.colour"
            ]
        );
    }

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

    #[test]
    fn the_names_of_the_map_are_understood() {
        let text = r#"{
            "gemini-x": {"litellm_provider": "vertex_ai-language-models", "input_cost_per_token": 1},
            "gemini/gemini-x": {"litellm_provider": "gemini", "input_cost_per_token": 2}
        }"#;
        let book = book("test".to_owned(), read_map(text).unwrap());
        for (provider, model, expected) in [
            (None, "gemini-x", "vertex_ai"),
            (None, "gemini/gemini-x", "gemini"),
            (Some("gemini"), "gemini-x", "gemini"),
            (Some("google"), "gemini-x", "gemini"),
            (Some("vertex_ai-language-models"), "gemini-x", "vertex_ai"),
            (Some("gcp.vertex_ai"), "gemini-x", "vertex_ai"),
        ] {
            let name = centime_core::price::ModelRef { provider, model };
            assert_eq!(book.resolve(name).unwrap().provider, expected, "{provider:?} {model}");
        }
    }

    #[test]
    fn reads_off_peak_hours_in_every_form_of_the_map() {
        for (text, expected) in [
            (r#"{"hours_utc": "16:00-00:00", "input_cost_per_token": 1e-07}"#, "16:00-00:00"),
            (
                r#"{"windows": [{"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": [1, 5]},
                    {"hours_utc": "00:00-00:00", "weekdays": ["saturday"]}],
                    "weekday_timezone": "Asia/Shanghai", "input_cost_per_token": 1e-07}"#,
                "00:00-00:00/sa+08:00;00:00-01:00/mo,fr+08:00;10:00-00:00/mo,fr+08:00",
            ),
        ] {
            let mut rates = Rates::default();
            read_off_peak(text, &mut rates);
            assert_eq!(rates.unexpressed, Vec::<String>::new());
            let hours = rates.rules[0].hours.clone().map(|hours| hours.to_string());
            assert_eq!(hours.as_deref(), Some(expected));
        }
    }
}
