//! Keeping what only this ledger knows.

use rusqlite::{Connection, TransactionBehavior, params};

use super::fault::Fault;

/// Under which keys are named.
const KEY_NAMES: &str = "key_names";

/// The secret under which keys are named; `fresh` where there was none.
pub(super) fn naming(connection: &mut Connection, fresh: &[u8; 32]) -> Result<[u8; 32], Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        params![KEY_NAMES, fresh],
    )?;
    let sql = "SELECT value FROM secrets WHERE name = ?1";
    let secret = transaction.query_row(sql, [KEY_NAMES], |row| row.get(0))?;
    transaction.commit()?;
    Ok(secret)
}
