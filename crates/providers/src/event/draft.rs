//! An event in the making: its fields are set one by one, and checked together at the end.

use centime_core::attribution::Attribution;
use centime_core::decimal::shown;
use centime_core::entry::Status;
use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_core::price::{OptionKey, Options};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use jiff::tz::TimeZone;

use super::given::{Given, unexpected};
use super::key::Key;
use super::secret::OwnKey;
use super::usage::USAGES;
use super::{Event, EventError};
use crate::fields::{dollars, quantity, whole};
use crate::json::Value;
use crate::metered::Metered;
/// The keys of an event.
///
/// ```
/// assert!(centime_providers::event::keys().any(|key| key == "reported_cost"));
/// ```
pub fn keys() -> impl Iterator<Item = &'static str> {
    Key::ALL.iter().map(|key| key.name()).chain(USAGES)
}

/// Whether a field of a row has this name: a key of the event, a tag or a meter.
///
/// ```
/// use centime_providers::event::is_field;
///
/// assert!(is_field("user") && is_field("tag:app") && is_field("cache_read"));
/// assert!(!is_field("TIMESTAMP"));
/// ```
#[must_use]
pub fn is_field(name: &str) -> bool {
    Key::named(name).is_some_and(|key| !key.is_object())
        || tag_of(name).is_some()
        || option_of(name).is_some()
        || name.parse::<Meter>().is_ok()
}

/// An event in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) at: Option<Timestamp>,
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) service_tier: Option<String>,
    pub(super) region: Option<String>,
    pub(super) options: Options,
    pub(super) batch: Option<bool>,
    pub(super) attribution: Attribution,
    pub(super) own_key: Option<OwnKey>,
    pub(super) status: Option<Status>,
    pub(super) latency_ms: Option<u64>,
    pub(super) requests: Option<u32>,
    pub(super) reported_cost: Option<PicoUsd>,
    /// What the provider's answer says.
    pub(super) metered: Metered,
    /// Whether anything says what was used.
    pub(super) has_usage: bool,
    /// The keys that were set, one bit each.
    seen: u32,
    /// Whether it is known that no text has a NUL character.
    pub(super) is_free_of_nul: bool,
    /// The meters that were set one by one.
    pub(super) seen_meters: Vec<Meter>,
}

impl Draft {
    /// Sets the value of a key of a JSON event; a key that no event has is passed over.
    pub(super) fn set_key(
        &mut self,
        key: &str,
        given: Given<'_>,
        zone: &TimeZone,
    ) -> Result<bool, EventError> {
        let Some(key) = Key::named(key) else {
            return Ok(false);
        };
        if given.is_absent() {
            return Ok(true);
        }
        if self.seen & key.bit() != 0 {
            return Err(EventError::new(key.name(), "is there twice; send it once"));
        }
        self.seen |= key.bit();
        match key {
            Key::Tags => self.set_tags(given)?,
            Key::Options => self.set_options(given)?,
            _ => self.set(key, given, zone).map_err(|what| EventError::new(key.name(), what))?,
        }
        Ok(true)
    }

    /// Sets a field of a row: a key, a tag or a meter.
    pub(super) fn set_field(
        &mut self,
        field: &str,
        value: &str,
        zone: &TimeZone,
    ) -> Result<(), EventError> {
        let given = Given::Cell(value);
        if let Some(tag) = tag_of(field) {
            if given.is_absent() {
                return Ok(());
            }
            let value = given.label().map_err(|what| EventError::new(field, what))?;
            if self.attribution.tags.insert(tag.to_owned(), value).is_some() {
                return Err(EventError::new(field, "is there twice; map it once"));
            }
            return Ok(());
        }
        if let Some(key) = option_of(field) {
            return if given.is_absent() { Ok(()) } else { self.set_option(key, given) };
        }
        if let Some(key) = Key::named(field).filter(|key| key.is_object()) {
            return Err(EventError::new(field, name_one(key)));
        }
        if self.set_key(field, given, zone)? {
            return Ok(());
        }
        let meter: Meter = field.parse().map_err(|_| unknown_field(field))?;
        if given.is_absent() {
            return Ok(());
        }
        self.set_meter(meter, given).map_err(|what| EventError::new(field, what))
    }

    /// Sets a field whatever was set there before.
    pub(super) fn override_field(
        &mut self,
        field: &str,
        value: &str,
        zone: &TimeZone,
    ) -> Result<(), EventError> {
        if let Some(key) = Key::named(field) {
            self.seen &= !key.bit();
            match key {
                Key::ServiceTier => self.metered.service_tier = None,
                Key::Region => self.metered.region = None,
                Key::Batch => self.metered.batch = false,
                _ => {}
            }
        } else if let Some(tag) = tag_of(field) {
            self.attribution.tags.remove(tag);
        } else if let Some(key) = option_of(field) {
            self.options = self.options.without(key);
            self.metered.options = self.metered.options.without(key);
        } else if let Ok(meter) = field.parse::<Meter>() {
            self.seen_meters.retain(|seen| *seen != meter);
            let mut usage = Usage::default();
            for &(kept, quantity) in self.metered.usage.meters() {
                if kept != meter {
                    usage
                        .add(kept, quantity)
                        .map_err(|error| EventError::new(field, error.to_string()))?;
                }
            }
            self.metered.usage = usage;
        }
        self.set_field(field, value, zone)
    }

    fn set(&mut self, key: Key, given: Given<'_>, zone: &TimeZone) -> Result<(), String> {
        let attribution = &mut self.attribution;
        match key {
            Key::Id => self.id = given.text()?,
            Key::Provider => self.provider = given.text()?,
            Key::Model => self.model = given.text()?,
            Key::ServiceTier => self.service_tier = given.text()?,
            Key::Region => self.region = given.text()?,
            Key::Credential => {
                let told = given.text()?.map(OwnKey::told_from);
                (self.own_key, attribution.key) = match told {
                    Some(Ok(own)) => (Some(own), None),
                    Some(Err(name)) => (None, Some(name)),
                    None => (None, None),
                };
            }
            Key::User => attribution.user = given.text()?,
            Key::Team => attribution.team = given.text()?,
            Key::Project => attribution.project = given.text()?,
            Key::Session => attribution.session = given.text()?,
            Key::Metadata => attribution.metadata = Some(given.json_object()?),
            Key::At => self.at = Some(given.time(zone)?),
            Key::Batch => self.batch = Some(given.flag()?),
            Key::Status => self.status = given.status()?,
            Key::LatencyMs => {
                let floor = quantity(given.number("a number of milliseconds")?)?.floor();
                self.latency_ms = u64::try_from(floor).ok();
            }
            Key::Requests => {
                let requests = whole(given.number("a whole number of calls")?)?;
                let requests = u32::try_from(requests).ok().filter(|requests| *requests > 0);
                self.requests =
                    Some(requests.ok_or("expected a whole number from 1 to 4294967295")?);
            }
            Key::ReportedCost => {
                self.reported_cost = Some(dollars(given.number("an amount in US dollars")?)?);
            }
            // These have values of their own kinds.
            Key::Tags | Key::Options => {}
        }
        Ok(())
    }

    fn set_tags(&mut self, given: Given<'_>) -> Result<(), EventError> {
        let Given::Json(Value::Object(tags)) = given else {
            let what = match given {
                Given::Json(other) => unexpected("an object of names and values", other),
                Given::Cell(_) => name_one(Key::Tags).to_owned(),
            };
            return Err(EventError::new("tags", what));
        };
        for (name, value) in tags.members() {
            let given = Given::Json(value);
            if given.is_absent() {
                continue;
            }
            let error = |what: String| EventError::new(format!("tags.{}", shown(&name)), what);
            let value = given.label().map_err(error)?;
            if self.attribution.tags.insert(name.clone().into_owned(), value).is_some() {
                return Err(error("is there twice; send it once".to_owned()));
            }
        }
        Ok(())
    }

    fn set_options(&mut self, given: Given<'_>) -> Result<(), EventError> {
        let Given::Json(Value::Object(options)) = given else {
            let what = match given {
                Given::Json(other) => unexpected("an object of options and values", other),
                Given::Cell(_) => name_one(Key::Options).to_owned(),
            };
            return Err(EventError::new("options", what));
        };
        for (name, value) in options.members() {
            let given = Given::Json(value);
            let Some(key) = OptionKey::named(&name) else {
                let known: Vec<&str> = OptionKey::ALL.iter().map(|key| key.name()).collect();
                let what = format!("is no option; the options are {}", known.join(", "));
                return Err(EventError::new(format!("options.{}", shown(&name)), what));
            };
            if !given.is_absent() {
                self.set_option(key, given)?;
            }
        }
        Ok(())
    }

    fn set_option(&mut self, key: OptionKey, given: Given<'_>) -> Result<(), EventError> {
        let set = given
            .label()
            .and_then(|value| self.options.set(key, &value).map_err(|error| error.to_string()));
        set.map_err(|what| EventError::new(format!("options.{key}"), what))
    }

    /// The event, when all of it is there and fits.
    pub(super) fn finish(self, content: u64) -> Result<Event, EventError> {
        self.check()?;
        let metered = self.metered;
        let Some(model) = self.model.or_else(|| metered.model.clone()) else {
            let what = "is missing; name the model that was asked for";
            return Err(EventError::new("model", what));
        };
        let service_tier = metered.service_tier.or(self.service_tier);
        let is_batch = metered.batch || service_tier.as_deref() == Some("batch");
        Ok(Event {
            id: self.id,
            at: self.at,
            provider: self.provider,
            served_model: metered.model.filter(|served| *served != model),
            model,
            usage: metered.usage,
            region: metered.region.or(self.region),
            options: metered.options.or(&self.options),
            batch: self.batch.unwrap_or_default() || is_batch,
            service_tier,
            attribution: self.attribution,
            own_key: self.own_key,
            status: self.status.unwrap_or(metered.status),
            latency_ms: self.latency_ms,
            requests: self.requests.unwrap_or(1),
            reported_cost: self.reported_cost.or(metered.reported_cost),
            response_id: metered.response_id,
            output_limit_tokens: metered.output_limit_tokens,
            content,
        })
    }
}

/// The name of the tag that a field sets.
fn tag_of(field: &str) -> Option<&str> {
    field.strip_prefix("tags.").or_else(|| field.strip_prefix("tag:"))
}

/// The option that a field sets.
fn option_of(field: &str) -> Option<OptionKey> {
    field.strip_prefix("options.").and_then(OptionKey::named)
}

fn name_one(key: Key) -> &'static str {
    match key {
        Key::Tags => "name one tag, as in `tags.app`",
        _ => "name one option, as in `options.size`",
    }
}

fn unknown_field(field: &str) -> EventError {
    let keys = Key::ALL.iter().filter(|key| !key.is_object());
    let keys: Vec<&str> = keys.map(|key| key.name()).collect();
    let options: Vec<String> = OptionKey::ALL.iter().map(|key| format!("options.{key}")).collect();
    let meters: Vec<&str> = Meter::ALL.iter().map(|meter| meter.name()).collect();
    EventError::new(
        shown(field),
        format!(
            "is not a field; the fields are {}, tags.NAME, {}, and the meters {}",
            keys.join(", "),
            options.join(", "),
            meters.join(", ")
        ),
    )
}
