//! The columns of a call, for CSV and Parquet alike.

use std::borrow::Cow;
use std::collections::BTreeMap;

use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;

use crate::Call;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// Whole numbers of signed 64 bits.
    Whole,
    /// Whole numbers of 64 bits, never below zero.
    Count,
    /// US dollars, exact to twelve decimals.
    Usd,
    /// Yes or no.
    Flag,
    /// A moment, to the microsecond.
    Moment,
    /// What another column holds already, spelled for those who read texts: not in typed formats.
    Spelled,
    /// Tags.
    Tags,
    /// Charge lines.
    Lines,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'c> {
    /// None.
    Absent,
    /// Text that somebody else chose.
    Foreign(Cow<'c, str>),
    /// Text of our own.
    Own(Cow<'c, str>),
    /// A whole number.
    Whole(i64),
    /// A whole number that is never below zero.
    Count(u64),
    /// US dollars.
    Usd(PicoUsd),
    /// Yes or no.
    Flag(bool),
    /// A moment, which texts tell as the view `costs` does.
    Clock(Timestamp),
    /// A moment.
    Moment(Timestamp),
    /// Tags.
    Tags(&'c BTreeMap<String, String>),
    /// Charge lines.
    Lines,
}

impl<'c> Cell<'c> {
    fn foreign(text: Option<&'c str>) -> Self {
        text.map_or(Self::Absent, |text| Self::Foreign(text.into()))
    }

    fn optional<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Absent, cell)
    }
}

/// A column: its name, what it holds, whether it always does, and its value in a call.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) is_required: bool,
    pub(crate) of: for<'c> fn(&'c Call<'_>) -> Cell<'c>,
}

const fn always(
    name: &'static str,
    kind: Kind,
    of: for<'c> fn(&'c Call<'_>) -> Cell<'c>,
) -> Column {
    Column { name, kind, is_required: true, of }
}

const fn maybe(name: &'static str, kind: Kind, of: for<'c> fn(&'c Call<'_>) -> Cell<'c>) -> Column {
    Column { name, kind, is_required: false, of }
}

use Kind::{Count, Flag, Lines, Moment, Spelled, Tags, Text, Usd, Whole};

/// Every column: first those of the view `costs`, then the rest.
pub(crate) const COLUMNS: &[Column] = &[
    always("id", Text, |call| Cell::Foreign(call.attempt().id().into())),
    always("timestamp", Moment, |call| Cell::Clock(call.attempt().at)),
    always("model", Text, |call| Cell::foreign(Some(&call.attempt().model))),
    always("input_tokens", Whole, |call| Cell::Whole(call.present().input_tokens())),
    always("output_tokens", Whole, |call| Cell::Whole(call.present().output_tokens())),
    always("total_tokens", Whole, |call| {
        let present = call.present();
        Cell::Whole(present.input_tokens().saturating_add(present.output_tokens()))
    }),
    maybe("cost_usd", Usd, |call| Cell::optional(call.cost(), Cell::Usd)),
    maybe("user_id", Text, |call| Cell::foreign(call.attempt().attribution.user.as_deref())),
    maybe("api_key_hash", Text, |call| Cell::foreign(call.attempt().attribution.key.as_deref())),
    maybe("metadata", Text, |call| Cell::foreign(call.attempt().attribution.metadata.as_deref())),
    maybe("cost_pico_usd", Whole, |call| {
        Cell::optional(call.cost(), |cost| Cell::Whole(cost.pico()))
    }),
    always("uid", Text, |call| Cell::Own(call.attempt().uid.to_string().into())),
    always("source", Text, |call| Cell::foreign(Some(&call.attempt().source))),
    always("at", Spelled, |call| Cell::Moment(call.attempt().at)),
    always("at_assumed", Flag, |call| Cell::Flag(call.attempt().at_assumed)),
    always("recorded_at", Moment, |call| Cell::Moment(call.attempt().recorded_at)),
    maybe("request_id", Text, |call| Cell::foreign(call.attempt().request_id.as_deref())),
    always("attempt", Whole, |call| Cell::Whole(call.attempt().attempt.into())),
    always("status", Text, |call| Cell::Own(call.attempt().status.name().into())),
    always("usage_source", Text, |call| Cell::Own(call.attempt().usage_source.name().into())),
    always("pricing_status", Text, |call| Cell::Own(call.present().pricing_status.name().into())),
    maybe("missing", Text, |call| {
        let missing: Vec<&str> = call.present().missing().map(Meter::name).collect();
        Cell::optional((!missing.is_empty()).then_some(missing), |missing| {
            Cell::Own(missing.join(" ").into())
        })
    }),
    maybe("provider", Text, |call| Cell::foreign(call.attempt().provider.as_deref())),
    maybe("served_model", Text, |call| Cell::foreign(call.attempt().served_model.as_deref())),
    maybe("service_tier", Text, |call| Cell::foreign(call.attempt().service_tier.as_deref())),
    maybe("region", Text, |call| Cell::foreign(call.attempt().region.as_deref())),
    always("batch", Flag, |call| Cell::Flag(call.attempt().batch)),
    maybe("options", Text, |call| {
        let options = &call.attempt().options;
        Cell::optional((!options.is_empty()).then_some(options), |options| {
            Cell::Foreign(options.to_string().into())
        })
    }),
    always("requests", Whole, |call| Cell::Whole(call.attempt().requests.into())),
    always("lines", Lines, |_| Cell::Lines),
    maybe("reported_cost_usd", Usd, |call| Cell::optional(call.attempt().reported_cost, Cell::Usd)),
    always("saved_usd", Usd, |call| Cell::Usd(call.attempt().saved)),
    maybe("price_version", Text, |call| Cell::foreign(call.present().price_version.as_deref())),
    always("price_assumed", Flag, |call| Cell::Flag(call.present().price_assumed)),
    maybe("output_limit_tokens", Count, |call| {
        Cell::optional(call.attempt().output_limit_tokens, Cell::Count)
    }),
    maybe("response_id", Text, |call| Cell::foreign(call.attempt().response_id.as_deref())),
    maybe("latency_ms", Count, |call| Cell::optional(call.attempt().latency_ms, Cell::Count)),
    maybe("team", Text, |call| Cell::foreign(call.attempt().attribution.team.as_deref())),
    maybe("project", Text, |call| Cell::foreign(call.attempt().attribution.project.as_deref())),
    maybe("session", Text, |call| Cell::foreign(call.attempt().attribution.session.as_deref())),
    always("tags", Tags, |call| Cell::Tags(&call.attempt().attribution.tags)),
    always("adjustments", Count, |call| {
        Cell::Count(u64::try_from(call.adjustments().len()).unwrap_or(u64::MAX))
    }),
];
