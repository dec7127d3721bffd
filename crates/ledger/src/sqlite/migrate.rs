//! The numbered migrations: how a ledger of any earlier version becomes one of this version.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;
use super::identities;
use super::rollups;

/// What leads from each version to the next; a migration that was released never changes.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("migrations/001.sql"), then: nothing },
    Migration { sql: include_str!("migrations/002.sql"), then: nothing },
    Migration { sql: include_str!("migrations/003.sql"), then: rollups::add_standard },
    Migration { sql: include_str!("migrations/004.sql"), then: identities::fill },
    Migration { sql: include_str!("migrations/005.sql"), then: nothing },
    Migration { sql: include_str!("migrations/006.sql"), then: nothing },
    Migration { sql: include_str!("migrations/007.sql"), then: nothing },
    Migration { sql: include_str!("migrations/008.sql"), then: nothing },
];

/// A step from one version to the next.
struct Migration {
    sql: &'static str,
    /// What SQL cannot do.
    then: fn(&Connection) -> Result<(), Fault>,
}

fn nothing(_: &Connection) -> Result<(), Fault> {
    Ok(())
}

/// "CENT": tells a ledger from every other SQLite file (and `file` shows it).
pub(crate) const APPLICATION_ID: i32 = 0x4345_4E54;

/// The version of the schema that this program writes.
pub(super) fn version_known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The version of a ledger's schema; 0 for one without any.
pub(super) fn version_of(connection: &Connection) -> Result<u32, Fault> {
    Ok(connection.query_row("PRAGMA user_version", (), |row| row.get(0))?)
}

/// Lets a ledger of an earlier version be read by the statements for this one.
pub(super) fn read_as_it_is(connection: &Connection) -> Result<(), Fault> {
    if version_of(connection)? < 3 {
        // Tags stood in the contexts, and options were not kept.
        connection.execute_batch(
            "CREATE TEMP VIEW entries AS SELECT entries.*, contexts.tags, NULL AS options FROM main.entries \
             JOIN main.contexts ON contexts.id = entries.context",
        )?;
    }
    Ok(())
}

/// Brings a ledger up to date, all of it or nothing.
///
/// The version is read again under the lock: of two programs that open an old ledger at the same
/// time, the second finds it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    if version_of(connection)? >= version_known() {
        return Ok(());
    }
    // Tables take the place of others, which the check of references knows nothing about. It can only
    // be switched outside of a transaction.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for version in version_of(&transaction)?..version_known() {
        let migration = usize::try_from(version).ok().and_then(|index| MIGRATIONS.get(index));
        let Some(migration) = migration else { break };
        transaction.execute_batch(migration.sql)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        (migration.then)(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(transaction.commit()?)
}
