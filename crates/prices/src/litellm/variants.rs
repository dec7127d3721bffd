//! Keys that are one model at one size and quality: `hd/1024-x-1792/dall-e-3`.
//!
//! They become rates of the model that ask for those options, and their names stay as aliases that
//! state them.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::Block;
use centime_core::price::{Limits, Model, OptionKey, Options, RateCard, RateRule};
use centime_core::time::Timestamp;

/// What is sold by the image or the pixel, and so by size and quality.
const IMAGE_METERS: [Meter; 4] =
    [Meter::Images, Meter::InputImages, Meter::Pixels, Meter::InputPixels];

/// What the key of a variant says.
#[derive(Debug, PartialEq, Eq)]
struct Variant {
    /// The model's own name.
    base: String,
    options: Options,
    width: u64,
    height: u64,
}

/// Makes the variants among a provider's models rates of their model, and gives the aliases that
/// keep their names.
pub fn fold_variants(provider: &str, models: &mut BTreeMap<String, Model>) -> Vec<Block> {
    let mut groups: BTreeMap<String, Vec<(Variant, Model)>> = BTreeMap::new();
    let mut aliases = Vec::new();
    let names: Vec<String> = models.keys().cloned().collect();
    for name in names {
        let Some(variant) = variant_of(&name) else { continue };
        let Some(mut model) = models.remove(&name) else { continue };
        if model.cards.iter().all(|card| rules_of_variant(card, &variant).is_empty()) {
            // Not sold by the image: what it has stays its own.
            models.insert(name, model);
            continue;
        }
        let base = base_name(provider, &variant.base, models);
        for card in &mut model.cards {
            *card = card.with_rules(rules_of_variant(card, &variant));
        }
        model.cards.retain(|card| !card.rules().is_empty());
        let options = variant.options.clone();
        aliases.push(Block::Alias { name, target: base.clone(), options });
        groups.entry(base).or_default().push((variant, model));
    }
    for (base, variants) in groups {
        let model = with_variants(&base, models.remove(&base), &variants);
        models.insert(base, model);
    }
    aliases
}

/// The name of the model itself, which may be there with the provider's name before it, or without.
fn base_name(provider: &str, base: &str, models: &BTreeMap<String, Model>) -> String {
    let own = base.strip_prefix(provider).and_then(|rest| rest.strip_prefix('/'));
    let full = format!("{provider}/{base}");
    match own {
        _ if models.contains_key(base) => base.to_owned(),
        Some(own) => own.to_owned(),
        None if models.contains_key(&full) => full,
        None => base.to_owned(),
    }
}

/// Reads `[PROVIDER/][QUALITY/]WIDTH-x-HEIGHT/[N-steps/]MODEL`.
fn variant_of(key: &str) -> Option<Variant> {
    const QUALITIES: [&str; 8] =
        ["low", "medium", "high", "xhigh", "max", "standard", "hd", "auto"];
    let mut parts: Vec<&str> = key.split('/').collect();
    let sides = |part: &&str| {
        let (width, height) = part.split_once("-x-")?;
        Some((width.parse().ok()?, height.parse().ok()?))
    };
    let place = parts.iter().position(|part| sides(part).is_some())?;
    let (width, height) = sides(&parts[place])?;
    let mut options = Options::default();
    options.set(OptionKey::Size, parts.remove(place)).ok()?;
    let steps = match parts.get(place).copied() {
        Some("max-steps") => Some("51-".to_owned()),
        Some(part) => part.strip_suffix("-steps").map(|steps| format!("0-{steps}")),
        None => return None,
    };
    if let Some(steps) = steps {
        parts.remove(place);
        options.set(OptionKey::Steps, &steps).ok()?;
    }
    if let Some(before) = place.checked_sub(1)
        && QUALITIES.contains(&parts[before])
    {
        options.set(OptionKey::Quality, parts.remove(before)).ok()?;
    }
    (!parts.is_empty()).then(|| Variant { base: parts.join("/"), options, width, height })
}

/// The paid rates of images, each with the variant's options; and where the list has only a rate of
/// a pixel, the image's that it was worked out from.
fn rules_of_variant(card: &RateCard, variant: &Variant) -> Vec<RateRule> {
    let paid = |rule: &&RateRule| IMAGE_METERS.contains(&rule.meter) && rule.rate != Rate::FREE;
    let with_options =
        |rule: &RateRule| RateRule { options: rule.options.or(&variant.options), ..rule.clone() };
    let mut rules: Vec<RateRule> = card.rules().iter().filter(paid).map(with_options).collect();
    if rules.iter().all(|rule| rule.meter != Meter::Images) {
        let pixel = |rule: &&RateRule| matches!(rule.meter, Meter::Pixels | Meter::InputPixels);
        let image = rules.iter().find(pixel).and_then(|pixel| {
            let rate = image_rate(pixel.rate, variant)?;
            Some(RateRule { meter: Meter::Images, rate, derived: true, ..pixel.clone() })
        });
        rules.extend(image);
    }
    rules
}

/// The price of an image of so many pixels, to a millionth of a dollar: the map's rate of a pixel is
/// an image's price divided, and cut off after some digits.
fn image_rate(pixel: Rate, variant: &Variant) -> Option<Rate> {
    const MILLIONTH: u128 = Rate::ONE.scaled() / 1_000_000;
    let pixels = u128::from(variant.width).checked_mul(u128::from(variant.height))?;
    let exact = pixel.scaled().checked_mul(pixels)?;
    Some(Rate::from_scaled((exact + MILLIONTH / 2) / MILLIONTH * MILLIONTH))
}

/// A model with the rates of its variants: a card for each moment at which one of them changed.
fn with_variants(name: &str, base: Option<Model>, variants: &[(Variant, Model)]) -> Model {
    let own = base.as_ref().map_or(&[][..], |model| &model.cards);
    let all = || own.iter().chain(variants.iter().flat_map(|(_, model)| &model.cards));
    let moments: BTreeSet<Timestamp> = all().map(|card| card.from).collect();
    let cards = moments.into_iter().filter_map(|at| {
        let starting = all().find(|card| card.from == at)?;
        let own = in_force(own, at);
        let mut rules = own.map_or_else(Vec::new, |card| card.rules().to_vec());
        for (_, variant) in variants {
            match (in_force(&variant.cards, at), variant.cards.first()) {
                (Some(card), _) => rules.extend_from_slice(card.rules()),
                // Known later than the model itself: assumed to have been so before.
                (None, Some(first)) => rules.extend(
                    first.rules().iter().map(|rule| RateRule { derived: true, ..rule.clone() }),
                ),
                (None, None) => {}
            }
        }
        let (certainty, source) = (starting.certainty, starting.source.clone());
        let uplifts = own.map_or_else(Vec::new, |card| card.uplifts.clone());
        Some(RateCard::new(at, certainty, source, rules).with_uplifts(uplifts))
    });
    let cards = RateCard::without_repeats(cards);
    match base {
        Some(base) => Model { cards, ..base },
        None => {
            let untils: Option<Vec<Timestamp>> =
                variants.iter().map(|(_, model)| model.until).collect();
            let mode = variants.first().map(|(_, model)| model.mode.clone());
            Model {
                name: name.to_owned(),
                mode: mode.unwrap_or_default(),
                limits: Limits::default(),
                until: untils.and_then(|untils| untils.into_iter().max()),
                cards,
            }
        }
    }
}

fn in_force(cards: &[RateCard], at: Timestamp) -> Option<&RateCard> {
    cards.iter().rev().find(|card| card.from <= at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{self, File, Header};

    #[test]
    fn keys_say_size_quality_and_steps() {
        for (key, expected) in [
            ("1024-x-1024/dall-e-2", Some(("dall-e-2", "size=1024x1024"))),
            ("hd/1024-x-1792/dall-e-3", Some(("dall-e-3", "size=1024x1792 quality=hd"))),
            ("azure/low/1-x-2/gpt-image-1", Some(("azure/gpt-image-1", "size=1x2 quality=low"))),
            (
                "fal_ai/max/1-x-2/openai/gpt-image-2.5/flare/edit",
                Some(("fal_ai/openai/gpt-image-2.5/flare/edit", "size=1x2 quality=max")),
            ),
            ("1-x-2/50-steps/bedrock/a.nova", Some(("bedrock/a.nova", "size=1x2 steps=0-50"))),
            ("1-x-2/max-steps/stability.xl", Some(("stability.xl", "size=1x2 steps=51-"))),
            ("mixtral-8x7b", None),
            ("high/gpt", None),
            ("1024-x-1024", None),
            ("x-x-y/gpt", None),
            ("hd/1024-x-1024", None),
        ] {
            let found = variant_of(key);
            let found = found.map(|found| (found.base, found.options.to_string()));
            let expected = expected.map(|(base, text)| (base.to_owned(), text.to_owned()));
            assert_eq!(found, expected, "{key}");
        }
    }

    #[test]
    fn variants_become_rates_of_their_model_at_their_dates() {
        let text = "\
provider p

model 1-x-2/other image_generation until=2025-05-01
 from 2024-01-01 observed a
  images 7

model hd/1024-x-1024/painter image_generation
 from 2024-02-01 observed b
  output 0
  input_pixels 0.0000000762939

model hd/2-x-2/painter image_generation
 from 2026-02-01 observed c
  images 5

model p/full image_generation
 from 2025-01-01 observed d
  images 4

model painter image_generation
 from 2025-01-01 observed d
  images 4

model low/2-x-2/full image_generation
 from 2025-01-01 observed d
  images 3

model low/2-x-2/p/painter image_generation
 from 2026-02-01 observed c
  images 3
";
        let blocks = format::parse_file(text).unwrap().blocks;
        let mut models: BTreeMap<String, Model> = blocks
            .into_iter()
            .filter_map(|block| match block {
                Block::Model(model) => Some((model.name.clone(), model)),
                Block::Alias { .. } => None,
            })
            .collect();
        let aliases = fold_variants("p", &mut models);
        let blocks = aliases.into_iter().chain(models.into_values().map(Block::Model)).collect();
        let header = Header { provider: "p".to_owned(), ..Header::default() };
        let expected = "\
provider p

alias 1-x-2/other other size=1x2

alias hd/1024-x-1024/painter painter size=1024x1024 quality=hd

alias hd/2-x-2/painter painter size=2x2 quality=hd

alias low/2-x-2/full p/full size=2x2 quality=low

alias low/2-x-2/p/painter painter size=2x2 quality=low

model other image_generation until=2025-05-01
 from 2024-01-01 observed a
  images 7 size=1x2

model p/full image_generation
 from 2025-01-01 observed d
  images 4
  images 3 size=2x2 quality=low

model painter image_generation
 from 2024-02-01 observed b
  images 0.08 size=1024x1024 quality=hd derived
  images 5 size=2x2 quality=hd derived
  images 3 size=2x2 quality=low derived
  input_pixels 0.0000000762939 size=1024x1024 quality=hd
 from 2025-01-01 observed d
  images 4
  images 0.08 size=1024x1024 quality=hd derived
  images 5 size=2x2 quality=hd derived
  images 3 size=2x2 quality=low derived
  input_pixels 0.0000000762939 size=1024x1024 quality=hd
 from 2026-02-01 observed c
  images 4
  images 0.08 size=1024x1024 quality=hd derived
  images 5 size=2x2 quality=hd
  images 3 size=2x2 quality=low
  input_pixels 0.0000000762939 size=1024x1024 quality=hd
";
        assert_eq!(format::write_file(&File { header, blocks }, ""), expected);
    }
}
