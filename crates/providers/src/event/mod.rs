//! The usage event: one call, told by somebody who made it, or by a row of somebody's table.

mod constants;
mod draft;
mod given;
mod key;
mod usage;

mod check;
mod fingerprint;
mod secret;

use centime_core::attribution::Attribution;
use centime_core::entry::Status;
use centime_core::money::PicoUsd;
use centime_core::price::Options;
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use jiff::tz::TimeZone;

use crate::error::Named;
use crate::json::{self, Value};

pub use check::NAME_BYTES_MAX;
pub use constants::Constants;
pub use draft::{is_field, keys};
pub use secret::OwnKey;

use draft::Draft;
use given::Given;
use usage::USAGES;

/// One call as its event tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The id that its source gave it, unique within the source.
    pub id: Option<String>,
    /// When the call was made; `None`: at the moment of reading. Whether it is plausible is for
    /// the caller to say, who knows what time it is.
    pub at: Option<Timestamp>,
    /// The provider, where the event names it.
    pub provider: Option<String>,
    /// The model that was asked for.
    pub model: String,
    /// The model that the answer names, where it is another.
    pub served_model: Option<String>,
    /// The meters, disjoint.
    pub usage: Usage,
    /// The tier that it was served in, else the one that was asked for, in the provider's word.
    pub service_tier: Option<String>,
    /// The region that it was served in.
    pub region: Option<String>,
    /// What its caller chose: as the answer repeats it, else as the event says.
    pub options: Options,
    /// Whether it was part of a batch.
    pub batch: bool,
    /// Who and what it was for.
    pub attribution: Attribution,
    /// The key itself, where the event has it in the place of its name.
    pub own_key: Option<OwnKey>,
    /// How it ended.
    pub status: Status,
    /// How long it took, in whole milliseconds.
    pub latency_ms: Option<u64>,
    /// How many calls it stands for, at least 1.
    pub requests: u32,
    /// What the source says it cost.
    pub reported_cost: Option<PicoUsd>,
    /// The provider's id of the answer.
    pub response_id: Option<String>,
    /// The most output tokens that the call was allowed.
    pub output_limit_tokens: Option<u64>,
    /// A fingerprint of everything in the event but its id and its time, the constants included:
    /// the same wherever and however the same is written. Numbers are compared by value, names of
    /// an object in any order; `null` is as if it were not there.
    pub content: u64,
}

/// Why an event cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", Named(.field.as_deref().unwrap_or_default()), .what)]
pub struct EventError {
    /// The id of the event, where it has one that can be read.
    pub id: Option<String>,
    /// The field that is wrong, `meters.input`.
    pub field: Option<String>,
    /// What is wrong with it, and what was expected.
    pub what: String,
}

impl EventError {
    fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            id: None,
            field: Some(field.into()).filter(|field| !field.is_empty()),
            what: what.into(),
        }
    }
}

/// Reads one usage event: one JSON object.
///
/// Keys that no event has are passed over. A time without a zone is on the clocks of `zone`.
///
/// ```
/// use centime_core::{meter::Meter, money::Quantity};
/// use centime_providers::event::{Constants, read_event};
/// use jiff::tz::TimeZone;
///
/// let line = r#"{"id":"req-1","model":"gpt-5","meters":{"input":200,"output":50},"user":"alice"}"#;
/// let event = read_event(line, &Constants::default(), &TimeZone::UTC)?;
/// assert_eq!(event.usage.quantity(Meter::Input), Quantity::whole(200));
/// assert_eq!(event.attribution.user.as_deref(), Some("alice"));
/// # Ok::<(), centime_providers::event::EventError>(())
/// ```
///
/// # Errors
/// Names the field that is missing or not what it should be.
pub fn read_event(line: &str, constants: &Constants, zone: &TimeZone) -> Result<Event, EventError> {
    let mark = |object: json::Object<'_>| {
        fingerprint::of_event(object).wrapping_add(constants.fingerprint())
    };
    read(line, constants, zone, mark)
}

/// As [`read_event`], without the fingerprint that only a ledger needs: `content` is zero.
///
/// # Errors
/// The same.
pub fn read_unmarked_event(
    line: &str,
    constants: &Constants,
    zone: &TimeZone,
) -> Result<Event, EventError> {
    read(line, constants, zone, |_| 0)
}

fn read(
    line: &str,
    constants: &Constants,
    zone: &TimeZone,
    mark: impl FnOnce(json::Object<'_>) -> u64,
) -> Result<Event, EventError> {
    let mut index = json::Index::new();
    let object = match json::parse_with(line, &mut index) {
        Ok(Value::Object(object)) => object,
        Ok(other) => {
            let what = format!("expected an event, a JSON object; found {}", other.kind());
            return Err(EventError::new("", what));
        }
        Err(error) => return Err(EventError::new("", format!("not JSON: {error}"))),
    };
    let read = (|| {
        let mut draft = Draft::default();
        // In JSON that character is always an escape.
        draft.is_free_of_nul = memchr::memchr(b'\\', line.as_bytes()).is_none();
        let mut usages = [None; USAGES.len()];
        for (name, value) in object.members() {
            if let Some(at) = usage::index_of(&name) {
                if value != Value::Null && usages[at].replace(value).is_some() {
                    return Err(EventError::new(name, "is there twice; send it once"));
                }
            } else if !constants.sets(&name) {
                draft.set_key(&name, Given::Json(value), zone)?;
            }
        }
        draft.set_usage(usages)?;
        constants.apply_to(&mut draft, zone)?;
        draft.need_usage("one of `response`, `usage` and `meters`")?;
        draft.finish(mark(object))
    })();
    read.map_err(|error| EventError { id: id_of(object), ..error })
}

/// The id of an event that cannot be read otherwise.
fn id_of(object: json::Object<'_>) -> Option<String> {
    let id = object.members().find(|(name, _)| name == "id");
    match id {
        Some((_, Value::String(id))) => Some(id.decode().chars().take(NAME_BYTES_MAX).collect()),
        _ => None,
    }
}

/// Reads an event from a row of somebody's table: pairs of a field and its value.
///
/// A field is a key of the event (`at`, `model`, `user`, `metadata`, `tags.NAME` or `tag:NAME`, …)
/// or a meter. An empty value is none. A row without any meter is a call that used nothing only
/// when its `status` is `error`.
///
/// ```
/// use centime_core::{meter::Meter, money::Quantity};
/// use centime_providers::event::{Constants, event_from_fields};
/// use jiff::tz::TimeZone;
///
/// let row = [("at", "2026-11-01 12:00"), ("input", "200"), ("output", "50"), ("tag:app", "bot")];
/// let constants = Constants::new([("model", "gpt-5")], &TimeZone::UTC)?;
/// let event = event_from_fields(row, &constants, &TimeZone::UTC)?;
/// assert_eq!(event.model, "gpt-5");
/// assert_eq!(event.usage.quantity(Meter::Output), Quantity::whole(50));
/// assert_eq!(event.attribution.tags["app"], "bot");
/// # Ok::<(), centime_providers::event::EventError>(())
/// ```
///
/// # Errors
/// Names the field that is unknown, missing or not what it should be.
pub fn event_from_fields<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    constants: &Constants,
    zone: &TimeZone,
) -> Result<Event, EventError> {
    let mut draft = Draft::default();
    let mut id = None;
    let mut content = constants.fingerprint();
    let mut set = Ok(());
    for (field, value) in fields {
        if field == "id" && !value.is_empty() {
            id = Some(value);
        }
        if set.is_ok() && !constants.sets(field) {
            set = draft.set_field(field, value, zone);
        }
        content = content.wrapping_add(fingerprint::of_field(field, value));
    }
    let read = set.and_then(|()| {
        constants.apply_to(&mut draft, zone)?;
        draft.need_usage("a column of a meter, such as `input`")?;
        draft.finish(content)
    });
    read.map_err(|error| EventError {
        id: id.map(|id| id.chars().take(NAME_BYTES_MAX).collect()),
        ..error
    })
}
