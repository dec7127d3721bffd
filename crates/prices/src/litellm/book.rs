//! A book of a map alone.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::price::format::{Block, File};
use centime_core::price::{Certainty, Model, Options, PriceBook, RateCard};
use centime_core::time::Timestamp;

use super::{Listing, fold_variants};
use crate::{complete_model, header_of};

/// A book of a map alone. Every key of the map means its own model, whatever else it might mean.
#[must_use]
pub fn book(version: String, listings: Vec<Listing>) -> PriceBook {
    let mut models: BTreeMap<String, BTreeMap<String, Model>> = BTreeMap::new();
    let mut spellings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut own_names = Vec::new();
    for listing in listings.into_iter().filter(|listing| !listing.rates.rules.is_empty()) {
        let provider = family(&listing.provider).to_owned();
        spellings.entry(provider.clone()).or_default().insert(listing.provider);
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
        models.entry(provider.clone()).or_default().insert(listing.key.clone(), model);
        own_names.push((listing.key, provider));
    }
    let files = models.into_iter().map(|(provider, models)| {
        let blocks = blocks_of(&provider, models);
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

/// A provider's models and their other names: those of variants, and those without the provider.
fn blocks_of(provider: &str, mut models: BTreeMap<String, Model>) -> BTreeMap<String, Block> {
    let aliases = fold_variants(provider, &mut models);
    for model in models.values_mut() {
        complete_model(provider, model);
    }
    let models = models.into_values().map(Block::Model);
    let mut blocks: BTreeMap<String, Block> =
        aliases.into_iter().chain(models).map(|block| (block.name().to_owned(), block)).collect();
    let full: Vec<Block> = blocks.values().cloned().collect();
    for block in full {
        let bare = block.name().strip_prefix(provider).and_then(|rest| rest.strip_prefix('/'));
        if let Some(name) = bare.map(str::to_owned) {
            let alias = match block {
                Block::Model(model) => {
                    let options = Options::NONE;
                    Block::Alias { name: name.clone(), target: model.name, options }
                }
                Block::Alias { target, options, .. } => {
                    Block::Alias { name: name.clone(), target, options }
                }
            };
            blocks.entry(name).or_insert(alias);
        }
    }
    blocks
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
    use super::super::read_map;
    use super::*;

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
}
