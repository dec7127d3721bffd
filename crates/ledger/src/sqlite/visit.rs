//! Going through the ledger from its first attempt to its last, one row in memory at a time.

use std::cell::RefCell;

use centime_core::entry::Uid;
use rusqlite::{Connection, params_from_iter};

use super::dictionary::Dictionary;
use super::fault::Fault;
use super::moment;
use super::read::{self, AFTER_ENTRY, COUNTED_COLUMNS, FURTHER_COLUMNS, UID, of_entry, read_entry};
use super::select::Selection;
use crate::query::EntryFilter;
use crate::traits::Visit;

/// Shows every attempt that a filter lets through, oldest first, with its adjustments.
pub(super) fn attempts(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    filter: &EntryFilter,
    visit: &mut Visit<'_>,
) -> Result<(), Fault> {
    let _moment = moment(db)?;
    let selection = Selection::of(db, filter)?;
    let mut statement = db.prepare(&attempts_sql(&selection))?;
    let mut rows = statement.query(params_from_iter(selection.values()))?;
    while let Some(row) = rows.next()? {
        let attempt = read_entry(row, db, &mut dictionary.borrow_mut());
        let attempt = attempt.map_err(|fault| of_entry(fault, row))?;
        let adjustments = if row.get(AFTER_ENTRY)? {
            read::adjustments(db, dictionary, Uid(row.get(UID)?))?
        } else {
            Vec::new()
        };
        if visit(&attempt, &adjustments).is_break() {
            break;
        }
    }
    Ok(())
}

/// Along the index of moments, so that nothing has to be sorted before the first row comes.
fn attempts_sql(selection: &Selection) -> String {
    let meant = selection.sql();
    let and = if meant.is_empty() { "WHERE" } else { "AND" };
    format!(
        "SELECT {COUNTED_COLUMNS}, {FURTHER_COLUMNS}, EXISTS \
         (SELECT 1 FROM entries AS adjustment WHERE adjustment.adjusts = entries.uid) \
         FROM entries INDEXED BY entries_at {meant} {and} adjusts IS NULL ORDER BY at, seq"
    )
}

#[cfg(test)]
mod tests {
    use centime_core::time::Timestamp;

    use super::*;
    use crate::query::{Dimension, Match, Window};
    use crate::sqlite::{OpenMode, SqliteLedger};

    #[test]
    fn nothing_is_sorted_and_nothing_read_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centime.db");
        let ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        let db = &ledger.connection;
        let since = Some(Timestamp::EARLIEST);
        let some_user = (Dimension::User, Match::StartsWith(vec!["a".to_owned()]));
        for filter in [
            EntryFilter::default(),
            EntryFilter { window: Window { since, until: None }, ..EntryFilter::default() },
            EntryFilter { conditions: vec![some_user], ..EntryFilter::default() },
        ] {
            let selection = Selection::of(db, &filter).unwrap();
            let sql = format!("EXPLAIN QUERY PLAN {}", attempts_sql(&selection));
            let mut statement = db.prepare(&sql).unwrap();
            let mut rows = statement.query(params_from_iter(selection.values())).unwrap();
            let mut plan = String::new();
            while let Some(row) = rows.next().unwrap() {
                plan += &row.get::<_, String>(3).unwrap();
                plan.push('\n');
            }
            assert!(plan.contains("INDEX entries_at"), "{plan}");
            assert!(plan.contains("entries_adjusts (adjusts=?)"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
