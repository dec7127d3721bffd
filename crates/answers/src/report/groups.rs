//! Sums by group.

use centime_insight::Analysis;
use centime_ledger::Sums;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;

use crate::Value;
use crate::schema::{self, Field, Kind};

/// The figures of a group in JSON and CSV.
pub const FIGURES: &[Field<Sums>] = &[
    Field::new("cost", Kind::Money, "US dollars", |sums| Value::number(sums.cost)),
    Field::new("requests", Kind::Count, "attempts to call a provider", |sums| {
        Value::number(sums.requests)
    }),
    Field::new("input_tokens", Kind::Count, "of prompts, cached ones included", |sums| {
        Value::number(sums.input_tokens)
    }),
    Field::new("output_tokens", Kind::Count, "of answers, reasoning included", |sums| {
        Value::number(sums.output_tokens)
    }),
    Field::new("total_tokens", Kind::Count, "both together", |sums| {
        Value::number(sums.total_tokens())
    }),
    Field::new("cache_read_tokens", Kind::Count, "input read from a provider's cache", |sums| {
        Value::number(sums.cache_read_tokens)
    }),
    Field::new("unpriced_requests", Kind::Count, "whose cost is not known in full", |sums| {
        Value::number(sums.unpriced_requests)
    }),
    Field::new("estimated_requests", Kind::Count, "whose usage was counted here", |sums| {
        Value::number(sums.estimated_requests)
    }),
    Field::new("in_doubt_requests", Kind::Count, "whose outcome is not known", |sums| {
        Value::number(sums.in_doubt_requests)
    }),
    Field::new("cached_requests", Kind::Count, "answered without a provider", |sums| {
        Value::number(sums.cached_requests)
    }),
    Field::new("failed_requests", Kind::Count, "that ended in an error", |sums| {
        Value::number(sums.failed_requests)
    }),
    Field::new("saved", Kind::Money, "US dollars that cached answers did not cost", |sums| {
        Value::number(sums.saved)
    }),
];

/// The names of what an analysis groups by.
#[must_use]
pub fn keys_of(analysis: &Analysis) -> Vec<String> {
    analysis.by.iter().map(ToString::to_string).collect()
}

/// The sums of a group as JSON, its keys before them.
#[derive(Debug)]
pub struct Document<'a> {
    keys: Vec<(String, Option<String>)>,
    is_rest: bool,
    sums: &'a Sums,
}

impl<'a> Document<'a> {
    /// A group.
    #[must_use]
    pub fn new(keys: &[&str], values: Vec<Option<String>>, sums: &'a Sums) -> Self {
        let keys = keys.iter().map(|&key| key.to_owned()).zip(values).collect();
        Self { keys, is_rest: false, sums }
    }

    /// All together.
    #[must_use]
    pub fn total(sums: &'a Sums) -> Self {
        Self { keys: Vec::new(), is_rest: false, sums }
    }

    fn rest(sums: &'a Sums) -> Self {
        Self { is_rest: true, ..Self::total(sums) }
    }

    /// The groups of an analysis, the rest as the last one.
    pub(super) fn groups(analysis: &'a Analysis) -> Vec<Self> {
        let keys = keys_of(analysis);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let groups = analysis.groups.iter();
        let groups = groups.map(|group| Self::new(&keys, group.key.clone(), &group.sums));
        groups.chain(analysis.rest.as_ref().map(Self::rest)).collect()
    }

    /// Its sums.
    pub(super) const fn sums(&self) -> &'a Sums {
        self.sums
    }

    /// Writes its members into an object that has more of them.
    pub(super) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for (key, value) in &self.keys {
            map.serialize_entry(key, value)?;
        }
        if self.is_rest {
            map.serialize_entry("other", &true)?;
        }
        for field in FIGURES {
            map.serialize_entry(field.name, &(field.of)(self.sums))?;
        }
        Ok(())
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

/// Writes what was asked.
pub(super) fn write_window<M: SerializeMap>(
    map: &mut M,
    analysis: &Analysis,
    zone: &str,
) -> Result<(), M::Error> {
    let window = analysis.window;
    map.serialize_entry("since", &window.since.map(|since| since.to_string()))?;
    map.serialize_entry("until", &window.until.map(|until| until.to_string()))?;
    map.serialize_entry("tz", zone)
}

/// Writes what was asked and by what it is grouped.
pub(super) fn write_question<M: SerializeMap>(
    map: &mut M,
    analysis: &Analysis,
    zone: &str,
) -> Result<(), M::Error> {
    write_window(map, analysis, zone)?;
    map.serialize_entry("by", &keys_of(analysis))
}

/// A report of sums as JSON.
pub(super) struct Report<'a> {
    pub(super) found: &'a Analysis,
    pub(super) zone: &'a str,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_question(&mut map, self.found, self.zone)?;
        map.serialize_entry("total", &Document::total(&self.found.total))?;
        map.serialize_entry("groups", &Document::groups(self.found))?;
        map.end()
    }
}

/// What [`write_window`] writes.
pub(super) fn window_members() -> Vec<schema::Named> {
    let moment = |says| schema::described(Kind::Maybe(&Kind::Moment).schema(), says);
    vec![
        ("since", moment("the first moment in it; null: from the beginning")),
        ("until", moment("the first moment after it; null: until now")),
        ("tz", schema::described(Kind::Text.schema(), "whose clocks days and hours are on")),
    ]
}

/// What [`write_question`] writes.
pub(super) fn question_members() -> Vec<schema::Named> {
    let by = schema::described(Kind::Texts.schema(), "what the groups are by");
    window_members().into_iter().chain([("by", by)]).collect()
}

/// Sums with more figures among them.
pub(super) fn sums_schema(more: Vec<schema::Named>) -> serde_json::Value {
    schema::object("What requests add up to.", FIGURES.iter().map(Field::member).chain(more))
}

/// A group that has its keys beside such sums.
pub(super) fn group_schema(sums: serde_json::Value) -> serde_json::Value {
    const KEYS: [&str; 9] =
        ["model", "provider", "user", "team", "project", "key", "session", "date", "hour"];
    let key = || schema::described(Kind::Maybe(&Kind::Text).schema(), "null: those without one");
    let rest = schema::described(Kind::Flag.schema(), "true: the groups beyond the limit");
    let keys = KEYS.into_iter().map(|name| (name, key()));
    let mut group = schema::with_optional(sums, keys.chain([("other", rest)]));
    group["patternProperties"] = json!({"^tag:": key()});
    group["description"] = json!("A group: its keys, and what its requests add up to.");
    group
}

/// A report of groups: the question, their total and they.
pub(super) fn report_schema(says: &str, total: &str, group: &str) -> serde_json::Value {
    let groups = schema::list(&schema::named(group));
    let members = [("total", schema::named(total)), ("groups", groups)];
    schema::object(says, question_members().into_iter().chain(members))
}

pub(super) fn schemas() -> Vec<schema::Named> {
    vec![
        ("Sums", sums_schema(Vec::new())),
        ("Group", group_schema(sums_schema(Vec::new()))),
        ("SumsReport", report_schema("Sums by group.", "Sums", "Group")),
    ]
}
