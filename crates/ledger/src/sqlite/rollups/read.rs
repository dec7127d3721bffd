//! Answering questions from rollups.

use std::collections::HashMap;

use centime_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::keep::{SUM_COLUMNS, read_sums};
use crate::calendar;
use crate::query::Window;
use crate::report::{GroupKey, ReportQuery};
use crate::rollup::{Family, Level, Plan, Read};
use crate::sqlite::fault::Fault;
use crate::sums::Sums;

/// The sums by group, and what entries must be read for besides.
pub(in crate::sqlite) struct Answer {
    /// By the values of the question's keys.
    pub(in crate::sqlite) groups: HashMap<Vec<Option<String>>, Sums>,
    /// The windows whose entries are not in the sums.
    pub(in crate::sqlite) raw: Vec<Window>,
}

/// Reads the periods of a plan.
pub(in crate::sqlite) fn answer(
    db: &Connection,
    query: &ReportQuery,
    plan: Plan,
    (id, family): &(i64, Family),
) -> Result<Answer, Fault> {
    let mut reader = Reader {
        query,
        members: Members::of(db, query, *id, family)?,
        moments: HashMap::new(),
        names: Vec::new(),
        sums: HashMap::new(),
        raw: plan.raw,
    };
    for read in &plan.reads {
        reader.read(db, *id, *read)?;
    }
    Ok(reader.finish())
}

/// The series of a family that a question is about.
struct Members {
    /// The group of a series; series that are not asked about have none.
    groups: HashMap<i64, usize>,
    /// The values of a group, for the keys that are no moments.
    values: Vec<Vec<Option<String>>>,
}

impl Members {
    fn of(db: &Connection, query: &ReportQuery, id: i64, family: &Family) -> Result<Self, Fault> {
        let mut members = Self { groups: HashMap::new(), values: Vec::new() };
        let mut known: HashMap<Vec<Option<String>>, usize> = HashMap::new();
        let mut statement = db.prepare_cached("SELECT id, member FROM series WHERE family = ?1")?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(1)?;
            let values: Vec<Option<String>> = serde_json::from_str(&text)
                .map_err(|error| Fault::Damaged(format!("the series `{text}`: {error}")))?;
            let value = |dimension| {
                let place = family.place_of(dimension)?;
                values.get(place).cloned().flatten()
            };
            let is_asked = query
                .filter
                .conditions
                .iter()
                .all(|(dimension, wanted)| wanted.accepts(value(dimension).as_deref()));
            if !is_asked {
                continue;
            }
            let dimensions = query.by.iter().filter_map(|key| match key {
                GroupKey::Dimension(dimension) => Some(value(dimension)),
                GroupKey::Date | GroupKey::Hour => None,
            });
            let group = *known.entry(dimensions.collect()).or_insert_with_key(|values| {
                members.values.push(values.clone());
                members.values.len() - 1
            });
            members.groups.insert(row.get(0)?, group);
        }
        Ok(members)
    }
}

struct Reader<'query> {
    query: &'query ReportQuery,
    members: Members,
    /// The name of each period that was met, by its number; `None` where its start and its end have
    /// different ones, so that it lies in two groups.
    moments: HashMap<(Level, i64), Option<usize>>,
    /// The values of the keys that are moments.
    names: Vec<Vec<String>>,
    /// By the group of the series and the name of the period.
    sums: HashMap<(usize, usize), Sums>,
    raw: Vec<Window>,
}

impl Reader<'_> {
    fn read(&mut self, db: &Connection, family: i64, read: Read) -> Result<(), Fault> {
        let sql = format!(
            "SELECT period, series, {SUM_COLUMNS} FROM rollups \
             WHERE family = ?1 AND level = ?2 AND period >= ?3 AND period < ?4"
        );
        let mut statement = db.prepare_cached(&sql)?;
        let values = params![family, read.level.code(), read.from, read.until];
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let Some(&group) = self.members.groups.get(&row.get(1)?) else { continue };
            if let Some(name) = self.name_of(read.level, row.get(0)?) {
                *self.sums.entry((group, name)).or_default() += read_sums(row, 2)?;
            }
        }
        Ok(())
    }

    /// The name of a period; where it has two, its entries are read instead.
    fn name_of(&mut self, level: Level, period: i64) -> Option<usize> {
        if let Some(&known) = self.moments.get(&(level, period)) {
            return known;
        }
        let (start, end) = (level.start_of(period), level.start_of(period.saturating_add(1)));
        let names = [start, end.saturating_sub(1)].map(|at| self.names_at(at));
        let [first, last] = names;
        let name = (first == last).then(|| self.number_of(first));
        if name.is_none() {
            let moment = |at| Some(Timestamp::from_micros(at));
            self.raw.push(Window { since: moment(start), until: moment(end) });
        }
        self.moments.insert((level, period), name);
        name
    }

    fn names_at(&self, at_us: i64) -> Vec<String> {
        let at = Timestamp::from_micros(at_us);
        let keys = self.query.by.iter();
        keys.filter_map(|key| match key {
            GroupKey::Date => Some(calendar::date(at, &self.query.zone)),
            GroupKey::Hour => Some(calendar::hour(at, &self.query.zone)),
            GroupKey::Dimension(_) => None,
        })
        .collect()
    }

    fn number_of(&mut self, names: Vec<String>) -> usize {
        match self.names.iter().rposition(|known| *known == names) {
            Some(number) => number,
            None => {
                self.names.push(names);
                self.names.len() - 1
            }
        }
    }

    fn finish(self) -> Answer {
        let mut groups = HashMap::new();
        for ((group, name), sums) in self.sums {
            let mut values = self.members.values[group].iter().cloned();
            let mut moments = self.names[name].iter();
            let key = self.query.by.iter().map(|key| match key {
                GroupKey::Dimension(_) => values.next().flatten(),
                GroupKey::Date | GroupKey::Hour => moments.next().cloned(),
            });
            groups.insert(key.collect(), sums);
        }
        Answer { groups, raw: self.raw }
    }
}
