//! Finding entries by their identities, which are random.
//!
//! One index of them all would have every batch touch pages all over the file: at ten million entries
//! nearly one page for each. So identities stand in **generations**, 2^18 entries each in the order of
//! writing: only the last one grows, and a page of it is touched by many. Beside each full generation
//! lies a filter of its identities, so that what is new is known to be new without a look into any.

mod filter;
mod memory;
mod prove;

#[cfg(test)]
mod tests;

pub(super) use memory::Identities;
pub(super) use prove::{Kept, generations, passes, strays, twins};

use centime_core::entry::Uid;
use rusqlite::{Connection, params};

use super::fault::Fault;
use super::migrate;

/// How many entries a generation has; in the unit tests few, so that there are several.
const SIZE: i64 = 1 << SIZE_BITS;
const SIZE_BITS: u32 = if cfg!(test) { 12 } else { 18 };

/// The first version of the schema that has generations; before it `uid` had an index of its own.
const SINCE_VERSION: u32 = 4;

/// The generation of the entry with this number.
pub(super) const fn generation_of(seq: i64) -> i64 {
    seq >> SIZE_BITS
}

/// The first and the last number of a generation's entries.
pub(super) const fn seqs_of(generation: i64) -> (i64, i64) {
    let first = generation << SIZE_BITS;
    (first, first + (SIZE - 1))
}

/// Whether a ledger keeps identities in generations.
pub(super) fn are_kept(db: &Connection) -> Result<bool, Fault> {
    Ok(migrate::version_of(db)? >= SINCE_VERSION)
}

/// The condition that `?1` is the `uid`.
pub(super) fn condition(db: &Connection) -> Result<String, Fault> {
    Ok(if are_kept(db)? { is("?1") } else { "uid = ?1".to_owned() })
}

/// The condition that something else is the `uid` of `entries`, where identities are kept.
pub(super) fn is(uid: &str) -> String {
    format!(
        "entries.seq IN (SELECT seq FROM identities WHERE generation IN (SELECT number FROM generations) \
         AND prefix = substr({uid}, 1, 8)) AND entries.uid = {uid}"
    )
}

/// The number of the entry with this identity.
pub(super) fn seq_of(db: &Connection, uid: Uid) -> Result<Option<i64>, Fault> {
    let sql = format!("SELECT seq FROM entries WHERE {}", condition(db)?);
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([&uid.0])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// Gives every entry of a ledger of an earlier version its place.
pub(super) fn fill(db: &Connection) -> Result<(), Fault> {
    let mut identities = Identities::default();
    let mut statement = db.prepare("SELECT uid, seq FROM entries ORDER BY seq")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        identities.add(db, Uid(row.get(0)?), row.get(1)?)?;
    }
    identities.flush(db)
}

/// The part of an identity that it is found by.
fn prefix_of(uid: Uid) -> u64 {
    let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = uid.0;
    u64::from_be_bytes([b0, b1, b2, b3, b4, b5, b6, b7])
}

/// Whether the entry of a number has this very identity.
fn has_uid(db: &Connection, seq: i64, uid: Uid) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (SELECT 1 FROM entries WHERE seq = ?1 AND uid = ?2)";
    Ok(db.prepare_cached(sql)?.query_row(params![seq, uid.0], |row| row.get(0))?)
}
