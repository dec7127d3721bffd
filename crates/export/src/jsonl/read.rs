//! Reading a line back: the entry that it was written from, all of it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use centime_core::attribution::Attribution;
use centime_core::entry::{
    AppliedCard, AppliedRate, Entry, EntryLine, PricingStatus, Status, StatusMoves, Uid,
    UsageSource,
};
use centime_core::price::{OptionKey, Options, ServiceTier};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Why a line of an export makes no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not what an export writes.
    #[error("a line of an export cannot be read: {0}")]
    Malformed(String),
    /// A field holds what it cannot.
    #[error("`{field}` of an exported entry: {what}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The entry does not prove itself: somebody changed it.
    #[error("the exported entry does not hold: {0}; export it again")]
    Inconsistent(String),
}

/// Reads the entry of a line that [`Format::JsonLines`](crate::Format::JsonLines) wrote, and proves it
/// from its own parts; `None` for JSON that is something else.
///
/// ```
/// assert!(centime_export::read_entry(r#"{"model":"gpt-5","meters":{"input":1}}"#).is_none());
/// ```
///
/// # Errors
/// When a field is missing, unknown or not what it should be, or the entry does not add up.
#[must_use]
pub fn read_entry(line: &str) -> Option<Result<Entry, ReadError>> {
    // What every line of an export has, and no usage event.
    #[derive(Deserialize)]
    struct Exported {
        #[serde(rename = "uid")]
        _uid: IgnoredAny,
        #[serde(rename = "content")]
        _content: IgnoredAny,
        #[serde(rename = "lines")]
        _lines: IgnoredAny,
        #[serde(rename = "charge")]
        _charge: IgnoredAny,
    }
    if !line.contains("\"uid\"") || serde_json::from_str::<Exported>(line).is_err() {
        return None;
    }
    let line: Result<Line<'_>, _> = serde_json::from_str(line);
    Some(line.map_err(|error| ReadError::Malformed(error.to_string())).and_then(Line::entry))
}

/// A line as it stands. A field that this program does not know is one that it would lose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(rename = "id")]
    _id: IgnoredAny,
    uid: String,
    own_id: Option<String>,
    source: String,
    content: String,
    at: String,
    at_assumed: bool,
    recorded_at: String,
    adjusts: Option<String>,
    moves: Moves,
    request_id: Option<String>,
    attempt: u16,
    status: String,
    usage_source: String,
    pricing_status: String,
    provider: Option<String>,
    model: String,
    served_model: Option<String>,
    service_tier: Option<String>,
    region: Option<String>,
    batch: bool,
    options: BTreeMap<String, String>,
    requests: u32,
    output_limit_tokens: Option<u64>,
    response_id: Option<String>,
    latency_ms: Option<u64>,
    price_version: Option<String>,
    price_assumed: bool,
    #[serde(borrow)]
    card: Option<Card<'a>>,
    lines: Vec<ChargeLine<'a>>,
    charge: &'a RawValue,
    reported_cost: Option<&'a RawValue>,
    saved: &'a RawValue,
    // Exports from before there were holds have none.
    #[serde(default)]
    held: Option<&'a RawValue>,
    key: Option<String>,
    user: Option<String>,
    team: Option<String>,
    project: Option<String>,
    session: Option<String>,
    tags: BTreeMap<String, String>,
    metadata: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moves {
    unpriced: i64,
    in_doubt: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card<'a> {
    provider: String,
    model: String,
    from: String,
    certainty: String,
    source: String,
    tier: String,
    #[serde(borrow)]
    rates: Vec<CardRate<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardRate<'a> {
    meter: String,
    #[serde(borrow)]
    rate: &'a RawValue,
    rate_of: String,
    derived: bool,
}

/// A charge line; the rate beside it is the card's.
#[derive(Deserialize)]
struct ChargeLine<'a> {
    meter: String,
    #[serde(borrow)]
    quantity: &'a RawValue,
    amount: Option<&'a RawValue>,
}

impl Line<'_> {
    fn entry(self) -> Result<Entry, ReadError> {
        let entry = Entry {
            uid: uid("uid", &self.uid)?,
            own_id: self.own_id,
            source: self.source,
            content: content(&self.content)?,
            at: parsed("at", &self.at)?,
            at_assumed: self.at_assumed,
            recorded_at: parsed("recorded_at", &self.recorded_at)?,
            adjusts: self.adjusts.map(|text| uid("adjusts", &text)).transpose()?,
            moves: StatusMoves { unpriced: self.moves.unpriced, in_doubt: self.moves.in_doubt },
            request_id: self.request_id,
            attempt: self.attempt,
            status: named("status", &self.status, Status::named)?,
            usage_source: named("usage_source", &self.usage_source, UsageSource::named)?,
            pricing_status: named("pricing_status", &self.pricing_status, PricingStatus::named)?,
            provider: self.provider,
            model: self.model,
            served_model: self.served_model,
            service_tier: self.service_tier,
            region: self.region,
            batch: self.batch,
            options: options(&self.options)?,
            requests: self.requests,
            output_limit_tokens: self.output_limit_tokens,
            response_id: self.response_id,
            latency_ms: self.latency_ms,
            price_version: self.price_version,
            card: self.card.map(Card::applied).transpose()?.map(Arc::new),
            price_assumed: self.price_assumed,
            lines: self.lines.iter().map(ChargeLine::line).collect::<Result<_, _>>()?,
            charge: parsed("charge", self.charge.get())?,
            reported_cost: self
                .reported_cost
                .map(|cost| parsed("reported_cost", cost.get()))
                .transpose()?,
            saved: parsed("saved", self.saved.get())?,
            held: self.held.map(|held| parsed("held", held.get())).transpose()?,
            attribution: Attribution {
                key: self.key,
                user: self.user,
                team: self.team,
                project: self.project,
                session: self.session,
                tags: self.tags,
                metadata: self.metadata.map(|json| json.get().to_owned()),
            },
        };
        prove(&entry)?;
        Ok(entry)
    }
}

/// Its parts add up, and its identity is that of its id.
fn prove(entry: &Entry) -> Result<(), ReadError> {
    if let Some(wrong) = entry.inconsistencies().first() {
        return Err(ReadError::Inconsistent(wrong.to_string()));
    }
    match &entry.own_id {
        Some(id) if entry.uid != Uid::of_own_id(&entry.source, id) => {
            let what = format!("`uid` is not that of `{id}` from `{}`", entry.source);
            Err(ReadError::Inconsistent(what))
        }
        _ => Ok(()),
    }
}

impl Card<'_> {
    fn applied(self) -> Result<AppliedCard, ReadError> {
        let rates = self.rates.iter().map(|applied| {
            Ok(AppliedRate {
                meter: parsed("card.rates.meter", &applied.meter)?,
                rate: parsed("card.rates.rate", applied.rate.get())?,
                rate_of: parsed("card.rates.rate_of", &applied.rate_of)?,
                derived: applied.derived,
            })
        });
        Ok(AppliedCard {
            rates: rates.collect::<Result<_, ReadError>>()?,
            provider: self.provider,
            model: self.model,
            from: parsed("card.from", &self.from)?,
            certainty: named("card.certainty", &self.certainty, |name| name.parse().ok())?,
            source: self.source,
            tier: named("card.tier", &self.tier, ServiceTier::named)?,
        })
    }
}

impl ChargeLine<'_> {
    fn line(&self) -> Result<EntryLine, ReadError> {
        Ok(EntryLine {
            meter: parsed("lines.meter", &self.meter)?,
            quantity: parsed("lines.quantity", self.quantity.get())?,
            amount: self.amount.map(|amount| parsed("lines.amount", amount.get())).transpose()?,
        })
    }
}

fn parsed<T: FromStr<Err: Display>>(field: &'static str, text: &str) -> Result<T, ReadError> {
    text.parse().map_err(|error: T::Err| ReadError::Field { field, what: error.to_string() })
}

fn named<T>(
    field: &'static str,
    name: &str,
    meaning: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ReadError> {
    let unknown = || format!("`{name}` is none that this Centime knows");
    meaning(name).ok_or_else(|| ReadError::Field { field, what: unknown() })
}

fn uid(field: &'static str, text: &str) -> Result<Uid, ReadError> {
    let what = || format!("`{text}` is not 32 hexadecimal digits");
    Uid::parse(text).ok_or_else(|| ReadError::Field { field, what: what() })
}

fn content(text: &str) -> Result<u64, ReadError> {
    let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let content = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
    let what = || format!("`{text}` is not 16 hexadecimal digits");
    content.ok_or_else(|| ReadError::Field { field: "content", what: what() })
}

fn options(chosen: &BTreeMap<String, String>) -> Result<Options, ReadError> {
    let mut options = Options::NONE;
    for (name, value) in chosen {
        let key = named("options", name, OptionKey::named)?;
        let set = options.set(key, value);
        set.map_err(|error| ReadError::Field { field: "options", what: error.to_string() })?;
    }
    Ok(options)
}
