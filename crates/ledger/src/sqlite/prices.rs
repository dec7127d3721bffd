//! Keeping price revisions.

use centime_core::time::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::fault::Fault;
use super::migrate;
use crate::prices::PriceRevision;

/// The first version of the schema that has the table.
const SINCE_VERSION: u32 = 2;

/// All revisions, the earliest first. A ledger from before there were any has none.
pub(super) fn revisions(db: &Connection) -> Result<Vec<PriceRevision>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(Vec::new());
    }
    let sql = "SELECT number, made_at, origin, text FROM price_revisions ORDER BY number";
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query(())?;
    let mut revisions = Vec::new();
    while let Some(row) = rows.next()? {
        let revision = || {
            Ok(PriceRevision {
                number: row.get::<_, i64>(0)?.cast_unsigned(),
                made_at: Timestamp::from_micros(row.get(1)?),
                origin: row.get(2)?,
                text: row.get(3)?,
            })
        };
        revisions
            .push(revision().map_err(|error: rusqlite::Error| Fault::from(error).in_row(row))?);
    }
    Ok(revisions)
}

/// Keeps a revision, unless its number is taken or not the next.
pub(super) fn keep(connection: &mut Connection, revision: &PriceRevision) -> Result<bool, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let last = "SELECT ifnull(max(number), 0) FROM price_revisions";
    let last: i64 = transaction.query_row(last, (), |row| row.get(0))?;
    if last.cast_unsigned().checked_add(1) != Some(revision.number) {
        return Ok(false);
    }
    transaction.execute(
        "INSERT INTO price_revisions (number, made_at, origin, text) VALUES (?1, ?2, ?3, ?4)",
        params![
            revision.number.cast_signed(),
            revision.made_at.micros(),
            revision.origin,
            revision.text
        ],
    )?;
    transaction.commit()?;
    Ok(true)
}
