//! Alerts, as programs read them.

use centime_core::alert::Alert;
use centime_ledger::Raised;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::Value;
use crate::schema::{self, Field, Kind};

/// What an alert tells.
pub const FIELDS: [Field<Alert>; 7] = [
    Field::new("rule", Kind::Text, "what it is about", |alert| Value::text(&*alert.rule)),
    Field::new("severity", Kind::Text, "info, warning or critical", |alert| {
        Value::text(alert.severity.word())
    }),
    Field::new("subject", Kind::Text, "`all`, or whose it is", |alert| {
        Value::text(&*alert.subject)
    }),
    Field::new("amount", Kind::Money, "how much there is, in US dollars", |alert| {
        Value::number(alert.amount)
    }),
    Field::new("limit", Kind::Money, "from how much on it is told of", |alert| {
        Value::number(alert.limit)
    }),
    Field::new("since", Kind::Maybe(&Kind::Moment), "since when it is counted", |alert| {
        alert.since.map_or(Value::Absent, |since| Value::text(since.to_string()))
    }),
    Field::new("message", Kind::Text, "all of it in a sentence, with what to do", |alert| {
        Value::text(&*alert.message)
    }),
];

/// An alert for programs.
#[derive(Debug)]
pub struct Shown<'a>(pub &'a Alert);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len()))?;
        for field in &FIELDS {
            map.serialize_entry(field.name, &(field.of)(self.0))?;
        }
        map.end()
    }
}

/// An alert that was raised, for programs.
#[derive(Debug)]
pub struct ShownRaised<'a>(pub &'a Raised);

impl Serialize for ShownRaised<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len() + 1))?;
        map.serialize_entry("at", &self.0.at.to_string())?;
        for field in &FIELDS {
            map.serialize_entry(field.name, &(field.of)(&self.0.alert))?;
        }
        map.end()
    }
}

/// The schema of an alert that was raised.
pub(crate) fn schemas() -> Vec<schema::Named> {
    let at = ("at", schema::described(Kind::Moment.schema(), "when it was raised"));
    let members = FIELDS.iter().map(Field::member).chain([at]);
    vec![("Alert", schema::object("An alert, raised once a window.", members))]
}
