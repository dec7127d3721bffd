//! genai-prices' data: a list of providers, their models with dated prices, variants and patterns.
//!
//! Of conditional prices the last active one holds; of variants, for each price the first that has
//! it. See <https://github.com/pydantic/genai-prices>.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::{Block, File, Header};
use centime_core::price::{
    Certainty, EVERY_DAY, Hours, Limits, Model, Pattern, PriceBook, RateCard, RateRule,
    ServiceTier, Stretch, parse_minute,
};
use centime_core::time::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::Imported;

#[derive(Deserialize)]
struct Provider<'a> {
    id: String,
    #[serde(borrow)]
    model_match: Option<&'a RawValue>,
    #[serde(borrow)]
    models: Vec<Listing<'a>>,
}

#[derive(Deserialize)]
struct Listing<'a> {
    id: String,
    #[serde(rename = "match", borrow)]
    pattern: Option<&'a RawValue>,
    context_window: Option<u64>,
    #[serde(borrow)]
    prices: &'a RawValue,
    #[serde(borrow, default)]
    price_variants: Vec<Variant<'a>>,
}

#[derive(Deserialize)]
struct Conditional<'a> {
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: Prices<'a>,
}

#[derive(Deserialize)]
struct Variant<'a> {
    when: BTreeMap<String, String>,
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: Prices<'a>,
}

#[derive(Deserialize, Default)]
struct Constraint {
    start_date: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
}

#[derive(Deserialize)]
struct Tiered<'a> {
    #[serde(borrow)]
    base: &'a RawValue,
    #[serde(borrow)]
    tiers: Vec<Tier<'a>>,
}

#[derive(Deserialize)]
struct Tier<'a> {
    start: u64,
    #[serde(borrow)]
    price: &'a RawValue,
}

type Prices<'a> = BTreeMap<String, &'a RawValue>;

/// What cannot be expressed, as it is found: once a model, however many cards have it.
struct Notes<'n> {
    model: String,
    found: &'n mut BTreeSet<String>,
}

impl Notes<'_> {
    fn add(&mut self, what: &str) {
        self.found.insert(format!("{}: {what}", self.model));
    }
}

/// Reads the data into a book of its own.
///
/// # Errors
/// When the text is not JSON of this shape.
pub fn read(text: &str, version: String) -> Result<Imported, serde_json::Error> {
    let providers: Vec<Provider<'_>> = serde_json::from_str(text)?;
    let mut unexpressed = BTreeSet::new();
    let mut files = Vec::new();
    let mut patterns = Vec::new();
    for provider in &providers {
        let header = Header {
            provider: provider.id.clone(),
            makes: provider.model_match.map(|_| String::new()).into_iter().collect(),
            also: also(&provider.id),
        };
        let mut blocks = BTreeMap::new();
        for listing in &provider.models {
            let name = format!("{}/{}", provider.id, listing.id);
            let mut notes = Notes { model: name, found: &mut unexpressed };
            let model = read_model(&provider.id, listing, &mut notes)?;
            match listing.pattern.map(|pattern| read_pattern(pattern.get())) {
                Some(Some(pattern)) => {
                    patterns.push((provider.id.clone(), pattern, listing.id.clone()));
                }
                Some(None) => notes.add("a pattern of names that cannot be read"),
                None => {}
            }
            blocks.insert(listing.id.clone(), Block::Model(model));
        }
        files.push(File { header, blocks: blocks.into_values().collect() });
    }
    let mut book = PriceBook::from_files(version, files);
    for (provider, pattern, model) in patterns {
        book.add_pattern(&provider, pattern, &model);
    }
    Ok(Imported { book, unexpressed: unexpressed.into_iter().collect() })
}

/// Other names of a provider, as events have them.
fn also(provider: &str) -> Vec<String> {
    let names: &[&str] = match provider {
        "google" => &["gemini", "vertex_ai", "vertex", "gcp.gemini", "gcp.vertex_ai"],
        "aws" => &["bedrock", "aws.bedrock", "amazon"],
        "azure" => &["azure_openai", "azure_ai", "azure.ai.openai"],
        "x-ai" => &["xai", "x_ai"],
        "moonshotai" => &["moonshot", "moonshot_ai"],
        "mistral" => &["mistralai", "mistral_ai"],
        "fireworks" => &["fireworks_ai"],
        "together" => &["together_ai"],
        "voyageai" => &["voyage"],
        _ => &[],
    };
    names.iter().map(|&name| name.to_owned()).collect()
}

fn read_model(
    provider: &str,
    listing: &Listing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Model, serde_json::Error> {
    let text = listing.prices.get();
    let conditional: Vec<Conditional<'_>> = if text.starts_with('[') {
        serde_json::from_str(text)?
    } else {
        vec![Conditional { constraint: None, prices: serde_json::from_str(text)? }]
    };
    let starts = conditional
        .iter()
        .filter_map(|price| price.constraint.as_ref())
        .chain(listing.price_variants.iter().filter_map(|variant| variant.constraint.as_ref()))
        .filter_map(|constraint| constraint.start_date.as_deref());
    let mut dates: BTreeSet<Option<&str>> = starts.map(Some).collect();
    dates.insert(None);

    let mut cards: Vec<RateCard> = Vec::new();
    for date in dates {
        let from = date.map_or(Ok(Timestamp::EARLIEST), str::parse);
        let Ok(from) = from else {
            notes.add("a date that cannot be read");
            continue;
        };
        let certainty = if date.is_some() { Certainty::Exact } else { Certainty::Observed };
        let mut rules = hourly_rules(&conditional, notes);
        if let Some(base) = base_at(&conditional, date) {
            rules.extend(read_prices(&base.prices, ServiceTier::Standard, notes));
        }
        for variant in &listing.price_variants {
            if is_active(variant.constraint.as_ref(), date) {
                rules.extend(read_variant(variant, notes));
            }
        }
        crate::complete(provider, &listing.id, &mut rules);
        let card = RateCard::new(from, certainty, "genai-prices".to_owned(), rules);
        cards.push(card);
    }
    Ok(Model {
        name: listing.id.clone(),
        mode: mode_of(&listing.id, &cards).to_owned(),
        limits: Limits { input_tokens_max: listing.context_window, output_tokens_max: None },
        until: None,
        cards: RateCard::without_repeats(cards),
    })
}

/// What a model does, as far as its name and what it charges for say so; the data do not.
fn mode_of(name: &str, cards: &[RateCard]) -> &'static str {
    let name = name.to_lowercase();
    let is_called = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let rules = || cards.iter().flat_map(RateCard::rules);
    let charges = |meter| rules().any(|rule| rule.meter == meter && rule.rate != Rate::FREE);
    if is_called(&["rerank"]) || charges(Meter::Searches) {
        "rerank"
    } else if charges(Meter::Pages) {
        "ocr"
    } else if is_called(&["tts", "text-to-speech"]) || charges(Meter::Characters) {
        "audio_speech"
    } else if is_called(&["whisper", "transcribe", "-asr"]) {
        "audio_transcription"
    } else if charges(Meter::OutputVideo) || charges(Meter::OutputSeconds) {
        "video_generation"
    } else if charges(Meter::OutputImage) || is_called(&["-image"]) {
        "image_generation"
    } else if charges(Meter::Output) || rules().next().is_none() {
        "chat"
    } else if is_called(&["embed", "voyage", "bge-", "gte-", "e5-", "-ada"]) {
        "embedding"
    } else if charges(Meter::Seconds) || charges(Meter::InputSeconds) {
        "audio_transcription"
    } else {
        "chat"
    }
}

fn is_active(constraint: Option<&Constraint>, date: Option<&str>) -> bool {
    match constraint.and_then(|constraint| constraint.start_date.as_deref()) {
        None => true,
        Some(start) => date.is_some_and(|date| date >= start),
    }
}

/// The last price without hours that is active from a date, and the first where none is.
fn base_at<'c, 'a>(all: &'c [Conditional<'a>], date: Option<&str>) -> Option<&'c Conditional<'a>> {
    let has_hours = |price: &&Conditional<'_>| {
        price.constraint.as_ref().is_some_and(|constraint| constraint.start_time.is_some())
    };
    let active =
        |price: &&Conditional<'_>| !has_hours(price) && is_active(price.constraint.as_ref(), date);
    all.iter().rev().find(active).or_else(|| all.first())
}

fn hourly_rules(all: &[Conditional<'_>], notes: &mut Notes<'_>) -> Vec<RateRule> {
    let mut rules = Vec::new();
    // Of overlapping hours the last listed holds; a card keeps the first of equal cases.
    for price in all.iter().rev() {
        let Some(constraint) = &price.constraint else { continue };
        let (Some(start), Some(end)) = (&constraint.start_time, &constraint.end_time) else {
            continue;
        };
        match read_hours(start, end) {
            Some(hours) => {
                let read = read_prices(&price.prices, ServiceTier::Standard, notes);
                rules.extend(
                    read.into_iter().map(|rule| RateRule { hours: Some(hours.clone()), ..rule }),
                );
            }
            None => notes.add("hours that cannot be read"),
        }
    }
    rules
}

/// `00:30:00+00:00` to `16:30:00+00:00`.
fn read_hours(start: &str, end: &str) -> Option<Hours> {
    let minute = |text: &str| {
        let (time, zone) = text.split_at_checked(8)?;
        let is_utc = matches!(zone, "Z" | "+00:00");
        parse_minute(time.strip_suffix(":00")?).filter(|_| is_utc)
    };
    Some(Hours::new(vec![Stretch {
        from_minute: minute(start)?,
        to_minute: minute(end)?,
        weekdays: EVERY_DAY,
        weekday_offset_minutes: 0,
    }]))
}

fn read_variant(variant: &Variant<'_>, notes: &mut Notes<'_>) -> Vec<RateRule> {
    let mut conditions = variant.when.iter();
    let tier = match (conditions.next(), conditions.next()) {
        (Some((key, value)), None) => match key.as_str() {
            "processing" | "service_tier" | "speed" => ServiceTier::named(value),
            _ => None,
        },
        _ => None,
    };
    match tier {
        Some(ServiceTier::Standard) => Vec::new(),
        Some(tier) => read_prices(&variant.prices, tier, notes),
        None => {
            notes.add(&format!("the variant {:?}", variant.when));
            Vec::new()
        }
    }
}

fn read_prices(prices: &Prices<'_>, tier: ServiceTier, notes: &mut Notes<'_>) -> Vec<RateRule> {
    let mut rules = Vec::new();
    for (key, value) in prices {
        let Some((meter, units)) = meter_of(key) else {
            notes.add(key);
            continue;
        };
        let mut push =
            |above_input_tokens, text: &str, notes: &mut Notes<'_>| match Rate::per_rounded(
                text, units,
            ) {
                Ok(rate) => rules.push(RateRule {
                    tier,
                    above_input_tokens,
                    ..RateRule::standard(meter, rate)
                }),
                Err(error) => notes.add(&format!("{key}: {error}")),
            };
        if value.get().starts_with('{') {
            match serde_json::from_str::<Tiered<'_>>(value.get()) {
                Ok(tiered) => {
                    push(0, tiered.base.get(), notes);
                    for Tier { start, price } in &tiered.tiers {
                        push(*start, price.get(), notes);
                    }
                }
                Err(error) => notes.add(&format!("{key}: {error}")),
            }
        } else if value.get() != "null" {
            push(0, value.get(), notes);
        }
    }
    rules
}

/// The meter that a price is for, and how many of its units.
fn meter_of(key: &str) -> Option<(Meter, u64)> {
    const MILLION: u64 = 1_000_000;
    const THOUSAND: u64 = 1000;
    const HOUR: u64 = 3600;
    Some(match key {
        "input_mtok" | "input_text_mtok" => (Meter::Input, MILLION),
        "output_mtok" | "output_text_mtok" => (Meter::Output, MILLION),
        "cache_read_mtok" => (Meter::CacheRead, MILLION),
        "cache_write_mtok" | "cache_write_5m_mtok" => (Meter::CacheWrite5m, MILLION),
        "cache_write_1h_mtok" => (Meter::CacheWrite1h, MILLION),
        "input_audio_mtok" => (Meter::InputAudio, MILLION),
        "cache_audio_read_mtok" => (Meter::CacheReadAudio, MILLION),
        "cache_audio_write_mtok" => (Meter::CacheWriteAudio, MILLION),
        "output_audio_mtok" => (Meter::OutputAudio, MILLION),
        "input_image_mtok" => (Meter::InputImage, MILLION),
        "cache_image_read_mtok" => (Meter::CacheReadImage, MILLION),
        "output_image_mtok" => (Meter::OutputImage, MILLION),
        "input_video_mtok" => (Meter::InputVideo, MILLION),
        "output_video_mtok" => (Meter::OutputVideo, MILLION),
        "output_reasoning_mtok" => (Meter::Reasoning, MILLION),
        "output_citation_mtok" => (Meter::Citation, MILLION),
        "input_mchars" => (Meter::Characters, MILLION),
        "audio_hours" => (Meter::Seconds, HOUR),
        "input_audio_hours" => (Meter::InputSeconds, HOUR),
        "output_audio_hours" => (Meter::OutputSeconds, HOUR),
        "input_document_kpages" => (Meter::Pages, THOUSAND),
        "input_annotated_document_kpages" => (Meter::AnnotatedPages, THOUSAND),
        "input_text_messages_kcount" => (Meter::Messages, THOUSAND),
        "requests_kcount" => (Meter::Request, THOUSAND),
        "web_searches_kcount" => (Meter::WebSearch, THOUSAND),
        "storage_searches_kcount" => (Meter::FileSearch, THOUSAND),
        "rerank_searches_kcount" => (Meter::Searches, THOUSAND),
        _ => return None,
    })
}

/// `{"or": [{"equals": "gpt-4o"}, {"starts_with": "gpt-4o-2024"}]}`.
fn read_pattern(text: &str) -> Option<Pattern> {
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(text).ok()?;
    let [(kind, value)] = members.into_iter().collect::<Vec<_>>().try_into().ok()?;
    let text = || serde_json::from_str::<String>(value.get()).ok();
    let list = || {
        let parts: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        parts.into_iter().map(|part| read_pattern(part.get())).collect::<Option<Vec<_>>>()
    };
    Some(match kind {
        "equals" => Pattern::Equals(text()?),
        "starts_with" => Pattern::StartsWith(text()?),
        "ends_with" => Pattern::EndsWith(text()?),
        "contains" => Pattern::Contains(text()?),
        "regex" => Pattern::Regex(regex_lite::Regex::new(&text()?).ok()?),
        "or" => Pattern::Any(list()?),
        "and" => Pattern::All(list()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::parse_file;
    use centime_core::price::{Circumstances, ModelRef, Options};

    const DATA: &str = r#"[{
        "id": "maker", "model_match": {"starts_with": "m"},
        "models": [{
            "id": "m-1",
            "match": {"or": [{"starts_with": "m-1-2"}, {"regex": "^m-uno-\\d{4}$"}]},
            "context_window": 1000,
            "prices": [
                {"prices": {"input_mtok": 10, "output_mtok": {"base": 5, "tiers": [{"start": 200, "price": 7}]}}},
                {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2}},
                {"constraint": {"start_time": "01:00:00+00:00", "end_time": "02:00:00+00:00"}, "prices": {"input_mtok": 1}}
            ],
            "price_variants": [
                {"when": {"service_tier": "default"}, "prices": {}},
                {"when": {"processing": "batch"}, "prices": {"input_mtok": 0.5}, "constraint": {"start_date": "2026-01-01"}},
                {"when": {"route": "far"}, "prices": {"input_mtok": 9}}
            ]
        }]
    }]"#;

    #[test]
    fn dates_hours_tiers_and_variants_become_cards() {
        let imported = read(DATA, "test".into()).unwrap();
        let model = |name| {
            imported.book.resolve(ModelRef { provider: None, model: name }).map(|found| found.model)
        };
        for (name, rules, expected) in [
            ("m-embed-1", "input 1", "embedding"),
            ("m-embed-chat", "input 1 | output 1", "chat"),
            ("m-ocr", "pages 1", "ocr"),
            ("rerank-v3", "input 1", "rerank"),
            ("m-tts", "input 1 | output_audio 2", "audio_speech"),
            ("whisper-1", "seconds 1", "audio_transcription"),
            ("m-image", "input 1 | output_image 2", "image_generation"),
            ("m:free", "input 0 | output 0", "chat"),
        ] {
            let rules: String = rules.split(" | ").map(|rule| format!("  {rule}\n")).collect();
            let text = format!("provider p\nmodel m x\n from 2024-01-01 exact x\n{rules}");
            let Block::Model(model) = parse_file(&text).unwrap().blocks.remove(0) else {
                unreachable!("the text holds a model")
            };
            assert_eq!(mode_of(name, &model.cards), expected, "{name}");
        }
        for name in ["m-1", "m-1-2025", "m-uno-2025", "maker/m-1"] {
            assert_eq!(model(name).unwrap().name, "m-1", "{name}");
        }
        assert!(model("m-uno").is_err());
        let model = model("m-1").unwrap();
        for (at, tier, meter, input_tokens, expected) in [
            ("2025-01-01T12:00:00Z", ServiceTier::Standard, Meter::Input, 10, Some("10")),
            ("2025-01-01T01:30:00Z", ServiceTier::Standard, Meter::Input, 10, Some("1")),
            ("2025-01-01T12:00:00Z", ServiceTier::Standard, Meter::Output, 200, Some("5")),
            ("2025-01-01T12:00:00Z", ServiceTier::Standard, Meter::Output, 201, Some("7")),
            ("2025-06-10T00:00:00Z", ServiceTier::Standard, Meter::Input, 10, Some("2")),
            ("2025-06-10T00:00:00Z", ServiceTier::Standard, Meter::Output, 10, None),
            ("2025-12-31T12:00:00Z", ServiceTier::Batch, Meter::Input, 10, Some("2")),
            ("2026-01-01T12:00:00Z", ServiceTier::Batch, Meter::Input, 10, Some("0.5")),
        ] {
            let at: Timestamp = at.parse().unwrap();
            let (card, _) = model.card_at(at).unwrap();
            let circumstances =
                Circumstances { tier, input_tokens, at, region: None, options: Options::none() };
            let rate = card.rate(meter, &circumstances).map(|found| found.rate);
            let expected = expected.map(|rate| Rate::per(rate, 1_000_000).unwrap());
            assert_eq!(rate, expected, "{at} {tier} {meter}");
        }
        assert_eq!(imported.unexpressed, [r#"maker/m-1: the variant {"route": "far"}"#]);
    }
}
