//! The sources as they were published.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use centime_core::meter::Meter;
use centime_core::price::format;
use centime_core::price::{Certainty, Limits, Model, RateCard};
use centime_core::time::Timestamp;
use centime_prices::litellm;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A model as LiteLLM's map had it over time.
pub(super) struct Listed {
    /// Its key in the map.
    pub(super) key: String,
    /// Its provider, in LiteLLM's word.
    pub(super) provider: String,
    /// The model with a card for each change that was seen.
    pub(super) model: Model,
    /// Fields that no card expresses.
    pub(super) unexpressed: Vec<String>,
}

#[derive(Deserialize)]
struct HistoryLine<'a> {
    model: String,
    provider: Option<String>,
    mode: Option<String>,
    last_seen: String,
    #[serde(borrow)]
    prices: Vec<HistoryItem<'a>>,
}

#[derive(Deserialize)]
struct HistoryItem<'a> {
    seen_from: String,
    source: String,
    #[serde(borrow)]
    fields: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

/// The text of the newest map.
pub(super) fn newest_map(folder: &Path) -> Result<String> {
    let mut newest = String::new();
    open(&folder.join("litellm-2026-11.json.gz"))?.read_to_string(&mut newest)?;
    Ok(newest)
}

/// The newest map, for what models take and give, and its history, for their rates.
pub(super) fn litellm(folder: &Path) -> Result<Vec<Listed>> {
    let newest = newest_map(folder)?;
    let newest: BTreeMap<String, litellm::Listing> = litellm::read_map(&newest)?
        .into_iter()
        .map(|listing| (listing.key.clone(), listing))
        .collect();

    let path = folder.join("litellm-history.jsonl.gz");
    let mut listed = Vec::new();
    for (index, line) in open(&path)?.lines().enumerate() {
        let line = line?;
        let at = || format!("{}:{}", path.display(), index + 1);
        let history: HistoryLine<'_> = serde_json::from_str(&line).with_context(at)?;
        if history.model != "sample_spec" {
            listed.push(read_history(&history, newest.get(&history.model)).with_context(at)?);
        }
    }
    Ok(listed)
}

fn open(path: &Path) -> Result<BufReader<GzDecoder<File>>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(BufReader::new(GzDecoder::new(file)))
}

fn read_history(history: &HistoryLine<'_>, newest: Option<&litellm::Listing>) -> Result<Listed> {
    let mut cards: Vec<RateCard> = Vec::new();
    let mut unexpressed = Vec::new();
    let mode = history.mode.as_deref().unwrap_or("chat");
    let rates: Vec<_> =
        history.prices.iter().map(|item| litellm::read_rates(&item.fields, mode)).collect();
    let is_free = |index: usize, meter: Meter| {
        let rates: &litellm::Rates = &rates[index];
        rates.rules.iter().filter(|rule| rule.meter == meter).all(|rule| rule.rate.scaled() == 0)
    };
    let falls_to_nothing = |index: usize| {
        [Meter::Input, Meter::Output]
            .into_iter()
            .any(|meter| is_free(index, meter) && !is_free(index - 1, meter))
    };
    let last = rates.len() - 1;
    for (index, item) in history.prices.iter().enumerate() {
        // A paid model that falls to nothing just before it disappears is an artefact of the map.
        if index == last && index > 0 && newest.is_none() && falls_to_nothing(index) {
            continue;
        }
        let from: Timestamp = item.seen_from.parse()?;
        let rules = rates[index].rules.clone();
        unexpressed.clone_from(&rates[index].unexpressed);
        let card = RateCard::new(from, Certainty::Observed, item.source.clone(), rules)
            .with_uplifts(rates[index].uplifts.clone());
        cards.push(card);
    }
    let provider = history.provider.clone().unwrap_or_else(|| "unknown".to_owned());
    let until = match newest {
        Some(_) => None,
        None => Some(history.last_seen.parse()?),
    };
    let model = Model {
        name: history.model.clone(),
        mode: mode.to_owned(),
        limits: newest.map_or_else(Limits::default, |listing| listing.limits),
        until,
        cards: RateCard::without_repeats(cards),
    };
    Ok(Listed { key: history.model.clone(), provider, model, unexpressed })
}

/// genai-prices' data.
pub(super) fn genai(folder: &Path) -> Result<centime_prices::Imported> {
    let mut text = String::new();
    open(&folder.join("genai-prices-2026-11.json.gz"))?.read_to_string(&mut text)?;
    Ok(centime_prices::read(&text)?)
}

/// Another name that a provider documents for a model.
pub(super) struct Alias {
    /// The provider.
    pub(super) provider: String,
    /// The name.
    pub(super) name: String,
    /// The model that it means.
    pub(super) model: String,
}

/// The other names that providers document, kept by hand.
pub(super) fn aliases(path: &Path) -> Result<Vec<Alias>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [provider, name, model] => Ok(Alias {
            provider: (*provider).to_owned(),
            name: (*name).to_owned(),
            model: (*model).to_owned(),
        }),
        _ => bail!("{}: `{line}` is not `PROVIDER NAME MODEL`", path.display()),
    };
    lines.map(read).collect()
}

/// The prices whose dates are known, kept by hand.
pub(super) fn known(folder: &Path) -> Result<Vec<format::File>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)?
        .map(|file| file.map(|file| file.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path)?;
        format::parse_file(&text).with_context(|| path.display().to_string())
    };
    paths.into_iter().map(read).collect()
}
