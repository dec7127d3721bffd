//! LiteLLM's price map: one JSON object a model, its rates in keys with a grammar of their own.
//!
//! A key is a base (`input_cost_per_token`), then perhaps a threshold (`_above_200k_tokens`), then
//! perhaps a tier (`_priority`). See <https://docs.litellm.ai/docs/provider_registration/add_model_pricing>.

mod book;
mod hours;
mod key;
mod rates;
mod variants;

use std::borrow::Cow;
use std::collections::BTreeMap;

use centime_core::price::{Limits, RateRule, Uplift};
use serde_json::value::RawValue;

pub use book::{book, family};
pub use rates::read_rates;
pub use variants::fold_variants;

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
    let rates = read_rates(fields, &mode);
    Listing { provider, mode, limits, rates, key }
}

/// A whole number that may be written with an idle fraction.
fn whole(text: &str) -> Option<u64> {
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::ServiceTier;

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
}
