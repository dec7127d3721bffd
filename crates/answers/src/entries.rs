//! Rows of the ledger.

use centime_core::entry::{Entry, PricingStatus, Status, UsageSource};
use centime_core::meter::Meter;
use centime_ledger::{Entries, LedgerError};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::schema::{self, Field, Kind};
use crate::{Decimal, Value};

const TEXT: Kind = Kind::Maybe(&Kind::Text);

/// The fields of an entry in JSON and CSV.
pub const FIELDS: &[Field<Entry>] = &[
    Field::new("id", Kind::Text, "its own id, else its `uid`", |entry| Value::text(entry.id())),
    Field::new("uid", Kind::Text, "its identity: 32 hexadecimal digits", |entry| {
        Value::text(entry.uid.to_string())
    }),
    Field::new("source", Kind::Text, "where it came from", |entry| Value::text(&entry.source)),
    Field::new("at", Kind::Moment, "when the call was made", |entry| {
        Value::text(entry.at.to_string())
    }),
    Field::new("recorded_at", Kind::Moment, "when it was written", |entry| {
        Value::text(entry.recorded_at.to_string())
    }),
    Field::new("adjusts", TEXT, "the `uid` of the entry that it adjusts", |entry| {
        match entry.adjusts {
            Some(uid) => Value::text(uid.to_string()),
            None => Value::Absent,
        }
    }),
    Field::new("request_id", TEXT, "what attempts of one request have in common", |entry| {
        match &entry.request_id {
            Some(id) => Value::text(id.to_string()),
            None => Value::Absent,
        }
    }),
    Field::new("attempt", Kind::Count, "which attempt of its request", |entry| {
        Value::number(entry.attempt)
    }),
    Field::new("status", Kind::OneOf(statuses), "how it ended", |entry| {
        Value::text(entry.status.name())
    }),
    Field::new("usage_source", Kind::OneOf(usage_sources), "who counted", |entry| {
        Value::text(entry.usage_source.name())
    }),
    Field::new("pricing_status", Kind::OneOf(pricing_statuses), "what was priced", |entry| {
        Value::text(entry.pricing_status.name())
    }),
    Field::new("provider", TEXT, "", |entry| Value::optional(entry.provider.as_deref())),
    Field::new("model", Kind::Text, "the one asked for", |entry| Value::text(&entry.model)),
    Field::new("served_model", TEXT, "the one that the provider names", |entry| {
        Value::optional(entry.served_model.as_deref())
    }),
    Field::new("service_tier", TEXT, "", |entry| Value::optional(entry.service_tier.as_deref())),
    Field::new("region", TEXT, "", |entry| Value::optional(entry.region.as_deref())),
    Field::new("batch", Kind::Flag, "", |entry| Value::Flag(entry.batch)),
    Field::new("options", TEXT, "what else the call chose", |entry| {
        match entry.options.is_empty() {
            true => Value::Absent,
            false => Value::text(entry.options.to_string()),
        }
    }),
    Field::new("requests", Kind::Count, "how many calls it stands for", |entry| {
        Value::number(entry.requests)
    }),
    Field::new("input_tokens", Kind::Count, "cached ones included", |entry| {
        Value::number(entry.input_tokens())
    }),
    Field::new("output_tokens", Kind::Count, "reasoning included", |entry| {
        Value::number(entry.output_tokens())
    }),
    Field::new("total_tokens", Kind::Count, "both together", |entry| {
        Value::number(entry.input_tokens().saturating_add(entry.output_tokens()))
    }),
    Field::new("meters", Kind::NumberByName, "what was used, disjoint", |entry| {
        json(&Meters(entry))
    }),
    Field::new("cost", Kind::Maybe(&Kind::Money), "US dollars; null: unpriced", |entry| {
        let is_known = entry.pricing_status != PricingStatus::Unpriced;
        Value::optional_number(is_known.then_some(entry.charge))
    }),
    Field::new("reported_cost", Kind::Maybe(&Kind::Money), "what its source says", |entry| {
        Value::optional_number(entry.reported_cost)
    }),
    Field::new("saved", Kind::Money, "US dollars that a cached answer did not cost", |entry| {
        Value::number(entry.saved)
    }),
    Field::new("missing", Kind::Texts, "meters without a rate", |entry| {
        json(&entry.missing().map(Meter::name).collect::<Vec<_>>())
    }),
    Field::new("price_version", TEXT, "the book it was priced from", |entry| {
        Value::optional(entry.price_version.as_deref())
    }),
    Field::new("assumed", Kind::Flag, "whether the rates are assumed for its date", |entry| {
        Value::Flag(entry.price_assumed)
    }),
    Field::new("output_limit_tokens", Kind::Maybe(&Kind::Count), "", |entry| {
        Value::optional_number(entry.output_limit_tokens)
    }),
    Field::new("response_id", TEXT, "the provider's id of the answer", |entry| {
        Value::optional(entry.response_id.as_deref())
    }),
    Field::new("latency_ms", Kind::Maybe(&Kind::Count), "", |entry| {
        Value::optional_number(entry.latency_ms)
    }),
    Field::new("key", TEXT, "", |entry| Value::optional(entry.attribution.key.as_deref())),
    Field::new("user", TEXT, "", |entry| Value::optional(entry.attribution.user.as_deref())),
    Field::new("team", TEXT, "", |entry| Value::optional(entry.attribution.team.as_deref())),
    Field::new("project", TEXT, "", |entry| Value::optional(entry.attribution.project.as_deref())),
    Field::new("session", TEXT, "", |entry| Value::optional(entry.attribution.session.as_deref())),
    Field::new("tags", Kind::TextByName, "", |entry| json(&entry.attribution.tags)),
    Field::new("metadata", Kind::Anything, "", |entry| match &entry.attribution.metadata {
        Some(metadata) => Value::Json(metadata.as_str().into()),
        None => Value::Absent,
    }),
];

fn statuses() -> Vec<&'static str> {
    Status::ALL.iter().map(|status| status.name()).collect()
}

fn usage_sources() -> Vec<&'static str> {
    UsageSource::ALL.iter().map(|source| source.name()).collect()
}

pub(crate) fn pricing_statuses() -> Vec<&'static str> {
    PricingStatus::ALL.iter().map(|status| status.name()).collect()
}

/// What is a list or an object in JSON, and that text in a cell.
fn json(value: &impl Serialize) -> Value<'static> {
    serde_json::to_string(value).map_or(Value::Absent, |text| Value::Json(text.into()))
}

/// An entry as JSON.
pub struct Document<'a>(pub &'a Entry);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len()))?;
        for field in FIELDS {
            map.serialize_entry(field.name, &(field.of)(self.0))?;
        }
        map.end()
    }
}

struct Meters<'a>(&'a Entry);

impl Serialize for Meters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0.lines.iter().map(|line| (line.meter.name(), Decimal(line.quantity))),
        )
    }
}

/// Why an id does not name one entry.
#[derive(Debug)]
pub enum Unnamed {
    /// There is none of this id.
    Nothing,
    /// There are several; the message says how each is named.
    Several(String),
    /// The ledger cannot be read.
    Ledger(LedgerError),
}

/// The entry of an id: its own, or the 32 digits of its identity.
///
/// # Errors
/// When there is none, there are several, or the ledger cannot be read.
pub fn named<L: Entries + ?Sized>(ledger: &L, id: &str) -> Result<Entry, Unnamed> {
    let mut found = ledger.entries_named(id).map_err(Unnamed::Ledger)?;
    match (found.pop(), found.as_slice()) {
        (None, _) => Err(Unnamed::Nothing),
        (Some(entry), []) => Ok(entry),
        (Some(last), others) => {
            let name = |entry: &Entry| format!("`{}` (from {})", entry.uid, entry.source);
            let names: Vec<String> = others.iter().chain([&last]).map(name).collect();
            let names = names.join(", ");
            Err(Unnamed::Several(format!("`{id}` is in several sources; say which: {names}")))
        }
    }
}

pub(crate) fn schemas() -> Vec<schema::Named> {
    let says = "A row of the ledger: one attempt to call a provider, or an adjustment of one.";
    vec![("Entry", schema::object(says, FIELDS.iter().map(Field::member)))]
}
