//! A rate and the case that it is for, as people and programs read them.

use std::collections::BTreeMap;

use centime_answers::prices::per_million;
use centime_core::meter::{Meter, Unit};
use centime_core::money::Rate;
use centime_core::price::{Hours, OptionKey, Options, RateCard, RateRule, ServiceTier};
use serde::ser::SerializeMap;

use crate::output::{count, visible};

/// What a figure of a card is for. In the order of cards: by meter, tier, threshold, hours
/// and options.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    /// The rate of a meter under conditions.
    Rate {
        /// What it is charged for.
        meter: Meter,
        /// The tier it holds for.
        tier: ServiceTier,
        /// It holds for prompts of more tokens than this.
        above_input_tokens: u64,
        /// The hours it holds in.
        hours: Option<Hours>,
        /// What a call must have chosen.
        options: Options,
    },
    /// The factor of every token's rate in a region.
    Uplift {
        /// The region.
        region: String,
    },
}

/// The columns of a case in CSV.
pub(super) const CASE_COLUMNS: [&str; 6] =
    ["meter", "tier", "above_input_tokens", "hours", "options", "region"];

impl Case {
    /// The case of a rule.
    pub(super) fn of(rule: &RateRule) -> Self {
        let (meter, tier, above_input_tokens, hours, options) = rule.case();
        let (hours, options) = (hours.cloned(), options.clone());
        Self::Rate { meter, tier, above_input_tokens, hours, options }
    }

    /// Whether it holds at the standard tier, for any prompt, at any hour and whatever was chosen.
    pub(super) fn is_standard(&self) -> bool {
        let standard = ServiceTier::Standard;
        matches!(self, Self::Rate { tier, above_input_tokens: 0, hours: None, options, .. }
            if *tier == standard && options.is_empty())
    }

    /// `input, batch, over 200,000 tokens`.
    pub(super) fn label(&self) -> String {
        let (meter, tier, above, hours, options) = match self {
            Self::Uplift { region } => return format!("region {}", visible(region)),
            Self::Rate { meter, tier, above_input_tokens, hours, options } => {
                (meter, *tier, *above_input_tokens, hours, options)
            }
        };
        let mut label = meter.to_string();
        if tier != ServiceTier::Standard {
            label.push_str(&format!(", {tier}"));
        }
        if above > 0 {
            label.push_str(&format!(", over {} tokens", count(above.into())));
        }
        if let Some(hours) = hours {
            label.push_str(&format!(", {hours} UTC"));
        }
        for key in options.keys() {
            let value = options.value(key).unwrap_or_default();
            label.push_str(&format!(", {key} {}", visible(&value)));
        }
        label
    }

    /// A rate or factor of this case: `$2.5/1M`, `$0.01/search`, `free`, `× 1.1`.
    pub(super) fn shown(&self, rate: Rate) -> String {
        match self {
            Self::Uplift { .. } => format!("× {rate}"),
            Self::Rate { meter, .. } => amount(*meter, rate),
        }
    }

    /// The cells under [`CASE_COLUMNS`].
    pub(super) fn cells(&self) -> [String; 6] {
        match self {
            Self::Uplift { region } => {
                let none = String::new;
                ["uplift".to_owned(), none(), none(), none(), none(), region.clone()]
            }
            Self::Rate { meter, tier, above_input_tokens, hours, options } => [
                meter.to_string(),
                tier.to_string(),
                above_input_tokens.to_string(),
                hours.as_ref().map(ToString::to_string).unwrap_or_default(),
                options.to_string(),
                String::new(),
            ],
        }
    }

    /// Its fields in a JSON object.
    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Uplift { region } => map.serialize_entry("uplift", region),
            Self::Rate { meter, tier, above_input_tokens, hours, options } => {
                map.serialize_entry("meter", meter.name())?;
                map.serialize_entry("unit", unit(*meter))?;
                map.serialize_entry("tier", tier.name())?;
                map.serialize_entry("above_input_tokens", above_input_tokens)?;
                map.serialize_entry("hours", &hours.as_ref().map(ToString::to_string))?;
                let named = |key: OptionKey| (key.name(), options.value(key));
                map.serialize_entry(
                    "options",
                    &options.keys().map(named).collect::<BTreeMap<_, _>>(),
                )
            }
        }
    }
}

/// A rate, or the factor of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figure {
    /// US dollars for one unit, or how many times the rate.
    pub rate: Rate,
    /// Whether it was worked out, not listed.
    pub derived: bool,
}

/// All figures of a card, none where there is no card.
pub(super) fn figures(card: Option<&RateCard>) -> BTreeMap<Case, Figure> {
    let rules = card.map_or(&[][..], RateCard::rules);
    let uplifts = card.map_or(&[][..], |card| card.uplifts.as_slice());
    let rates = rules
        .iter()
        .map(|rule| (Case::of(rule), Figure { rate: rule.rate, derived: rule.derived }));
    let region = |region: &String| Case::Uplift { region: region.clone() };
    // Sorted by factor within a region: the highest is the one that counts.
    let factors = uplifts
        .iter()
        .map(|uplift| (region(&uplift.region), Figure { rate: uplift.factor, derived: false }));
    rates.chain(factors).collect()
}

/// What one unit of a meter is.
pub(super) const fn unit(meter: Meter) -> &'static str {
    match meter.unit() {
        Unit::InputToken | Unit::OutputToken => "token",
        Unit::Other(name) => name,
    }
}

fn amount(meter: Meter, rate: Rate) -> String {
    match per_million(rate).filter(|_| meter.is_token()) {
        _ if rate == Rate::FREE => "free".to_owned(),
        Some(by_million) => format!("${by_million}/1M"),
        None => format!("${rate}/{}", unit(meter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{Block, parse_file};

    #[test]
    fn cases_and_figures_read_as_people_say_them() {
        for (line, label, figure) in [
            ("input 2.5/1M", "input", "$2.5/1M"),
            ("cache_read 0", "cache_read", "free"),
            ("input 1/1M tier=batch", "input, batch", "$1/1M"),
            (
                "output 0.6/1M above=200000 hours=16:30-00:30",
                "output, over 200,000 tokens, 16:30-00:30 UTC",
                "$0.6/1M",
            ),
            ("web_search 0.01", "web_search", "$0.01/search"),
            (
                "images 0.12 size=1024x1792 quality=hd",
                "images, size 1024x1792, quality hd",
                "$0.12/image",
            ),
            ("pixels 0.000000019", "pixels", "$0.000000019/pixel"),
            ("uplift 1.1 region=eu", "region eu", "× 1.1"),
        ] {
            let text = format!("provider p\nmodel m chat\n from 2024-01-01 exact x\n  {line}\n");
            let file = parse_file(&text).unwrap();
            let Block::Model(model) = &file.blocks[0] else { panic!("{text}") };
            let figures = figures(model.cards.first());
            let (case, found) = figures.first_key_value().unwrap();
            assert_eq!(
                (case.label(), case.shown(found.rate)),
                (label.into(), figure.into()),
                "{line}"
            );
        }
    }
}
