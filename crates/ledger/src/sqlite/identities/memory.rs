//! What a writer remembers of the identities in its ledger.

use std::collections::HashSet;

use centime_core::entry::Uid;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::filter::Filter;
use super::{generation_of, has_uid, prefix_of};
use crate::sqlite::fault::Fault;

/// The identities of a ledger: of the last generation all, of those before it their filters. What was
/// rolled back must be forgotten.
#[derive(Debug, Default)]
pub(in crate::sqlite) struct Identities {
    /// The number of the last entry; 0 where there is none.
    last_seq: i64,
    /// The filters of the full generations.
    full: Vec<Filter>,
    /// The identities of the last generation.
    open: HashSet<u64, foldhash::fast::RandomState>,
    /// Those of them that are not in the file yet, with the numbers of their entries.
    waiting: Vec<(u64, i64)>,
}

impl Identities {
    /// Learns what was written since it last knew, by whoever.
    pub(in crate::sqlite) fn catch_up(&mut self, db: &Connection) -> Result<(), Fault> {
        let sql = "SELECT ifnull(max(seq), 0) FROM entries";
        let last_seq: i64 = db.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
        if last_seq == self.last_seq {
            return Ok(());
        }
        let generation = generation_of(last_seq);
        if self.last_seq > last_seq || generation_of(self.last_seq) != generation {
            self.open.clear();
        }
        if self.open.is_empty() {
            let full = usize::try_from(generation).unwrap_or(0);
            self.full.truncate(full);
            while self.full.len() < full {
                self.full.push(read_filter(db, self.number_of_open())?);
            }
            read_generation(db, generation, |prefix, _| {
                self.open.insert(prefix);
            })?;
        } else {
            let sql = "SELECT substr(uid, 1, 8) FROM entries WHERE seq > ?1";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query([self.last_seq])?;
            while let Some(row) = rows.next()? {
                self.open.insert(u64::from_be_bytes(row.get(0)?));
            }
        }
        self.last_seq = last_seq;
        Ok(())
    }

    /// The number of the entry with this identity, written or about to be.
    pub(in crate::sqlite) fn find(
        &mut self,
        db: &Connection,
        uid: Uid,
    ) -> Result<Option<i64>, Fault> {
        let prefix = prefix_of(uid);
        if self.open.contains(&prefix) {
            // What comes again at once is rare: it may cost a little more.
            self.flush(db)?;
            let found = find_in(db, self.number_of_open(), uid)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        for (generation, filter) in (0..).zip(&self.full) {
            if filter.may_have(prefix) {
                let found = find_in(db, generation, uid)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// Adds the identity of an entry that follows all others.
    pub(in crate::sqlite) fn add(
        &mut self,
        db: &Connection,
        uid: Uid,
        seq: i64,
    ) -> Result<(), Fault> {
        let generation = generation_of(seq);
        while self.number_of_open() < generation {
            self.close(db)?;
        }
        let prefix = prefix_of(uid);
        self.open.insert(prefix);
        self.waiting.push((prefix, seq));
        self.last_seq = seq;
        Ok(())
    }

    /// Writes what waits, in the order in which it lies in the file.
    pub(in crate::sqlite) fn flush(&mut self, db: &Connection) -> Result<(), Fault> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let generation = self.number_of_open();
        let add = "INSERT OR IGNORE INTO generations (number) VALUES (?1)";
        db.prepare_cached(add)?.execute([generation])?;
        self.waiting.sort_unstable();
        let add = "INSERT INTO identities (generation, prefix, seq) VALUES (?1, ?2, ?3)";
        let mut add = db.prepare_cached(add)?;
        for (prefix, seq) in self.waiting.drain(..) {
            add.execute(params![generation, prefix.to_be_bytes(), seq])?;
        }
        Ok(())
    }

    /// Ends the last generation, and begins the next.
    fn close(&mut self, db: &Connection) -> Result<(), Fault> {
        self.flush(db)?;
        let filter = Filter::of(self.open.drain());
        let keep = "INSERT INTO generations (number, filter) VALUES (?1, ?2) \
                    ON CONFLICT (number) DO UPDATE SET filter = excluded.filter";
        let values = params![self.number_of_open(), filter.to_bytes()];
        db.prepare_cached(keep)?.execute(values)?;
        self.full.push(filter);
        Ok(())
    }

    fn number_of_open(&self) -> i64 {
        i64::try_from(self.full.len()).unwrap_or(i64::MAX)
    }
}

/// Shows the identities of a generation, each with the number of its entry.
pub(super) fn read_generation(
    db: &Connection,
    generation: i64,
    mut show: impl FnMut(u64, i64),
) -> Result<(), Fault> {
    let sql = "SELECT prefix, seq FROM identities WHERE generation = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([generation])?;
    while let Some(row) = rows.next()? {
        show(u64::from_be_bytes(row.get(0)?), row.get(1)?);
    }
    Ok(())
}

/// The filter of a full generation.
pub(super) fn read_filter(db: &Connection, generation: i64) -> Result<Filter, Fault> {
    let sql = "SELECT filter FROM generations WHERE number = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let filter = statement.query_row([generation], |row| {
        Ok(row.get_ref(0)?.as_blob_or_null()?.and_then(Filter::from_bytes))
    });
    let absent = || Fault::Damaged(format!("generation {generation} has no filter"));
    filter.optional()?.flatten().ok_or_else(absent)
}

fn find_in(db: &Connection, generation: i64, uid: Uid) -> Result<Option<i64>, Fault> {
    let sql = "SELECT seq FROM identities WHERE generation = ?1 AND prefix = ?2";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![generation, prefix_of(uid).to_be_bytes()])?;
    while let Some(row) = rows.next()? {
        let seq = row.get(0)?;
        if has_uid(db, seq, uid)? {
            return Ok(Some(seq));
        }
    }
    Ok(None)
}
