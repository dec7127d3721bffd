//! A filter as the condition of a statement.
//!
//! Which texts are meant is decided here, by [`Match::accepts`] alone; SQLite sees only numbers, as
//! one JSON array a condition. So no text is ever part of a statement, and a list may be of any length.

use centime_core::entry::{PricingStatus, Status, UsageSource};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::codec;
use super::fault::Fault;
use super::schema::Kind;
use crate::query::{Dimension, EntryFilter, Match};

/// The condition of a statement over `entries`, with its values.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    clauses: Vec<String>,
    values: Vec<Value>,
}

impl Selection {
    /// The entries that a filter lets through.
    pub(super) fn of(db: &Connection, filter: &EntryFilter) -> Result<Self, Fault> {
        let mut selection = Self::default();
        if let Some(since) = filter.window.since {
            selection.require("at >= ?", Value::Integer(since.micros()));
        }
        if let Some(until) = filter.window.until {
            selection.require("at < ?", Value::Integer(until.micros()));
        }
        for (dimension, wanted) in &filter.conditions {
            let (clause, ids) = condition(db, dimension, wanted)?;
            selection.require(&clause, Value::Text(json_array(&ids)));
        }
        Ok(selection)
    }

    /// Adds a clause with one `?` that must hold as well.
    pub(super) fn require(&mut self, clause: &str, value: Value) {
        self.clauses.push(clause.to_owned());
        self.values.push(value);
    }

    /// The `WHERE` of the statement; empty where everything is meant.
    pub(super) fn sql(&self) -> String {
        if self.clauses.is_empty() {
            return String::new();
        }
        format!("WHERE {}", self.clauses.join(" AND "))
    }

    /// The values for the `?`, in order.
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }
}

/// The clause of one condition, and the numbers it lets through.
fn condition(
    db: &Connection,
    dimension: &Dimension,
    wanted: &Match,
) -> Result<(String, Vec<i64>), Fault> {
    const LISTED: &str = "IN (SELECT value FROM json_each(?))";
    let named = |kind: Kind| names(db, kind, |text| Ok(wanted.accepts(text)));
    let in_context = |column: &str| {
        format!("context IN (SELECT id FROM contexts WHERE ifnull({column}, 0) {LISTED})")
    };
    let coded = |codes: Vec<(u8, &str)>| {
        let accepted = codes.into_iter().filter(|(_, name)| wanted.accepts(Some(name)));
        accepted.map(|(code, _)| i64::from(code)).collect()
    };
    Ok(match dimension {
        Dimension::Source => (in_context("source"), named(Kind::Source)?),
        Dimension::Model => (in_context("model"), named(Kind::Model)?),
        Dimension::Provider => (in_context("provider"), named(Kind::Provider)?),
        Dimension::User => (in_context("user"), named(Kind::User)?),
        Dimension::Team => (in_context("team"), named(Kind::Team)?),
        Dimension::Project => (in_context("project"), named(Kind::Project)?),
        Dimension::Key => (in_context("key"), named(Kind::Key)?),
        Dimension::Session => (format!("ifnull(session, 0) {LISTED}"), named(Kind::Session)?),
        Dimension::Tag(name) => {
            let accepts = |tags: Option<&str>| {
                let tags = tags.map(codec::read_tags).transpose()?.unwrap_or_default();
                Ok(wanted.accepts(tags.get(name).map(String::as_str)))
            };
            (format!("ifnull(tags, 0) {LISTED}"), names(db, Kind::Tags, accepts)?)
        }
        Dimension::Status => {
            let codes = Status::ALL.iter().map(|status| (status.code(), status.name()));
            (format!("status {LISTED}"), coded(codes.collect()))
        }
        Dimension::PricingStatus => {
            let codes = PricingStatus::ALL.iter().map(|status| (status.code(), status.name()));
            (format!("pricing_status {LISTED}"), coded(codes.collect()))
        }
        Dimension::UsageSource => {
            let codes = UsageSource::ALL.iter().map(|source| (source.code(), source.name()));
            (format!("usage_source {LISTED}"), coded(codes.collect()))
        }
    })
}

/// The numbers of the names of a kind that are accepted; 0 stands for having none.
fn names(
    db: &Connection,
    kind: Kind,
    accepts: impl Fn(Option<&str>) -> Result<bool, Fault>,
) -> Result<Vec<i64>, Fault> {
    let mut ids = Vec::new();
    if accepts(None)? {
        ids.push(0);
    }
    let mut statement = db.prepare_cached("SELECT id, text FROM names WHERE kind = ?1")?;
    let mut rows = statement.query([kind.word()])?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if accepts(Some(text))? {
            ids.push(row.get(0)?);
        }
    }
    Ok(ids)
}

fn json_array(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}
