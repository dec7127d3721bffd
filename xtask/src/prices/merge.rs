//! One file a provider out of all sources.

use std::collections::BTreeMap;

use anyhow::Result;
use centime_core::price::format::{Block, File};
use centime_core::price::{Model, Options, RateCard, split_date};
use centime_prices::header_of;
use centime_prices::litellm::{family, fold_variants};

use super::genai::{Genai, Notes};
use super::sources::{Alias, Listed};
use super::{derive, history};

/// The merged book, and what a reader of the report should know of it.
pub(super) struct Merged {
    /// One file a provider.
    pub(super) files: Vec<File>,
    /// Where the map and genai-prices differ.
    pub(super) notes: Notes,
    /// Makers' models whose every rate is zero.
    pub(super) free: Vec<String>,
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

/// Merges the map's history with the dates that others know.
pub(super) fn merge(
    listed: Vec<Listed>,
    genai: &Genai,
    known: Vec<File>,
    documented: &[Alias],
) -> Result<Merged> {
    let mut merged = Merged {
        files: Vec::new(),
        disagreements: Vec::new(),
        notes: Notes::default(),
        unexpressed: BTreeMap::new(),
        free: Vec::new(),
        float_noise: Vec::new(),
    };
    let mut models = by_provider(listed, &mut merged);
    let mut variants: BTreeMap<String, Vec<Block>> = BTreeMap::new();
    for (provider, models) in &mut models {
        variants.insert(provider.clone(), fold_variants(provider, models));
        for model in models.values_mut() {
            history::drop_placeholders(model);
            genai.tell(provider, model, &mut merged.notes);
        }
    }
    for file in known {
        let provider = models.entry(file.header.provider).or_default();
        for block in file.blocks {
            if let Block::Model(known) = block {
                let empty = || Model { cards: Vec::new(), ..known.clone() };
                let model = provider.entry(known.name.clone()).or_insert_with(empty);
                history::insert_announced(model, &known.cards, known.until.is_some());
                known.mode.clone_into(&mut model.mode);
                model.until = model.until.or(known.until);
            }
        }
    }
    for (provider, mut models) in models {
        let header = header_of(&provider);
        for model in models.values_mut() {
            history::carry_tiers_back(model);
            derive::complete(&provider, model);
            if header.is_maker_of(&model.name) {
                note_free(&provider, model, &mut merged.free);
            }
        }
        note_float_noise(&provider, &models, &mut merged.float_noise);
        let mut aliases = undated_names(&models);
        let documented = documented.iter().filter(|alias| alias.provider == provider);
        let documented = documented
            .filter(|alias| models.contains_key(&alias.model) && !models.contains_key(&alias.name));
        aliases.extend(documented.map(|alias| (alias.name.clone(), alias.model.clone())));
        let mut blocks: BTreeMap<String, Block> =
            models.into_iter().map(|(name, model)| (name, Block::Model(model))).collect();
        for (name, target) in aliases {
            let options = Options::NONE;
            blocks.insert(name.clone(), Block::Alias { name, target, options });
        }
        let variants = variants.remove(&provider).unwrap_or_default();
        blocks.extend(variants.into_iter().map(|block| (block.name().to_owned(), block)));
        merged.files.push(File { header, blocks: blocks.into_values().collect() });
    }
    genai.complete(&mut merged.files, &mut merged.notes)?;
    for line in &genai.unexpressed {
        if let Some((model, rule)) = line.split_once(": ") {
            let rule = format!("genai-prices: {rule}");
            merged.unexpressed.entry(rule).or_default().push(model.to_owned());
        }
    }
    Ok(merged)
}

/// Notes a maker's model whose every rate is zero, to be looked at: free, or a placeholder.
fn note_free(provider: &str, model: &Model, free: &mut Vec<String>) {
    if let Some(card) = model.cards.last()
        && card.rules().iter().all(|rule| rule.rate.scaled() == 0)
    {
        free.push(format!("{provider}/{}", model.name));
    }
}

/// The map's models under their provider, by the name that its interface takes.
fn by_provider(
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
        let header = header_of(family(&listed.provider));
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

/// Of two keys for one model: the one still on sale, else the one seen last, else the one with the
/// provider's prefix, which is usually the truer. What the other knows of before is kept.
fn choose(
    place: &(String, String),
    left: Candidate,
    right: Candidate,
    disagreements: &mut Vec<String>,
) -> Candidate {
    let rank = |candidate: &Candidate| {
        let until = candidate.listed.model.until;
        (until.is_none(), until, candidate.has_prefix)
    };
    let (chosen, other) = if rank(&left) >= rank(&right) { (left, right) } else { (right, left) };
    let agree = match (chosen.listed.model.cards.last(), other.listed.model.cards.last()) {
        (Some(chosen), Some(other)) => chosen.same_rates(other),
        _ => false,
    };
    if !agree {
        disagreements.push(format!(
            "{}/{}: `{}` was taken over `{}`",
            place.0, place.1, chosen.listed.key, other.listed.key
        ));
    }
    let model = history::joined(chosen.listed.model, other.listed.model);
    Candidate { listed: Listed { model, ..chosen.listed }, ..chosen }
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
