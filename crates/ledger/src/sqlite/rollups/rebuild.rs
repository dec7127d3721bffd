//! Rollups made anew from the entries: for a family that is new, and to prove those that are there.

use std::cell::RefCell;
use std::sync::PoisonError;

use rusqlite::{Connection, params};

use super::families::families;
use super::keep::{Numbering, Numbers, Placed, Rollups, SUM_COLUMNS};
use crate::query::Dimension;
use crate::rollup::Family;
use crate::sqlite::dictionary::Dictionary;
use crate::sqlite::fault::Fault;
use crate::sqlite::read::{AT, CONTEXT, COUNTED_COLUMNS, TAGS, read_counted};
use crate::sums::{Counted, Sums};

/// Fills families, which are empty, from all entries.
pub(in crate::sqlite) fn fill(db: &Connection, families: Vec<(i64, Family)>) -> Result<(), Fault> {
    let dictionary = RefCell::default();
    let mut rollups = Rollups::new(Numbering::of_file(), families);
    let sql = format!("SELECT {COUNTED_COLUMNS} FROM entries ORDER BY seq");
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let kept = Kept { at_us: row.get(AT)?, context: row.get(CONTEXT)?, tags: row.get(TAGS)? };
        kept.add_to(&mut rollups, db, &dictionary, &read_counted(row)?)?;
        if rollups.is_full() {
            rollups.flush(db)?;
        }
    }
    rollups.flush(db)
}

/// The numbers of an entry that its place in rollups depends on.
pub(in crate::sqlite) struct Kept {
    pub(in crate::sqlite) at_us: i64,
    pub(in crate::sqlite) context: i64,
    pub(in crate::sqlite) tags: Option<i64>,
}

impl Kept {
    /// Adds an entry that was read.
    pub(in crate::sqlite) fn add_to(
        &self,
        rollups: &mut Rollups,
        db: &Connection,
        dictionary: &RefCell<Dictionary>,
        counted: &Counted,
    ) -> Result<(), Fault> {
        let context = dictionary.borrow_mut().context(db, self.context)?;
        let tags = self.tags.map(|id| dictionary.borrow_mut().tags(db, id)).transpose()?;
        let value = |dimension: &Dimension| match dimension {
            Dimension::Tag(name) => tags.as_ref().and_then(|tags| tags.get(name).cloned()),
            dimension => context.value(dimension).map(str::to_owned),
        };
        let Self { at_us, context, tags, .. } = *self;
        let placed = Placed { at_us, context, tags, value: &value };
        rollups.add(db, &placed, &Sums::of_counted(counted))
    }
}

/// Room for rollups beside those that are kept, to be made anew from the entries.
pub(in crate::sqlite) fn prepare_proof(db: &Connection) -> Result<(), Fault> {
    Ok(db.execute_batch(
        "DROP TABLE IF EXISTS temp.series; DROP TABLE IF EXISTS temp.rollups; \
         CREATE TEMP TABLE series (id INTEGER PRIMARY KEY, family INTEGER NOT NULL, \
         member TEXT NOT NULL, UNIQUE (family, member)); \
         CREATE TEMP TABLE rollups (family, level, period, series, requests, charge_pico_usd, \
         saved_pico_usd, input_tokens, cache_read_tokens, output_tokens, unpriced_requests, \
         estimated_requests, in_doubt_requests, cached_requests, failed_requests, \
         PRIMARY KEY (family, level, period, series)) WITHOUT ROWID;",
    )?)
}

/// Says which series the rollups that were made anew are of.
pub(in crate::sqlite) fn name_series(db: &Connection, numbers: &Numbers) -> Result<(), Fault> {
    let add = "INSERT INTO temp.series (id, family, member) VALUES (?1, ?2, ?3)";
    let mut add = db.prepare_cached(add)?;
    let numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
    for ((family, member), id) in &*numbers {
        add.execute(params![id, family, member])?;
    }
    Ok(())
}

/// Compares the rollups that are kept with those that were made anew; names what differs.
pub(in crate::sqlite) fn differences(db: &Connection) -> Result<Vec<String>, Fault> {
    if families(db)?.is_empty() {
        return Ok(Vec::new());
    }
    let side = |schema: &str| {
        format!(
            "SELECT families.name, level, period, member, {SUM_COLUMNS} FROM {schema}.rollups \
             JOIN {schema}.series AS series ON series.id = rollups.series \
             JOIN main.families AS families ON families.id = rollups.family"
        )
    };
    let mut found = Vec::new();
    for (one, other, what) in [
        ("main", "temp", "is not what the entries add up to"),
        ("temp", "main", "is missing, or not what the entries add up to"),
    ] {
        let sql = format!(
            "SELECT name, level, period, member FROM ({} EXCEPT {})",
            side(one),
            side(other)
        );
        let mut statement = db.prepare(&sql)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let (name, member): (String, String) = (row.get(0)?, row.get(3)?);
            let (level, period): (i64, i64) = (row.get(1)?, row.get(2)?);
            found.push(format!(
                "the rollup of `{name}` {member}, level {level}, period {period}, {what}"
            ));
        }
    }
    Ok(found)
}
