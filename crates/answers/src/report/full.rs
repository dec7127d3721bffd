//! The whole report in one.

use centime_insight::{Order, Question};
use centime_ledger::{Dimension, EntryFilter, GroupKey, Ledger, LedgerError, Raised, Sums, Window};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::efficiency::Efficient;
use super::groups::{self, Document};
use crate::Value;
use crate::alerts::ShownRaised;
use crate::schema::{self, Kind};

/// The most groups of a section.
const GROUPS_MAX: usize = 20;
/// The most alerts, and how many are looked at for them.
const ALERTS_MAX: usize = 100;
const ALERTS_LOOKED_AT_MAX: usize = 10_000;

/// A part of the report: its name in JSON and CSV, its title, and the groups of everything.
#[derive(Debug)]
pub struct Section {
    /// Its name in JSON and CSV.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The groups of everything.
    pub found: Efficient,
}

/// The sections. The first are days, whose total is that of all.
const SECTIONS: [(&str, &str, GroupKey); 7] = [
    ("daily", "By day", GroupKey::Date),
    (MODELS, "By model", GroupKey::Dimension(Dimension::Model)),
    ("providers", "By provider", GroupKey::Dimension(Dimension::Provider)),
    ("users", "By user", GroupKey::Dimension(Dimension::User)),
    ("teams", "By team", GroupKey::Dimension(Dimension::Team)),
    ("projects", "By project", GroupKey::Dimension(Dimension::Project)),
    ("keys", "By key", GroupKey::Dimension(Dimension::Key)),
];

/// The section whose efficiency is told.
const MODELS: &str = "models";

/// A share of the requests: its name in JSON, in words, and how many they are.
pub type Share = (&'static str, &'static str, fn(&Sums) -> i64);

/// What the figures leave out or do not know for sure.
pub const SHARES: [Share; 5] = [
    ("unpriced", "not fully priced", |sums| sums.unpriced_requests),
    ("estimated", "with an estimated usage", |sums| sums.estimated_requests),
    ("in_doubt", "in doubt", |sums| sums.in_doubt_requests),
    ("failed", "failed", |sums| sums.failed_requests),
    ("cached", "answered from a cache", |sums| sums.cached_requests),
];

/// Asks a ledger for all of them.
pub(super) fn sections(
    ledger: &dyn Ledger,
    filter: &EntryFilter,
    zone: &TimeZone,
) -> Result<Vec<Section>, LedgerError> {
    let section = |(name, title, key): (&'static str, &'static str, GroupKey)| {
        let (order, limit) = match key {
            GroupKey::Date | GroupKey::Hour => (Order::Key, None),
            GroupKey::Dimension(_) => (Order::Cost, Some(GROUPS_MAX)),
        };
        let (zone, filter) = (zone.clone(), filter.clone());
        let question = Question { filter, by: vec![key], zone, order, limit };
        Ok(Section { name, title, found: Efficient::of(ledger, &question)? })
    };
    SECTIONS.into_iter().map(section).collect()
}

/// The alerts that were raised in a window, newest first.
pub(super) fn raised(ledger: &dyn Ledger, window: Window) -> Result<Vec<Raised>, LedgerError> {
    let mut raised = ledger.raised(ALERTS_LOOKED_AT_MAX)?;
    raised.retain(|raised| window.contains(raised.at));
    raised.truncate(ALERTS_MAX);
    Ok(raised)
}

/// The report as JSON.
pub(super) struct Full<'a> {
    pub(super) sections: &'a [Section],
    pub(super) raised: &'a [Raised],
    pub(super) zone: &'a str,
}

impl Serialize for Full<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let [Section { found: days, .. }, ..] = self.sections {
            let total = &days.analysis.total;
            groups::write_window(&mut map, &days.analysis, self.zone)?;
            map.serialize_entry("total", &Document::total(total))?;
            map.serialize_entry("shares", &Shares(total))?;
        }
        for Section { name, found, .. } in self.sections {
            map.serialize_entry(name, &Document::groups(&found.analysis))?;
        }
        if let Some(models) = self.sections.iter().find(|section| section.name == MODELS) {
            map.serialize_entry("efficiency", &Efficiencies(&models.found))?;
        }
        let alerts: Vec<_> = self.raised.iter().map(ShownRaised).collect();
        map.serialize_entry("alerts", &alerts)?;
        map.end()
    }
}

/// What was had for the money, in all and by model.
struct Efficiencies<'a>(&'a Efficient);

impl Serialize for Efficiencies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("total", &self.0.document())?;
        map.serialize_entry(MODELS, &self.0.documents())?;
        map.end()
    }
}

/// Shares of the requests, 0 to 1 to six decimals; `null` where there are none.
struct Shares<'a>(&'a Sums);

impl Serialize for Shares<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, _, of) in SHARES {
            let share = centime_insight::share(of(self.0).into(), self.0.requests.into());
            map.serialize_entry(name, &Value::optional_number(share))?;
        }
        map.end()
    }
}

pub(super) fn schemas() -> Vec<schema::Named> {
    let share = |(name, words, _): Share| {
        (name, schema::described(Kind::Maybe(&Kind::Number).schema(), words))
    };
    let shares = schema::object("Shares of the requests, 0 to 1.", SHARES.map(share));
    let list = |name: &str| schema::list(&schema::named(name));
    let efficiency = [("total", schema::named("RatedSums")), (MODELS, list("RatedGroup"))];
    let efficiency = schema::object("What was had for the money.", efficiency);
    let sections = SECTIONS.map(|(name, title, _)| (name, schema::described(list("Group"), title)));
    let members = [
        ("total", schema::named("Sums")),
        ("shares", shares),
        ("efficiency", efficiency),
        ("alerts", list("Alert")),
    ];
    let members = groups::window_members().into_iter().chain(members).chain(sections);
    vec![("FullReport", schema::object("The whole report in one.", members))]
}
