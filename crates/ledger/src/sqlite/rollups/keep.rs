//! Adding entries to rollups: in memory while a batch is written, and into the file at its end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::sheet::{Known, Sheet};
use crate::query::Dimension;
use crate::rollup::{Family, Level};
use crate::sqlite::REMEMBERED_MAX;
use crate::sqlite::fault::Fault;
use crate::sqlite::wide::Wide;
use crate::sums::Sums;
use centime_core::money::TotalPicoUsd;

/// The columns of the sums, in the order of [`read_sums`].
pub(super) const SUM_COLUMNS: &str = "requests, charge_pico_usd, saved_pico_usd, input_tokens, \
     cache_read_tokens, output_tokens, unpriced_requests, estimated_requests, in_doubt_requests, \
     cached_requests, failed_requests";

/// How many sums are held in memory before they are written.
const WAITING_MAX: usize = 200_000;

/// The places of an entry's series in the sheets, a family each.
type Places = Box<[Option<usize>]>;

/// What a writer adds up, and which series it knows.
#[derive(Debug)]
pub(in crate::sqlite) struct Rollups {
    numbering: Numbering,
    families: Vec<(i64, Family)>,
    /// The series of a context; nothing for the families of tags.
    by_context: Known<i64, Places>,
    /// The series of an entry's tags; nothing for the other families.
    by_tags: Known<Option<i64>, Places>,
    /// What was added and is not in the file yet, a family each.
    sheets: Vec<Sheet>,
}

/// Who gives series their numbers.
#[derive(Debug)]
pub(in crate::sqlite) enum Numbering {
    /// The file, which keeps them; those that were asked for are remembered.
    File(Known<(i64, String), i64>),
    /// A list in memory, where they are made anew.
    Anew(Arc<Numbers>),
}

/// Series that were made anew, by family and member.
pub(in crate::sqlite) type Numbers = Mutex<HashMap<(i64, String), i64>>;

/// Sums that were added up and are not written yet: a family each, by its finest level.
#[derive(Debug)]
pub(in crate::sqlite) struct Waiting(Vec<BTreeMap<(i64, i64), Sums>>);

impl Rollups {
    /// Rollups of these families.
    pub(in crate::sqlite) fn new(numbering: Numbering, families: Vec<(i64, Family)>) -> Self {
        let finest = |family: &Family| family.levels().first().copied().unwrap_or(Level::Month);
        Self {
            numbering,
            sheets: families.iter().map(|(_, family)| Sheet::new(finest(family))).collect(),
            families,
            by_context: Known::default(),
            by_tags: Known::default(),
        }
    }

    /// The families that they are of, with their numbers.
    pub(in crate::sqlite) fn families(&self) -> &[(i64, Family)] {
        &self.families
    }

    /// Whether so much waits that it should be written.
    pub(in crate::sqlite) fn is_full(&self) -> bool {
        self.sheets.iter().map(Sheet::waiting).sum::<usize>() > WAITING_MAX
    }

    /// Adds an entry. Its values are asked for only where its context or its tags are new.
    pub(in crate::sqlite) fn add(
        &mut self,
        db: &Connection,
        entry: &Placed<'_>,
        sums: &Sums,
    ) -> Result<(), Fault> {
        if !self.by_context.contains_key(&entry.context) {
            let places = self.places(db, entry, |family| family.tag().is_none())?;
            remember(&mut self.by_context, entry.context, places);
        }
        if !self.by_tags.contains_key(&entry.tags) {
            let places = self.places(db, entry, |family| family.tag().is_some())?;
            remember(&mut self.by_tags, entry.tags, places);
        }
        let known = self.by_context.get(&entry.context).zip(self.by_tags.get(&entry.tags));
        let Some((by_context, by_tags)) = known else { return Ok(()) };
        let places = by_context.iter().zip(by_tags).map(|(one, other)| one.or(*other));
        for (sheet, place) in self.sheets.iter_mut().zip(places) {
            if let Some(place) = place {
                sheet.add(entry.at_us, place, sums);
            }
        }
        Ok(())
    }

    /// Adds what was added to what the file has, at every level.
    pub(in crate::sqlite) fn flush(&mut self, db: &Connection) -> Result<(), Fault> {
        self.drain().write(db, "main", &self.families)
    }

    /// Takes out what was added.
    pub(in crate::sqlite) fn drain(&mut self) -> Waiting {
        let waiting = self.sheets.iter_mut().map(Sheet::drain).collect();
        if self.sheets.iter().any(|sheet| sheet.series() > REMEMBERED_MAX) {
            self.sheets.iter_mut().for_each(Sheet::forget);
            self.by_context.clear();
            self.by_tags.clear();
        }
        Waiting(waiting)
    }

    /// The places of an entry's series in the families that are wanted.
    fn places(
        &mut self,
        db: &Connection,
        entry: &Placed<'_>,
        is_wanted: impl Fn(&Family) -> bool,
    ) -> Result<Places, Fault> {
        let sheets = self.families.iter().zip(&mut self.sheets);
        let places = sheets.map(|((id, family), sheet)| {
            if !is_wanted(family) {
                return Ok(None);
            }
            let series = self.numbering.number(db, *id, entry.member(family)?)?;
            Ok(Some(sheet.place_of(series)))
        });
        places.collect()
    }
}

impl Waiting {
    /// Adds it to what a database has, at every level.
    pub(in crate::sqlite) fn write(
        self,
        db: &Connection,
        schema: &str,
        families: &[(i64, Family)],
    ) -> Result<(), Fault> {
        for (mut level, (id, family)) in self.0.into_iter().zip(families) {
            let mut levels = family.levels().iter().peekable();
            while let Some(&fine) = levels.next() {
                write(db, schema, *id, fine, &level)?;
                if let Some(&&coarse) = levels.peek() {
                    level = folded(&level, fine, coarse);
                }
            }
        }
        Ok(())
    }
}

impl Numbering {
    /// As the file has them.
    pub(in crate::sqlite) fn of_file() -> Self {
        Self::File(Known::default())
    }

    fn number(&mut self, db: &Connection, family: i64, member: String) -> Result<i64, Fault> {
        match self {
            Self::File(known) => {
                let key = (family, member);
                if let Some(&number) = known.get(&key) {
                    return Ok(number);
                }
                let number = find_or_add(db, family, &key.1)?;
                remember(known, key, number);
                Ok(number)
            }
            Self::Anew(numbers) => {
                let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
                let next = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
                Ok(*numbers.entry((family, member)).or_insert(next))
            }
        }
    }
}

/// An entry as rollups see it.
pub(in crate::sqlite) struct Placed<'entry> {
    /// When it was made, in microseconds since 1970.
    pub(in crate::sqlite) at_us: i64,
    /// The number of its context.
    pub(in crate::sqlite) context: i64,
    /// The number of its tags.
    pub(in crate::sqlite) tags: Option<i64>,
    /// Its value of a dimension.
    pub(in crate::sqlite) value: &'entry dyn Fn(&Dimension) -> Option<String>,
}

impl Placed<'_> {
    /// Which member of a family it is.
    fn member(&self, family: &Family) -> Result<String, Fault> {
        let values: Vec<Option<String>> = family.dimensions().iter().map(self.value).collect();
        let text = serde_json::to_string(&values);
        text.map_err(|error| Fault::Damaged(format!("a series cannot be named: {error}")))
    }
}

fn remember<K: Eq + std::hash::Hash, V>(known: &mut Known<K, V>, key: K, value: V) {
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(key, value);
}

fn find_or_add(db: &Connection, family: i64, member: &str) -> Result<i64, Fault> {
    let find = "SELECT id FROM series WHERE family = ?1 AND member = ?2";
    let found = db.prepare_cached(find)?.query_row(params![family, member], |row| row.get(0));
    match found.optional()? {
        Some(id) => Ok(id),
        None => {
            let add = "INSERT INTO series (family, member) VALUES (?1, ?2)";
            Ok(db.prepare_cached(add)?.insert(params![family, member])?)
        }
    }
}

/// The sums of the periods of a finer level by those of a coarser one.
fn folded(
    sums: &BTreeMap<(i64, i64), Sums>,
    fine: Level,
    coarse: Level,
) -> BTreeMap<(i64, i64), Sums> {
    let mut folded: BTreeMap<(i64, i64), Sums> = BTreeMap::new();
    for (&(period, series), &more) in sums {
        *folded.entry((coarse.period_of(fine.start_of(period)), series)).or_default() += more;
    }
    folded
}

fn write(
    db: &Connection,
    schema: &str,
    family: i64,
    level: Level,
    sums: &BTreeMap<(i64, i64), Sums>,
) -> Result<(), Fault> {
    let mut find = db.prepare_cached(&format!(
        "SELECT {SUM_COLUMNS} FROM {schema}.rollups \
         WHERE family = ?1 AND level = ?2 AND period = ?3 AND series = ?4"
    ))?;
    let mut put = db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO {schema}.rollups (family, level, period, series, {SUM_COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    ))?;
    let level = level.code();
    for (&(period, series), &more) in sums {
        let kept = find.query_row(params![family, level, period, series], |row| read_sums(row, 0));
        let mut sums = kept.optional()?.unwrap_or_default();
        sums += more;
        put.execute(params![
            family,
            level,
            period,
            series,
            sums.requests,
            Wide(sums.cost.pico()),
            Wide(sums.saved.pico()),
            Wide(sums.input_tokens),
            Wide(sums.cache_read_tokens),
            Wide(sums.output_tokens),
            sums.unpriced_requests,
            sums.estimated_requests,
            sums.in_doubt_requests,
            sums.cached_requests,
            sums.failed_requests,
        ])?;
    }
    Ok(())
}

/// Reads [`SUM_COLUMNS`] from a column on.
pub(super) fn read_sums(row: &Row<'_>, first: usize) -> rusqlite::Result<Sums> {
    let wide = |column: usize| row.get::<_, Wide>(first + column).map(|sum| sum.0);
    let count = |column: usize| row.get::<_, i64>(first + column);
    Ok(Sums {
        requests: count(0)?,
        cost: TotalPicoUsd::from_pico(wide(1)?),
        saved: TotalPicoUsd::from_pico(wide(2)?),
        input_tokens: wide(3)?,
        cache_read_tokens: wide(4)?,
        output_tokens: wide(5)?,
        unpriced_requests: count(6)?,
        estimated_requests: count(7)?,
        in_doubt_requests: count(8)?,
        cached_requests: count(9)?,
        failed_requests: count(10)?,
    })
}
