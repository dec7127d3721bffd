//! Adding entries to rollups: in memory while a batch is written, and into the file at its end.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::wide::Wide;
use crate::query::Dimension;
use crate::rollup::{Family, Level};
use crate::sqlite::REMEMBERED_MAX;
use crate::sqlite::fault::Fault;
use crate::sums::Sums;
use centime_core::money::TotalPicoUsd;

/// The columns of the sums, in the order of [`read_sums`].
pub(super) const SUM_COLUMNS: &str = "requests, charge_pico_usd, saved_pico_usd, input_tokens, \
     cache_read_tokens, output_tokens, unpriced_requests, estimated_requests, in_doubt_requests, \
     cached_requests, failed_requests";

/// Sums by period and series.
type Sheet = Known<(i64, i64), Sums>;
/// What is looked up for every entry.
type Known<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What a writer adds up, and which series it knows.
#[derive(Debug)]
pub(in crate::sqlite) struct Rollups {
    /// The database that they are kept in: `main`, or `temp` where they are proved.
    schema: &'static str,
    families: Vec<(i64, Family)>,
    /// The series of a context, in the order of the families; nothing for those of tags.
    by_context: Known<i64, Arc<[Option<i64>]>>,
    /// The series of an entry's tags, in the order of the families; nothing for the others.
    by_tags: Known<Option<i64>, Arc<[Option<i64>]>>,
    /// What was added and is not in the file yet, a family each, by its finest level.
    sheets: Vec<Sheet>,
}

impl Rollups {
    /// Rollups of these families.
    pub(in crate::sqlite) fn new(schema: &'static str, families: Vec<(i64, Family)>) -> Self {
        Self {
            schema,
            sheets: vec![Sheet::default(); families.len()],
            families,
            by_context: Known::default(),
            by_tags: Known::default(),
        }
    }

    /// The families that they are of, with their numbers.
    pub(in crate::sqlite) fn families(&self) -> &[(i64, Family)] {
        &self.families
    }

    /// How many sums wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.sheets.iter().map(HashMap::len).sum()
    }

    /// Adds an entry. Its values are asked for only where its context or its tags are new.
    pub(in crate::sqlite) fn add(
        &mut self,
        db: &Connection,
        entry: &Placed<'_>,
        sums: Sums,
    ) -> Result<(), Fault> {
        let by_context = self.series_of_context(db, entry)?;
        let by_tags = self.series_of_tags(db, entry)?;
        let series = by_context.iter().zip(by_tags.iter()).map(|(one, other)| one.or(*other));
        for ((sheet, (_, family)), series) in self.sheets.iter_mut().zip(&self.families).zip(series)
        {
            let [finest, ..] = family.levels() else { continue };
            let Some(series) = series else { continue };
            *sheet.entry((finest.period_of(entry.at_us), series)).or_default() += sums;
        }
        Ok(())
    }

    /// Adds what was added to what the file has, at every level.
    pub(in crate::sqlite) fn flush(&mut self, db: &Connection) -> Result<(), Fault> {
        for (sheet, (id, family)) in self.sheets.iter_mut().zip(&self.families) {
            // In the order in which they lie in the file.
            let mut level: BTreeMap<(i64, i64), Sums> = sheet.drain().collect();
            let mut levels = family.levels().iter().peekable();
            while let Some(&fine) = levels.next() {
                write(db, self.schema, *id, fine, &level)?;
                if let Some(&&coarse) = levels.peek() {
                    level = folded(&level, fine, coarse);
                }
            }
        }
        Ok(())
    }

    fn series_of_context(
        &mut self,
        db: &Connection,
        entry: &Placed<'_>,
    ) -> Result<Arc<[Option<i64>]>, Fault> {
        if let Some(known) = self.by_context.get(&entry.context) {
            return Ok(Arc::clone(known));
        }
        let series = self.series(db, entry, |family| family.tag().is_none())?;
        remember(&mut self.by_context, entry.context, &series);
        Ok(series)
    }

    fn series_of_tags(
        &mut self,
        db: &Connection,
        entry: &Placed<'_>,
    ) -> Result<Arc<[Option<i64>]>, Fault> {
        if let Some(known) = self.by_tags.get(&entry.tags) {
            return Ok(Arc::clone(known));
        }
        let series = self.series(db, entry, |family| family.tag().is_some())?;
        remember(&mut self.by_tags, entry.tags, &series);
        Ok(series)
    }

    fn series(
        &self,
        db: &Connection,
        entry: &Placed<'_>,
        is_wanted: impl Fn(&Family) -> bool,
    ) -> Result<Arc<[Option<i64>]>, Fault> {
        let series = self.families.iter().map(|(id, family)| {
            let wanted = is_wanted(family).then_some(family);
            wanted
                .map(|family| find_or_add(db, self.schema, *id, &entry.member(family)?))
                .transpose()
        });
        series.collect()
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

fn remember<K: Eq + std::hash::Hash>(
    known: &mut Known<K, Arc<[Option<i64>]>>,
    key: K,
    series: &Arc<[Option<i64>]>,
) {
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(key, Arc::clone(series));
}

fn find_or_add(db: &Connection, schema: &str, family: i64, member: &str) -> Result<i64, Fault> {
    let find = format!("SELECT id FROM {schema}.series WHERE family = ?1 AND member = ?2");
    let found = db.prepare_cached(&find)?.query_row(params![family, member], |row| row.get(0));
    match found.optional()? {
        Some(id) => Ok(id),
        None => {
            let add = format!("INSERT INTO {schema}.series (family, member) VALUES (?1, ?2)");
            Ok(db.prepare_cached(&add)?.insert(params![family, member])?)
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
