//! The models of a price book.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::{Block, FormatError};
use centime_core::price::{
    Circumstances, Model, Options, PriceBook, ProviderBook, RateCard, ServiceTier,
};
use centime_core::time::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::asking::shown;
use crate::explain::certainties;
use crate::schema::{self, Field, Kind};
use crate::{Asking, Value, Wrong};

/// Which models are asked for, as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// With this in their name, or in another name they go by.
    pub part: Option<String>,
    /// Of this provider.
    pub provider: Option<String>,
    /// That do this.
    pub mode: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
    /// With the rates in force at this moment; now by default.
    pub at: Option<String>,
}

/// The models that were asked for.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are shown.
    pub rows: Vec<Row>,
    /// How many there are.
    pub models: usize,
}

/// Why there is no list.
#[derive(Debug)]
pub enum Unlisted {
    /// The question cannot be answered.
    Wrong(Wrong),
    /// The book cannot be read.
    Damaged(FormatError),
}

impl From<Wrong> for Unlisted {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl Asked {
    /// The models of a book, the makers' of their own first, then by provider and name.
    ///
    /// # Errors
    /// When no model can be meant, or the book cannot be read.
    pub fn list(&self, book: &PriceBook, asking: &Asking) -> Result<Found, Unlisted> {
        let at = self.at.as_ref().map(|text| asking.bound("at", text)).transpose()?;
        let mut rows = self.select(book, at.unwrap_or(asking.now))?;
        let models = rows.len();
        rows.truncate(self.limit.unwrap_or(models));
        Ok(Found { rows, models })
    }

    fn select(&self, book: &PriceBook, at: Timestamp) -> Result<Vec<Row>, Unlisted> {
        let mut providers: Vec<&ProviderBook> = match &self.provider {
            Some(name) => vec![book.provider(name).ok_or_else(|| no_provider(book, name))?],
            None => book.providers().iter().collect(),
        };
        providers.sort_by_key(|provider| (provider.header.makes.is_empty(), provider.name()));
        let part = self.part.as_ref().map(|part| part.to_lowercase());
        let mut rows = Vec::new();
        let mut modes = BTreeSet::new();
        for provider in providers {
            let (models, other_names) = read(provider).map_err(Unlisted::Damaged)?;
            for model in models {
                let has_part = |name: &str, part: &str| {
                    format!("{}/{name}", provider.name()).to_lowercase().contains(part)
                };
                let others = other_names.get(&model.name).map_or(&[][..], Vec::as_slice);
                let is_named = part.as_ref().is_none_or(|part| {
                    has_part(&model.name, part) || others.iter().any(|name| has_part(name, part))
                });
                let is_wanted = self.mode.as_ref().is_none_or(|mode| *mode == model.mode);
                if !modes.contains(&model.mode) {
                    modes.insert(model.mode.clone());
                }
                if is_named && is_wanted {
                    rows.push(Row::new(provider.name(), model, at));
                }
            }
        }
        if let Some(mode) = self.mode.as_ref().filter(|mode| !modes.contains(*mode)) {
            let (mode, modes) = (shown(mode), Vec::from_iter(modes).join(", "));
            let message = format!("no model has the mode `{mode}`; the modes are {modes}");
            return Err(Wrong::new("mode", message).into());
        }
        Ok(rows)
    }
}

/// A model as it stands in the list.
#[derive(Debug)]
pub struct Row {
    /// Who sells it.
    pub provider: String,
    /// Its name.
    pub model: String,
    /// What it does.
    pub mode: String,
    /// The most input tokens.
    pub input_tokens_max: Option<u64>,
    /// The most output tokens.
    pub output_tokens_max: Option<u64>,
    /// The standard rate of a million input tokens.
    pub input_per_1m: Option<Rate>,
    /// The standard rate of a million output tokens.
    pub output_per_1m: Option<Rate>,
    /// From when the rates hold.
    pub from: Option<String>,
    /// `exact` or `observed`.
    pub certainty: Option<&'static str>,
    /// Whether the rates are only assumed for the moment.
    pub assumed: bool,
    /// When it was last seen, where it is sold no more.
    pub sold_until: Option<String>,
}

/// The fields of a model in JSON and CSV.
pub const FIELDS: &[Field<Row>] = &[
    Field::new("provider", Kind::Text, "who sells it", |row| Value::text(&row.provider)),
    Field::new("model", Kind::Text, "", |row| Value::text(&row.model)),
    Field::new("mode", Kind::Text, "what it does: chat, embedding, …", |row| {
        Value::text(&row.mode)
    }),
    Field::new("input_tokens_max", Kind::Maybe(&Kind::Count), "", |row| {
        Value::optional_number(row.input_tokens_max)
    }),
    Field::new("output_tokens_max", Kind::Maybe(&Kind::Count), "", |row| {
        Value::optional_number(row.output_tokens_max)
    }),
    Field::new("input_per_1m", Kind::Maybe(&Kind::Money), "US dollars", |row| {
        Value::optional_number(row.input_per_1m)
    }),
    Field::new("output_per_1m", Kind::Maybe(&Kind::Money), "US dollars", |row| {
        Value::optional_number(row.output_per_1m)
    }),
    Field::new("from", Kind::Maybe(&Kind::Moment), "from when the rates hold", |row| {
        Value::optional(row.from.as_deref())
    }),
    Field::new(
        "certainty",
        Kind::Maybe(&Kind::OneOf(certainties)),
        "whether that is known or was seen",
        |row| Value::optional(row.certainty),
    ),
    Field::new("assumed", Kind::Flag, "whether the rates are assumed for the moment", |row| {
        Value::Flag(row.assumed)
    }),
    Field::new("sold_until", Kind::Maybe(&Kind::Moment), "where it is sold no more", |row| {
        Value::optional(row.sold_until.as_deref())
    }),
];

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len()))?;
        for field in FIELDS {
            map.serialize_entry(field.name, &(field.of)(self))?;
        }
        map.end()
    }
}

impl Row {
    fn new(provider: &str, model: Model, at: Timestamp) -> Self {
        let (card, assumed) = model.card_at(at).unzip();
        let rate = |meter| card.and_then(|card| standard(card, meter, at));
        Self {
            provider: provider.to_owned(),
            input_per_1m: rate(Meter::Input),
            output_per_1m: rate(Meter::Output),
            from: card.map(|card| card.from.to_string()),
            certainty: card.map(|card| card.certainty.name()),
            assumed: assumed.unwrap_or(false),
            sold_until: sold_until(&model, at).map(|until| until.to_string()),
            input_tokens_max: model.limits.input_tokens_max,
            output_tokens_max: model.limits.output_tokens_max,
            mode: model.mode,
            model: model.name,
        }
    }
}

/// The rate of a million, for a short prompt at the standard tier.
fn standard(card: &RateCard, meter: Meter, at: Timestamp) -> Option<Rate> {
    let tier = ServiceTier::Standard;
    let circumstances =
        Circumstances { tier, input_tokens: 0, at, region: None, options: Options::none() };
    per_million(card.rate(meter, &circumstances)?.rate)
}

/// The price of a million units; `None` beyond what a rate holds.
#[must_use]
pub fn per_million(rate: Rate) -> Option<Rate> {
    rate.scaled().checked_mul(1_000_000).map(Rate::from_scaled)
}

/// When a model was last seen on sale, where it is sold no more at a moment.
#[must_use]
pub fn sold_until(model: &Model, at: Timestamp) -> Option<Timestamp> {
    model.until.filter(|&until| until <= at)
}

/// The other names of models, by their own.
type OtherNames = BTreeMap<String, Vec<String>>;

/// The models of a provider, sorted by name, and the other names of each.
fn read(provider: &ProviderBook) -> Result<(Vec<Model>, OtherNames), FormatError> {
    let mut models = Vec::new();
    let mut other_names = OtherNames::new();
    for block in provider.blocks() {
        match block? {
            Block::Model(model) => models.push(model),
            Block::Alias { name, target, .. } => other_names.entry(target).or_default().push(name),
        }
    }
    Ok((models, other_names))
}

fn no_provider(book: &PriceBook, name: &str) -> Wrong {
    const FAR: usize = 2;
    let name = shown(name);
    let known = book.providers().iter().map(ProviderBook::name);
    let mut near: Vec<(usize, &str)> = known
        .map(|known| (strsim::osa_distance(known, &name), known))
        .filter(|(distance, known)| *distance <= FAR || known.starts_with(&name))
        .collect();
    near.sort_unstable();
    let near: Vec<String> = near.iter().take(5).map(|(_, known)| format!("`{known}`")).collect();
    let mut message = format!("the price book knows no provider `{name}`");
    if !near.is_empty() {
        message.push_str(&format!("\n  near it are {}", near.join(", ")));
    }
    Wrong::new("provider", message)
}

pub(crate) fn schemas() -> Vec<schema::Named> {
    let says = "A model of the price book, with its standard rates.";
    vec![("Price", schema::object(says, FIELDS.iter().map(Field::member)))]
}
