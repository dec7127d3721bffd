//! Keeping how far journals are in the ledger.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::Fault;
use super::migrate;
use crate::journal::{JournalId, Mark};

/// The first version of the schema that has the table.
const SINCE_VERSION: u32 = 4;

/// Up to where a journal is in the ledger. A ledger from before there were any knows none.
pub(super) fn mark(db: &Connection, journal: JournalId) -> Result<Option<u64>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(None);
    }
    let sql = "SELECT position FROM journals WHERE id = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let position = statement.query_row([journal.0], |row| row.get::<_, i64>(0)).optional()?;
    Ok(position.map(i64::cast_unsigned))
}

/// Keeps marks; one that is behind what is kept changes nothing.
pub(super) fn keep(db: &Connection, marks: &[Mark]) -> Result<(), Fault> {
    let sql = "INSERT INTO journals (id, position) VALUES (?1, ?2) \
               ON CONFLICT (id) DO UPDATE SET position = max(position, excluded.position)";
    for mark in marks {
        let position = mark.position.cast_signed();
        db.prepare_cached(sql)?.execute(params![mark.journal.0, position])?;
    }
    Ok(())
}
