//! Keeping what is set aside for attempts in doubt.

use centime_core::entry::Uid;
use centime_core::money::PicoUsd;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::Fault;
use super::migrate;

/// The first version of the schema that has the table.
const SINCE_VERSION: u32 = 6;

pub(super) fn keep(db: &Connection, uid: Uid, held: PicoUsd) -> Result<(), Fault> {
    let sql = "INSERT INTO holds (entry, held_pico_usd) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    db.prepare_cached(sql)?.execute(params![uid.0, held.pico()])?;
    Ok(())
}

/// The attempts that something is set aside for.
pub(super) fn all(db: &Connection) -> Result<Vec<Uid>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached("SELECT entry FROM holds")?;
    let uids = statement.query_map((), |row| Ok(Uid(row.get(0)?)))?;
    Ok(uids.collect::<Result<_, _>>()?)
}

/// What is set aside for an attempt.
pub(super) fn of(db: &Connection, uid: [u8; 16]) -> Result<Option<PicoUsd>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(None);
    }
    let mut statement = db.prepare_cached("SELECT held_pico_usd FROM holds WHERE entry = ?1")?;
    let held = statement.query_row([&uid], |row| row.get(0)).optional()?;
    Ok(held.map(PicoUsd::from_pico))
}
