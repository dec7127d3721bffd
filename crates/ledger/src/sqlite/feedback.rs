//! Keeping scores, and adding up the entries that have one.

use std::cell::RefCell;
use std::collections::HashMap;

use centime_core::entry::Uid;
use centime_core::score::Score;
use centime_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::dictionary::Dictionary;
use super::fault::Fault;
use super::identities;
use super::migrate;
use super::moment;
use super::read::AFTER_COUNTED;
use super::report::add_up;
use crate::report::ReportQuery;
use crate::scored::{Scored, ScoredRow};
use crate::traits::ScoreAdded;

/// The first version of the schema that has the table.
const SINCE_VERSION: u32 = 4;

/// Gives an attempt a score, unless that is its last one already.
pub(super) fn add(
    connection: &mut Connection,
    attempt: Uid,
    score: Score,
    now: Timestamp,
) -> Result<ScoreAdded, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let is = identities::is("?1");
    let sql = format!("SELECT EXISTS (SELECT 1 FROM entries WHERE {is} AND adjusts IS NULL)");
    if !transaction.query_row(&sql, [&attempt.0], |row| row.get::<_, bool>(0))? {
        return Ok(ScoreAdded::NoAttempt);
    }
    if last(&transaction, attempt)? == Some(score) {
        return Ok(ScoreAdded::Known);
    }
    transaction.execute(
        "INSERT INTO feedback (entry, score_millionths, recorded_at) VALUES (?1, ?2, ?3)",
        params![attempt.0, score.millionths(), now.micros()],
    )?;
    transaction.commit()?;
    Ok(ScoreAdded::New)
}

/// The score of an attempt. A ledger from before there were any has none.
pub(super) fn score(db: &Connection, attempt: Uid) -> Result<Option<Score>, Fault> {
    if is_missing(db)? { Ok(None) } else { last(db, attempt) }
}

fn last(db: &Connection, attempt: Uid) -> Result<Option<Score>, Fault> {
    let sql = "SELECT score_millionths FROM feedback WHERE entry = ?1 ORDER BY seq DESC LIMIT 1";
    let found = db.query_row(sql, [&attempt.0], |row| row.get(0)).optional()?;
    found.map(score_of).transpose()
}

fn is_missing(db: &Connection) -> Result<bool, Fault> {
    Ok(migrate::version_of(db)? < SINCE_VERSION)
}

fn score_of(millionths: u32) -> Result<Score, Fault> {
    let score = Score::from_millionths(millionths);
    score.ok_or_else(|| Fault::Damaged(format!("a score cannot be {millionths} millionths")))
}

/// The sums of the scored entries that match, by group.
pub(super) fn scored(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    query: &ReportQuery,
) -> Result<Vec<ScoredRow>, Fault> {
    let _moment = moment(db)?;
    if is_missing(db)? {
        return Ok(Vec::new());
    }
    let mut groups: HashMap<Vec<Option<String>>, Scored> = HashMap::new();
    // An attempt, then its adjustments: what they cost together is what the score was had for.
    for beside in [identities::is("scored"), "entries.adjusts = scored".to_owned()] {
        let table = scored_entries(&beside);
        let add = |sums: &mut Scored, row: &Row<'_>, counted: &_| {
            let score = score_of(row.get(AFTER_COUNTED)?)?;
            *sums += Scored::of_counted(counted, score);
            Ok(())
        };
        let found = add_up(db, dictionary, query, (", score_millionths", &table), add)?;
        for (key, sums) in found {
            *groups.entry(key).or_default() += sums;
        }
    }
    Ok(groups.into_iter().map(|(key, scored)| ScoredRow { key, scored }).collect())
}

/// The last score of each attempt, beside the entries that this holds for. CROSS: from the scores, which
/// are few, to the entries; never the other way round.
fn scored_entries(condition: &str) -> String {
    format!(
        "(SELECT entry AS scored, score_millionths, max(seq) FROM feedback GROUP BY entry) \
         CROSS JOIN entries ON {condition}"
    )
}

/// Shows what has a score, each once.
pub(super) fn each_scored(
    db: &Connection,
    mut show: impl FnMut(Uid) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if is_missing(db)? {
        return Ok(());
    }
    let mut statement = db.prepare("SELECT DISTINCT entry FROM feedback")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        show(Uid(row.get(0)?))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{OpenMode, SqliteLedger};

    #[test]
    fn scored_entries_are_found_from_their_scores() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centime.db");
        let ledger = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        for (beside, index) in [
            (identities::is("scored"), "INTEGER PRIMARY KEY (rowid=?)"),
            ("entries.adjusts = scored".to_owned(), "INDEX entries_adjusts"),
        ] {
            let table = scored_entries(&beside);
            let sql = format!("EXPLAIN QUERY PLAN SELECT at FROM {table} WHERE at >= 0");
            let mut statement = ledger.connection.prepare(&sql).unwrap();
            let plan = statement.query_map((), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = plan.map(Result::unwrap).collect();
            let plan = plan.join("\n");
            assert!(plan.contains(&format!("SEARCH entries USING {index}")), "{plan}");
        }
    }
}
