//! A window beside the one before it.

use centime_core::money::TotalPicoUsd;
use centime_insight::Comparison;
use centime_ledger::Sums;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::groups::{self, Document};
use crate::Value;
use crate::schema::{self, Kind};

/// What a cost went up by, or down.
#[must_use]
pub fn change(now: &Sums, before: &Sums) -> TotalPicoUsd {
    TotalPicoUsd::from_pico(now.cost.pico() - before.cost.pico())
}

/// The report as JSON: that of the same groups, with what they were before.
pub(super) struct Compared<'a> {
    pub(super) found: &'a Comparison,
    pub(super) zone: &'a str,
}

impl Serialize for Compared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { found, zone } = self;
        let mut before = found.groups.iter().chain(&found.rest);
        let mut map = serializer.serialize_map(None)?;
        groups::write_question(&mut map, &found.analysis, zone)?;
        let total = Beside { now: Document::total(&found.analysis.total), before: &found.total };
        map.serialize_entry("total", &total)?;
        let groups = Document::groups(&found.analysis)
            .into_iter()
            .map(|now| Beside { now, before: before.next().unwrap_or(&found.total) });
        map.serialize_entry("groups", &groups.collect::<Vec<_>>())?;
        map.serialize_entry("previous", &Previous(found))?;
        map.end()
    }
}

/// A group and what it was before.
struct Beside<'a> {
    now: Document<'a>,
    before: &'a Sums,
}

impl Serialize for Beside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.now.write(&mut map)?;
        map.serialize_entry("previous_cost", &Value::number(self.before.cost))?;
        map.serialize_entry("previous_requests", &self.before.requests)?;
        map.serialize_entry("change", &Value::number(change(self.now.sums(), self.before)))?;
        map.end()
    }
}

/// The window before.
struct Previous<'a>(&'a Comparison);

impl Serialize for Previous<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let window = self.0.window;
        map.serialize_entry("since", &window.since.map(|since| since.to_string()))?;
        map.serialize_entry("until", &window.until.map(|until| until.to_string()))?;
        map.serialize_entry("total", &Document::total(&self.0.total))?;
        map.end()
    }
}

pub(super) fn schemas() -> Vec<schema::Named> {
    let beside = || {
        let figure = |kind: Kind, says| schema::described(kind.schema(), says);
        groups::sums_schema(vec![
            ("previous_cost", figure(Kind::Money, "US dollars in the window before")),
            ("previous_requests", figure(Kind::Count, "in the window before")),
            ("change", figure(Kind::Money, "what the cost went up by, or down")),
        ])
    };
    let says = "Sums by group, beside those of the window before.";
    let mut report = groups::report_schema(says, "ComparedSums", "ComparedGroup");
    let members = groups::window_members().into_iter().filter(|(name, _)| *name != "tz");
    let previous = members.chain([("total", schema::named("Sums"))]);
    let previous = schema::object("The window before.", previous);
    report["properties"]["previous"] = previous;
    if let Some(required) = report["required"].as_array_mut() {
        required.push("previous".into());
    }
    vec![
        ("ComparedSums", beside()),
        ("ComparedGroup", groups::group_schema(beside())),
        ("ComparedReport", report),
    ]
}
