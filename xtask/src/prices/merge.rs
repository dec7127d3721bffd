//! One file a provider out of all sources.

use std::collections::BTreeMap;

use centime_core::price::format::{Block, File};
use centime_core::price::{Certainty, Model, RateCard, RateRule};
use centime_prices::litellm::family;

use super::derive;
use super::providers::Providers;
use super::sources::Listed;

/// The merged book, and what a reader of the report should know of it.
pub(super) struct Merged {
    /// One file a provider.
    pub(super) files: Vec<File>,
    /// Two keys of the map that mean one model and disagree, as a sentence each.
    pub(super) disagreements: Vec<String>,
    /// Rules that no card expresses: the rule, and the models that have it.
    pub(super) unexpressed: BTreeMap<String, Vec<String>>,
    /// Rates with more than 12 decimals.
    pub(super) float_noise: Vec<String>,
}

struct Candidate {
    listed: Listed,
    has_prefix: bool,
}

/// Merges the map's history with the prices known by date.
pub(super) fn merge(providers: &Providers, listed: Vec<Listed>, known: Vec<File>) -> Merged {
    let mut merged = Merged {
        files: Vec::new(),
        disagreements: Vec::new(),
        unexpressed: BTreeMap::new(),
        float_noise: Vec::new(),
    };
    let mut models = by_provider(providers, listed, &mut merged);
    for file in known {
        let provider = models.entry(file.header.provider).or_default();
        for block in file.blocks {
            if let Block::Model(known) = block {
                insert_known(provider, &known);
            }
        }
    }
    for (provider, mut models) in models {
        if provider == "anthropic" {
            models.values_mut().for_each(derive::anthropic);
        }
        note_float_noise(&provider, &models, &mut merged.float_noise);
        let aliases = undated_names(&models);
        let mut blocks: BTreeMap<String, Block> =
            models.into_iter().map(|(name, model)| (name, Block::Model(model))).collect();
        for (name, target) in aliases {
            blocks.insert(name.clone(), Block::Alias { name, target });
        }
        let header = providers.header(&provider);
        merged.files.push(File { header, blocks: blocks.into_values().collect() });
    }
    merged
}

/// The map's models under their provider, by the name that its interface takes.
fn by_provider(
    providers: &Providers,
    listed: Vec<Listed>,
    merged: &mut Merged,
) -> BTreeMap<String, BTreeMap<String, Model>> {
    let mut candidates: BTreeMap<(String, String), Candidate> = BTreeMap::new();
    for listed in listed {
        for rule in &listed.unexpressed {
            merged.unexpressed.entry(rule.clone()).or_default().push(listed.key.clone());
        }
        if listed.model.cards.iter().all(|card| card.rules().is_empty()) {
            continue;
        }
        let header = providers.header(family(&listed.provider));
        let prefixes = header.also.iter().chain([&header.provider, &listed.provider]);
        let bare =
            prefixes.filter_map(|name| listed.key.strip_prefix(name)?.strip_prefix('/')).next();
        let name = bare.unwrap_or(&listed.key).to_owned();
        let candidate = Candidate { has_prefix: bare.is_some(), listed };
        let place = (header.provider, name);
        match candidates.remove(&place) {
            Some(other) => {
                let chosen = choose(&place, candidate, other, &mut merged.disagreements);
                candidates.insert(place, chosen);
            }
            None => {
                candidates.insert(place, candidate);
            }
        }
    }
    let mut models: BTreeMap<String, BTreeMap<String, Model>> = BTreeMap::new();
    for ((provider, name), candidate) in candidates {
        let model = Model { name: name.clone(), ..candidate.listed.model };
        models.entry(provider).or_default().insert(name, model);
    }
    models
}

/// Of two keys for one model: the one still on sale, else the one with the provider's prefix, which
/// is usually the truer.
fn choose(
    place: &(String, String),
    left: Candidate,
    right: Candidate,
    disagreements: &mut Vec<String>,
) -> Candidate {
    let newest = |candidate: &Candidate| {
        candidate.listed.model.cards.last().map(|card| card.rules().to_vec())
    };
    let rank =
        |candidate: &Candidate| (candidate.listed.model.until.is_none(), candidate.has_prefix);
    let (chosen, other) = if rank(&left) >= rank(&right) { (left, right) } else { (right, left) };
    if newest(&chosen) != newest(&other) {
        disagreements.push(format!(
            "{}/{}: `{}` was taken over `{}`",
            place.0, place.1, chosen.listed.key, other.listed.key
        ));
    }
    chosen
}

/// Puts cards with announced dates among the observed ones.
fn insert_known(models: &mut BTreeMap<String, Model>, known: &Model) {
    let model = models
        .entry(known.name.clone())
        .or_insert_with(|| Model { cards: Vec::new(), ..known.clone() });
    let mut cards: Vec<RateCard> = Vec::new();
    let mut all: Vec<RateCard> = known.cards.iter().chain(&model.cards).cloned().collect();
    all.sort_by_key(|card| card.from);
    for card in all {
        let card = match card.certainty {
            Certainty::Exact => card,
            Certainty::Observed => brought_up_to_date(card, &known.cards),
        };
        if cards.last().is_none_or(|before| !before.same_rates(&card)) {
            cards.push(card);
        }
    }
    model.cards = cards;
}

/// An observed card with the rates of the last announcement before it: the map was sometimes late,
/// and what it still says of an announced meter then is the price before.
fn brought_up_to_date(observed: RateCard, known: &[RateCard]) -> RateCard {
    let Some(index) = known.iter().rposition(|card| card.from <= observed.from) else {
        return observed;
    };
    let announced = &known[index];
    let before = index.checked_sub(1).map(|index| &known[index]);
    let same_case = |left: &RateRule, right: &RateRule| left.case() == right.case();
    let is_late =
        |rule: &RateRule| before.is_some_and(|before| before.rules().iter().any(|old| old == rule));
    let rules = observed.rules().iter().map(|rule| {
        let fresh = announced.rules().iter().find(|fresh| same_case(fresh, rule));
        fresh.filter(|_| is_late(rule)).unwrap_or(rule).clone()
    });
    RateCard::new(observed.from, observed.certainty, observed.source.clone(), rules.collect())
        .with_uplifts(observed.uplifts.clone())
}

/// `claude-3-opus` for the newest `claude-3-opus-YYYYMMDD`, where nothing has that name itself.
fn undated_names(models: &BTreeMap<String, Model>) -> BTreeMap<String, String> {
    let mut newest: BTreeMap<String, (String, String)> = BTreeMap::new();
    for name in models.keys() {
        if let Some((base, date)) = split_date(name)
            && !models.contains_key(base)
        {
            let dated = (date, name.clone());
            let best = newest.entry(base.to_owned()).or_insert_with(|| dated.clone());
            if *best < dated {
                *best = dated;
            }
        }
    }
    newest.into_iter().map(|(base, (_, name))| (base, name)).collect()
}

/// Splits `-20240229` or `-2024-02-29` off a name; the date without hyphens.
fn split_date(name: &str) -> Option<(&str, String)> {
    let is_year = |text: &str| text.starts_with("20");
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some((base, date)) = name.rsplit_once('-')
        && digits(date, 8)
        && is_year(date)
    {
        return Some((base, date.to_owned()));
    }
    let (rest, day) = name.rsplit_once('-')?;
    let (rest, month) = rest.rsplit_once('-')?;
    let (base, year) = rest.rsplit_once('-')?;
    let is_date = digits(day, 2) && digits(month, 2) && digits(year, 4) && is_year(year);
    is_date.then(|| (base, format!("{year}{month}{day}")))
}

fn note_float_noise(provider: &str, models: &BTreeMap<String, Model>, noise: &mut Vec<String>) {
    const DECIMALS_MAX: u32 = 12;
    for model in models.values() {
        for rule in model.cards.iter().flat_map(RateCard::rules) {
            if rule.rate.decimals() > DECIMALS_MAX {
                noise.push(format!("{provider}/{}: {} {}", model.name, rule.meter, rule.rate));
            }
        }
    }
}
