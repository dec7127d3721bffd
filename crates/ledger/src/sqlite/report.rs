//! Adding entries up by group.
//!
//! From rollups where they have the answer. What is read of the entries is one pass over the columns
//! that count, in the order in which they lie, adding in Rust: SQLite would sort the rows for a
//! `GROUP BY`, add in 64 bits, and know no time zone.

use std::cell::RefCell;
use std::collections::HashMap;

use centime_core::time::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, params_from_iter};

use super::dictionary::{Context, Dictionary};
use super::fault::Fault;
use super::moment;
use super::read::{AT, CONTEXT, COUNTED_COLUMNS, SESSION, TAGS, read_counted};
use super::rollups::{self, Answer};
use super::select::Selection;
use crate::calendar;
use crate::query::{Dimension, EntryFilter};
use crate::report::{GroupKey, GroupRow, ReportQuery};
use crate::rollup::{Family, Plan};
use crate::sums::{Counted, Sums};

/// Fifteen minutes in microseconds: clocks are changed, and hours begin, at multiples of it, with
/// few exceptions.
const QUARTER_US: i64 = 15 * 60 * 1_000_000;

type Groups = HashMap<Vec<Option<String>>, Sums>;

/// The sums of the entries that match, by group: from rollups as far as they go.
pub(super) fn report(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    query: &ReportQuery,
) -> Result<Vec<GroupRow>, Fault> {
    // What rollups and entries say must be of one moment.
    let _moment = moment(db)?;
    let mut groups = match planned(db, query)? {
        Some(answer) => {
            let mut groups = answer.groups;
            for window in answer.raw {
                let filter = EntryFilter { window, ..query.filter.clone() };
                let edge = ReportQuery { filter, ..query.clone() };
                for (key, sums) in from_entries(db, dictionary, &edge)? {
                    *groups.entry(key).or_default() += sums;
                }
            }
            groups
        }
        None => from_entries(db, dictionary, query)?,
    };
    if query.by.is_empty() {
        groups.entry(Vec::new()).or_default();
    }
    Ok(groups.into_iter().map(|(key, sums)| GroupRow { key, sums }).collect())
}

/// Whether entries must be read one by one for an answer, beyond those at the edges of its window.
pub(super) fn reads_entries(db: &Connection, query: &ReportQuery) -> Result<bool, Fault> {
    Ok(plan(query, &rollups::families(db)?).is_none())
}

fn planned(db: &Connection, query: &ReportQuery) -> Result<Option<Answer>, Fault> {
    let families = rollups::families(db)?;
    let Some(plan) = plan(query, &families) else { return Ok(None) };
    let Some(family) = families.get(plan.family) else { return Ok(None) };
    rollups::answer(db, query, plan, family).map(Some)
}

fn plan(query: &ReportQuery, families: &[(i64, Family)]) -> Option<Plan> {
    let families: Vec<Family> = families.iter().map(|(_, family)| family.clone()).collect();
    Plan::of(query, &families)
}

/// The sums of the entries that match, read one by one.
fn from_entries(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    query: &ReportQuery,
) -> Result<Groups, Fault> {
    add_up(db, dictionary, query, ("", "entries"), |group: &mut Sums, _, counted| {
        *group += Sums::of_counted(counted);
        Ok(())
    })
}

/// Adds up the rows of a table that match, by group: `entries`, with further columns or without.
pub(super) fn add_up<T: Default>(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    query: &ReportQuery,
    (further_columns, table): (&str, &str),
    add: impl Fn(&mut T, &Row<'_>, &Counted) -> Result<(), Fault>,
) -> Result<HashMap<Vec<Option<String>>, T>, Fault> {
    let selection = Selection::of(db, &query.filter)?;
    let meant = selection.sql();
    let sql = format!("SELECT {COUNTED_COLUMNS}{further_columns} FROM {table} {meant}");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(selection.values()))?;

    let mut columns: Vec<KeyColumn<'_>> =
        query.by.iter().map(|key| KeyColumn::new(key, &query.zone)).collect();
    let mut groups: HashMap<Vec<usize>, T> = HashMap::new();
    let mut key = Vec::with_capacity(columns.len());
    while let Some(row) = rows.next()? {
        let counted = read_counted(row)?;
        key.clear();
        for column in &mut columns {
            key.push(column.value_of(row, &counted, db, dictionary)?);
        }
        match groups.get_mut(key.as_slice()) {
            Some(group) => add(group, row, &counted)?,
            None => add(groups.entry(key.clone()).or_default(), row, &counted)?,
        }
    }
    Ok(groups.into_iter().map(|(key, sums)| (texts(&columns, &key), sums)).collect())
}

fn texts(columns: &[KeyColumn<'_>], key: &[usize]) -> Vec<Option<String>> {
    let text = |(column, &value): (&KeyColumn<'_>, &usize)| column.values.texts[value].clone();
    columns.iter().zip(key).map(text).collect()
}

/// One column of the key: its values, numbered as they are met.
struct KeyColumn<'query> {
    key: &'query GroupKey,
    zone: &'query TimeZone,
    values: Values,
    /// The value of each number that a row can have here; `None` for a quarter of an hour in which
    /// the clocks are changed.
    met: HashMap<i64, Option<usize>>,
}

/// Texts, each numbered once.
#[derive(Default)]
struct Values {
    texts: Vec<Option<String>>,
    numbers: HashMap<Option<String>, usize>,
}

impl Values {
    fn number_of(&mut self, text: Option<String>) -> usize {
        *self.numbers.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            self.texts.len() - 1
        })
    }
}

impl<'query> KeyColumn<'query> {
    fn new(key: &'query GroupKey, zone: &'query TimeZone) -> Self {
        Self { key, zone, values: Values::default(), met: HashMap::new() }
    }

    /// The number of a row's value.
    fn value_of(
        &mut self,
        row: &Row<'_>,
        counted: &Counted,
        db: &Connection,
        dictionary: &RefCell<Dictionary>,
    ) -> Result<usize, Fault> {
        match self.key {
            GroupKey::Date => self.moment_of(row, calendar::date),
            GroupKey::Hour => self.moment_of(row, calendar::hour),
            GroupKey::Dimension(Dimension::Status) => Ok(self.word(counted.status.name())),
            GroupKey::Dimension(Dimension::PricingStatus) => {
                Ok(self.word(counted.pricing_status.name()))
            }
            GroupKey::Dimension(Dimension::UsageSource) => {
                Ok(self.word(counted.usage_source.name()))
            }
            GroupKey::Dimension(Dimension::Session) => {
                let session: Option<i64> = row.get(SESSION)?;
                self.met_or(session.unwrap_or(0), || {
                    let name =
                        session.map(|id| dictionary.borrow_mut().name(db, id)).transpose()?;
                    Ok(name.map(|name| name.to_string()))
                })
            }
            GroupKey::Dimension(Dimension::Tag(name)) => {
                let tags: Option<i64> = row.get(TAGS)?;
                self.met_or(tags.unwrap_or(0), || {
                    let tags = tags.map(|id| dictionary.borrow_mut().tags(db, id)).transpose()?;
                    Ok(tags.and_then(|tags| tags.get(name).cloned()))
                })
            }
            GroupKey::Dimension(dimension) => {
                let context = row.get(CONTEXT)?;
                self.met_or(context, || {
                    let context = dictionary.borrow_mut().context(db, context)?;
                    Ok(context.value(dimension).map(str::to_owned))
                })
            }
        }
    }

    fn word(&mut self, word: &str) -> usize {
        self.values.number_of(Some(word.to_owned()))
    }

    fn met_or(
        &mut self,
        id: i64,
        text: impl FnOnce() -> Result<Option<String>, Fault>,
    ) -> Result<usize, Fault> {
        if let Some(&Some(value)) = self.met.get(&id) {
            return Ok(value);
        }
        let value = self.values.number_of(text()?);
        self.met.insert(id, Some(value));
        Ok(value)
    }

    /// The value of a moment, worked out once a quarter of an hour, unless the clocks name the start
    /// and the end of it differently.
    fn moment_of(
        &mut self,
        row: &Row<'_>,
        name: fn(Timestamp, &TimeZone) -> String,
    ) -> Result<usize, Fault> {
        let at: i64 = row.get(AT)?;
        let quarter = at.div_euclid(QUARTER_US);
        let met = match self.met.get(&quarter) {
            Some(&met) => met,
            None => {
                let start = quarter.saturating_mul(QUARTER_US);
                let end = start.saturating_add(QUARTER_US - 1);
                let names = [start, end].map(|at| name(Timestamp::from_micros(at), self.zone));
                let [first, last] = names;
                let met = (first == last).then(|| self.values.number_of(Some(first)));
                self.met.insert(quarter, met);
                met
            }
        };
        Ok(met.unwrap_or_else(|| {
            self.values.number_of(Some(name(Timestamp::from_micros(at), self.zone)))
        }))
    }
}

impl Context {
    /// The value of a dimension that is the context's own.
    pub(super) fn value(&self, dimension: &Dimension) -> Option<&str> {
        match dimension {
            Dimension::Source => Some(&self.source),
            Dimension::Model => Some(&self.model),
            Dimension::Provider => self.provider.as_deref(),
            Dimension::User => self.user.as_deref(),
            Dimension::Team => self.team.as_deref(),
            Dimension::Project => self.project.as_deref(),
            Dimension::Key => self.key.as_deref(),
            Dimension::Tag(_)
            | Dimension::Session
            | Dimension::Status
            | Dimension::PricingStatus
            | Dimension::UsageSource => None,
        }
    }
}
