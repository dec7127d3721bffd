//! The numbered migrations: how a ledger of any earlier version becomes one of this version.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;

/// What leads from each version to the next; a migration that was released never changes.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/001.sql"), include_str!("migrations/002.sql")];

/// "CENT": tells a ledger from every other SQLite file (and `file` shows it).
pub(super) const APPLICATION_ID: i32 = 0x4345_4E54;

/// The version of the schema that this program writes.
pub(super) fn version_known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The version of a ledger's schema; 0 for one without any.
pub(super) fn version_of(connection: &Connection) -> Result<u32, Fault> {
    Ok(connection.query_row("PRAGMA user_version", (), |row| row.get(0))?)
}

/// Brings a ledger up to date, all of it or nothing.
///
/// The version is read again under the lock: of two programs that open an old ledger at the same
/// time, the second finds it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    if version_of(connection)? >= version_known() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for version in version_of(&transaction)?..version_known() {
        let migration = usize::try_from(version).ok().and_then(|index| MIGRATIONS.get(index));
        transaction.execute_batch(migration.copied().unwrap_or_default())?;
        transaction.pragma_update(None, "user_version", version + 1)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(transaction.commit()?)
}
