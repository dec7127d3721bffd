//! Which families a ledger keeps.

use rusqlite::{Connection, TransactionBehavior};

use super::fill;
use crate::rollup::Family;
use crate::sqlite::fault::Fault;
use crate::sqlite::migrate;

/// The first version of the schema that has rollups.
const FIRST_VERSION: u32 = 3;

/// The families of a ledger with their numbers, those of few series first; none in a ledger of an
/// earlier version that is only read.
pub(in crate::sqlite) fn families(db: &Connection) -> Result<Vec<(i64, Family)>, Fault> {
    if migrate::version_of(db)? < FIRST_VERSION {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached("SELECT id, name FROM families ORDER BY id")?;
    let mut rows = statement.query(())?;
    let mut families = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let family = Family::named(&name)
            .ok_or_else(|| Fault::Damaged(format!("no family of series is named `{name}`")))?;
        families.push((row.get(0)?, family));
    }
    Ok(families)
}

/// Adds the families that every ledger has, in the transaction that brings it up to date, and fills
/// them from the entries that are there.
pub(in crate::sqlite) fn add_standard(db: &Connection) -> Result<(), Fault> {
    add(db, &Family::standard())
}

/// Sees to it that each of these tags has a family of its own, filled from the entries.
pub(in crate::sqlite) fn declare_tags(
    connection: &mut Connection,
    tags: &[String],
) -> Result<(), Fault> {
    let is_new = |db: &Connection| -> Result<Vec<Family>, Fault> {
        let known = families(db)?;
        let wanted = tags.iter().map(|tag| Family::of_tag(tag));
        Ok(wanted.filter(|family| known.iter().all(|(_, known)| known != family)).collect())
    };
    if is_new(connection)?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let new = is_new(&transaction)?;
    add(&transaction, &new)?;
    Ok(transaction.commit()?)
}

fn add(db: &Connection, families: &[Family]) -> Result<(), Fault> {
    let mut new = Vec::new();
    for family in families {
        let mut statement = db.prepare_cached("INSERT INTO families (name) VALUES (?1)")?;
        let id = statement.insert([family.to_string()])?;
        new.push((id, family.clone()));
    }
    fill(db, new)
}
