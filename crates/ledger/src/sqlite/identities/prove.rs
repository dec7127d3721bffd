//! Proving that every entry is found by its identity, and no other entry is.

use std::collections::HashMap;

use centime_core::entry::Uid;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::filter::Filter;
use super::memory::{read_filter, read_generation};
use super::{SIZE, are_kept, generation_of, prefix_of};
use crate::sqlite::fault::Fault;

/// How many generations are compared with one another at a time, a part of each: this bounds the
/// memory that it takes.
const PASS_GENERATIONS: usize = 16;

/// The identities that are kept of a generation, to be compared with its entries one by one.
pub(in crate::sqlite) struct Kept {
    /// By the numbers of their entries.
    identities: std::iter::Peekable<std::vec::IntoIter<(i64, u64)>>,
    /// Of a full generation.
    filter: Option<Filter>,
}

impl Kept {
    /// Those of a generation; one that is full has a filter.
    pub(in crate::sqlite) fn of(
        db: &Connection,
        generation: i64,
        is_full: bool,
    ) -> Result<Self, Fault> {
        let mut identities = Vec::new();
        read_generation(db, generation, |prefix, seq| identities.push((seq, prefix)))?;
        identities.sort_unstable();
        let filter = is_full.then(|| read_filter(db, generation)).transpose()?;
        Ok(Self { identities: identities.into_iter().peekable(), filter })
    }

    /// What is wrong with the next entry's identity, and with those that are kept before it.
    pub(in crate::sqlite) fn prove(&mut self, uid: Uid, seq: i64, wrong: &mut Vec<String>) {
        let prefix = prefix_of(uid);
        self.pass_over(seq, wrong);
        if self.identities.next_if_eq(&(seq, prefix)).is_none() {
            wrong.push("it is not found by its identity".to_owned());
        } else if self.filter.as_ref().is_some_and(|filter| !filter.may_have(prefix)) {
            wrong.push("the filter of its generation denies its identity".to_owned());
        }
    }

    /// What is wrong with those that are kept after the last entry.
    pub(in crate::sqlite) fn finish(mut self, wrong: &mut Vec<String>) {
        self.pass_over(i64::MAX, wrong);
        wrong.extend(self.identities.map(|(seq, _)| stray(seq)));
    }

    /// Passes over what is kept of entries before this one, each of which had its turn.
    fn pass_over(&mut self, seq: i64, wrong: &mut Vec<String>) {
        while let Some((stray_seq, _)) = self.identities.next_if(|(kept, _)| *kept < seq) {
            wrong.push(stray(stray_seq));
        }
    }
}

fn stray(seq: i64) -> String {
    format!("an identity is kept for entry number {seq}, and is not that entry's")
}

/// The generations of entries, in order.
pub(in crate::sqlite) fn generations(db: &Connection) -> Result<Vec<i64>, Fault> {
    let mut generations = Vec::new();
    let mut next = Some(i64::MIN);
    let mut statement =
        db.prepare("SELECT seq FROM entries WHERE seq >= ?1 ORDER BY seq LIMIT 1")?;
    while let Some(from) = next {
        let first: Option<i64> = statement.query_row([from], |row| row.get(0)).optional()?;
        next = first.and_then(|seq| {
            generations.push(generation_of(seq));
            (generation_of(seq) + 1).checked_mul(SIZE)
        });
    }
    Ok(generations)
}

/// Identities in generations that have no entries: what is wrong with them.
pub(in crate::sqlite) fn strays(db: &Connection, known: &[i64]) -> Result<Vec<String>, Fault> {
    let mut wrong = Vec::new();
    if !are_kept(db)? {
        return Ok(wrong);
    }
    let mut statement =
        db.prepare("SELECT min(generation) FROM identities WHERE generation > ?1")?;
    let mut last = i64::MIN;
    loop {
        let next: Option<i64> = statement.query_row([last], |row| row.get(0))?;
        let Some(generation) = next else { return Ok(wrong) };
        if !known.contains(&generation) {
            read_generation(db, generation, |_, seq| wrong.push(stray(seq)))?;
        }
        last = generation;
    }
}

/// How many passes it takes to compare all generations with one another.
pub(in crate::sqlite) fn passes(generations: &[i64]) -> u64 {
    generations.len().div_ceil(PASS_GENERATIONS).try_into().unwrap_or(u64::MAX)
}

/// Entries that have the identity of another one, as far as a pass looks.
pub(in crate::sqlite) fn twins(
    db: &Connection,
    generations: &[i64],
    pass: u64,
) -> Result<Vec<Uid>, Fault> {
    let width = u64::MAX / passes(generations).max(1);
    let first = width * pass;
    let last = if pass + 1 == passes(generations) { u64::MAX } else { first + width - 1 };
    let sql =
        "SELECT prefix, seq FROM identities WHERE generation = ?1 AND prefix BETWEEN ?2 AND ?3";
    let mut statement = db.prepare_cached(sql)?;
    let mut met: Vec<(u64, i64)> = Vec::new();
    for generation in generations {
        let range = params![generation, first.to_be_bytes(), last.to_be_bytes()];
        let mut rows = statement.query(range)?;
        while let Some(row) = rows.next()? {
            met.push((u64::from_be_bytes(row.get(0)?), row.get(1)?));
        }
    }
    met.sort_unstable();
    let mut twins = Vec::new();
    for alike in met.chunk_by(|(one, _), (other, _)| one == other) {
        if alike.len() > 1 {
            twins.extend(same(db, alike.iter().map(|(_, seq)| *seq))?);
        }
    }
    Ok(twins)
}

/// Which of these entries have the identity of one before.
fn same(db: &Connection, entries: impl Iterator<Item = i64>) -> Result<Vec<Uid>, Fault> {
    let mut statement = db.prepare_cached("SELECT uid FROM entries WHERE seq = ?1")?;
    let mut met: HashMap<Uid, i64> = HashMap::new();
    let mut same = Vec::new();
    for seq in entries {
        let uid = statement.query_row([seq], |row| row.get(0)).optional()?.map(Uid);
        // A number without an entry is named where entries are proved, as is one that comes twice.
        if let Some(uid) = uid
            && met.insert(uid, seq).is_some_and(|other| other != seq)
        {
            same.push(uid);
        }
    }
    Ok(same)
}
