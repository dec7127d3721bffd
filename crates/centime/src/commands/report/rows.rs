//! Groups of a report, as rows and as JSON.

use centime_insight::{Analysis, Group};
use centime_ledger::Sums;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::output::{Align, Decimal, Table, count, dollars};

/// What a group without a value is called in a table.
const NONE: &str = "—";

/// A table of groups: their keys, then their sums, and the total below.
pub(crate) fn group_table(keys: &[&str], groups: &[Group], total: Option<&Sums>) -> Table {
    let shows = |of: fn(&Sums) -> i64| {
        groups.iter().map(|group| &group.sums).chain(total).any(|sums| of(sums) != 0)
    };
    let optional: Vec<&Figure> = OPTIONAL.iter().filter(|(_, of)| shows(*of)).collect();
    let columns = keys
        .iter()
        .map(|key| (*key, Align::Left))
        .chain(FIGURES.iter().map(|name| (*name, Align::Right)))
        .chain(optional.iter().map(|(name, _)| (*name, Align::Right)));
    let mut table = Table::new(columns);
    let figures = |sums: &Sums| {
        let fixed = [
            dollars(sums.cost),
            count(sums.requests.into()),
            count(sums.input_tokens),
            count(sums.output_tokens),
            count(sums.total_tokens()),
        ];
        let optional = optional.iter().map(|(_, of)| count(of(sums).into()));
        fixed.into_iter().chain(optional).collect::<Vec<_>>()
    };
    for group in groups {
        let key = group.key.iter().map(|value| value.clone().unwrap_or_else(|| NONE.to_owned()));
        table.row(key.chain(figures(&group.sums)).collect());
    }
    if let Some(total) = total {
        let mut key = vec![String::new(); keys.len()];
        if let Some(first) = key.first_mut() {
            *first = "total".to_owned();
        }
        table.footer(key.into_iter().chain(figures(total)).collect());
    }
    table
}

/// The figures that every table has.
const FIGURES: &[&str] = &["cost", "requests", "input tokens", "output tokens", "total tokens"];

/// A column's name and its figure.
type Figure = (&'static str, fn(&Sums) -> i64);

/// The figures that a table has where one of its rows has something there.
const OPTIONAL: &[Figure] = &[
    ("unpriced", |sums| sums.unpriced_requests),
    ("estimated", |sums| sums.estimated_requests),
    ("in doubt", |sums| sums.in_doubt_requests),
    ("cached", |sums| sums.cached_requests),
    ("failed", |sums| sums.failed_requests),
];

/// The table of an analysis, the rest as its last row.
pub(crate) fn analysis_table(analysis: &Analysis) -> Table {
    let keys: Vec<String> = analysis.by.iter().map(ToString::to_string).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut groups = analysis.groups.clone();
    if let Some(rest) = analysis.rest {
        let mut key = vec![Some(String::new()); keys.len()];
        if let Some(first) = key.first_mut() {
            *first = Some("(other)".to_owned());
        }
        groups.push(Group { key, sums: rest });
    }
    group_table(&keys, &groups, Some(&analysis.total))
}

/// The sums of a group as JSON, its keys before them.
pub(crate) struct Document<'a> {
    keys: Vec<(String, Option<String>)>,
    is_rest: bool,
    sums: &'a Sums,
}

impl<'a> Document<'a> {
    /// A group.
    pub(crate) fn new(keys: &[&str], values: Vec<Option<String>>, sums: &'a Sums) -> Self {
        let keys = keys.iter().map(|&key| key.to_owned()).zip(values).collect();
        Self { keys, is_rest: false, sums }
    }

    /// All together.
    pub(crate) fn total(sums: &'a Sums) -> Self {
        Self { keys: Vec::new(), is_rest: false, sums }
    }

    fn rest(sums: &'a Sums) -> Self {
        Self { is_rest: true, ..Self::total(sums) }
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.keys {
            map.serialize_entry(key, value)?;
        }
        if self.is_rest {
            map.serialize_entry("other", &true)?;
        }
        let sums = self.sums;
        map.serialize_entry("cost", &Decimal(sums.cost))?;
        map.serialize_entry("requests", &sums.requests)?;
        map.serialize_entry("input_tokens", &Decimal(sums.input_tokens))?;
        map.serialize_entry("output_tokens", &Decimal(sums.output_tokens))?;
        map.serialize_entry("total_tokens", &Decimal(sums.total_tokens()))?;
        map.serialize_entry("cache_read_tokens", &Decimal(sums.cache_read_tokens))?;
        map.serialize_entry("unpriced_requests", &sums.unpriced_requests)?;
        map.serialize_entry("estimated_requests", &sums.estimated_requests)?;
        map.serialize_entry("in_doubt_requests", &sums.in_doubt_requests)?;
        map.serialize_entry("cached_requests", &sums.cached_requests)?;
        map.serialize_entry("failed_requests", &sums.failed_requests)?;
        map.serialize_entry("saved", &Decimal(sums.saved))?;
        map.end()
    }
}

/// A report as JSON.
pub(crate) struct Answer<'a> {
    /// What was found.
    pub analysis: &'a Analysis,
    /// The zone's name.
    pub zone: &'a str,
}

impl Answer<'_> {
    /// The groups, the rest as the last one.
    pub(crate) fn groups(&self) -> Vec<Document<'_>> {
        let keys: Vec<String> = self.analysis.by.iter().map(ToString::to_string).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let groups = self.analysis.groups.iter();
        let groups = groups.map(|group| Document::new(&keys, group.key.clone(), &group.sums));
        groups.chain(self.analysis.rest.as_ref().map(Document::rest)).collect()
    }
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let window = self.analysis.window;
        let by: Vec<String> = self.analysis.by.iter().map(ToString::to_string).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("since", &window.since.map(|since| since.to_string()))?;
        map.serialize_entry("until", &window.until.map(|until| until.to_string()))?;
        map.serialize_entry("tz", self.zone)?;
        map.serialize_entry("by", &by)?;
        map.serialize_entry("total", &Document::total(&self.analysis.total))?;
        map.serialize_entry("groups", &self.groups())?;
        map.end()
    }
}
