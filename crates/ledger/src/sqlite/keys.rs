//! Keeping the keys of the gateway.

use centime_core::key::{Former, Key, Role};
use centime_core::time::Timestamp;
use rusqlite::{Connection, Row, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use super::migrate;
use crate::traits::KeyAdded;

/// The first version of the schema that has the table.
const SINCE_VERSION: u32 = 7;

/// What a key has, in the order that [`key_of`] reads.
const COLUMNS: &str = "id, name, digest, former_digest, former_until, role, user, team, project, tags, \
                       models, requests_per_minute, tokens_per_minute, created_at, expires_at, revoked_at";

/// The number of the next change.
const NEXT_REVISION: &str = "(SELECT ifnull(max(revision), 0) + 1 FROM keys)";

/// All keys, in the order they were made. A ledger from before there were any has none.
pub(super) fn all(db: &Connection) -> Result<Vec<Key>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {COLUMNS} FROM keys ORDER BY created_at, id");
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query(())?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        keys.push(key_of(row).map_err(|fault| fault.in_row(row))?);
    }
    Ok(keys)
}

/// The number of the last change; 0 where there was none.
pub(super) fn revision(db: &Connection) -> Result<u64, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(0);
    }
    let sql = "SELECT ifnull(max(revision), 0) FROM keys";
    Ok(db.query_row(sql, (), |row| row.get::<_, i64>(0))?.cast_unsigned())
}

/// Adds a key, unless its id or its name is taken.
pub(super) fn add(connection: &mut Connection, key: &Key) -> Result<KeyAdded, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let is_taken = |condition: &str, value: Option<&str>| -> Result<bool, Fault> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM keys WHERE {condition})");
        Ok(transaction.query_row(&sql, [value], |row| row.get(0))?)
    };
    if is_taken("id = ?1", Some(&key.id))? {
        return Ok(KeyAdded::SameId);
    }
    if is_taken("name = ?1 AND revoked_at IS NULL", key.name.as_deref())? {
        return Ok(KeyAdded::SameName);
    }
    let sql = format!(
        "INSERT INTO keys ({COLUMNS}, revision) VALUES \
         (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, {NEXT_REVISION})"
    );
    let (former_digest, former_until) = former_columns(key);
    transaction.execute(
        &sql,
        params![
            key.id,
            key.name,
            key.digest,
            former_digest,
            former_until,
            role_number(key.role),
            key.user,
            key.team,
            key.project,
            json(&key.tags)?,
            json(&key.models)?,
            key.requests_per_minute.map(u64::cast_signed),
            key.tokens_per_minute.map(u64::cast_signed),
            key.created_at.micros(),
            key.expires_at.map(Timestamp::micros),
            key.revoked_at.map(Timestamp::micros),
        ],
    )?;
    transaction.commit()?;
    Ok(KeyAdded::New)
}

/// Changes what may change of a key. One that was revoked stays so.
pub(super) fn change(connection: &mut Connection, key: &Key) -> Result<bool, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = format!(
        "UPDATE keys SET digest = ?2, former_digest = ?3, former_until = ?4, expires_at = ?5, \
         revoked_at = ifnull(revoked_at, ?6), revision = {NEXT_REVISION} WHERE id = ?1"
    );
    let (former_digest, former_until) = former_columns(key);
    let changed = transaction.execute(
        &sql,
        params![
            key.id,
            key.digest,
            former_digest,
            former_until,
            key.expires_at.map(Timestamp::micros),
            key.revoked_at.map(Timestamp::micros),
        ],
    )?;
    transaction.commit()?;
    Ok(changed > 0)
}

fn former_columns(key: &Key) -> (Option<[u8; 32]>, Option<i64>) {
    (key.former.map(|former| former.digest), key.former.map(|former| former.until.micros()))
}

fn key_of(row: &Row<'_>) -> Result<Key, Fault> {
    let moment = |column: usize| -> Result<Option<Timestamp>, Fault> {
        Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
    };
    let rate = |column: usize| -> Result<Option<u64>, Fault> {
        Ok(row.get::<_, Option<i64>>(column)?.map(i64::cast_unsigned))
    };
    let former: Option<[u8; 32]> = row.get(3)?;
    Ok(Key {
        id: row.get(0)?,
        name: row.get(1)?,
        digest: row.get(2)?,
        former: former.zip(moment(4)?).map(|(digest, until)| Former { digest, until }),
        role: role_of(row.get(5)?)?,
        user: row.get(6)?,
        team: row.get(7)?,
        project: row.get(8)?,
        tags: from_json(9, &row.get::<_, String>(9)?)?,
        models: from_json(10, &row.get::<_, String>(10)?)?,
        requests_per_minute: rate(11)?,
        tokens_per_minute: rate(12)?,
        created_at: Timestamp::from_micros(row.get(13)?),
        expires_at: moment(14)?,
        revoked_at: moment(15)?,
    })
}

const fn role_number(role: Role) -> i64 {
    match role {
        Role::Call => 0,
        Role::Admin => 1,
        Role::ReadOnly => 2,
    }
}

fn role_of(number: i64) -> Result<Role, Fault> {
    let found = Role::ALL.into_iter().find(|&role| role_number(role) == number);
    found.ok_or_else(|| Fault::Cell(5, format!("cannot be {number}")))
}

fn json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Damaged(error.to_string()))
}

fn from_json<T: DeserializeOwned>(column: usize, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Cell(column, error.to_string()))
}
