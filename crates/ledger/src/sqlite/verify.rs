//! Proving a ledger from its own contents, one row in memory at a time.

use std::cell::RefCell;

use centime_core::entry::{Entry, Uid};
use centime_core::money::TotalPicoUsd;
use rusqlite::Connection;

use super::dictionary::Dictionary;
use super::fault::Fault;
use super::prices;
use super::read::{
    self, AT, CONTEXT, COUNTED_COLUMNS, FURTHER_COLUMNS, TAGS, UID, read_counted, read_entry,
};
use super::rollups::{self, Kept, Rollups};
use crate::memory::orphan;
use crate::sums::Counted;
use crate::traits::{Difference, Verification};

/// Proves everything that is in the ledger at this moment.
pub(super) fn verify(
    connection: &Connection,
    dictionary: &RefCell<Dictionary>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verification, Fault> {
    // All questions are about one moment, whatever is written meanwhile.
    let snapshot = connection.unchecked_transaction()?;
    // What was read before somebody changed it must not stand in for what is there.
    *dictionary.borrow_mut() = Dictionary::default();
    let mut found = Verification::default();
    let whole = prove_file(&snapshot, &mut found);
    found.go_on_after(whole)?;
    let mut rollups = rollups::prepare_proof(&snapshot)?;
    let sound = prove_entries(&snapshot, dictionary, &mut rollups, &mut found, progress);
    found.go_on_after(sound)?;
    let added_up = prove_rollups(&snapshot, rollups, &mut found);
    found.go_on_after(added_up)?;
    let attached = prove_attached(&snapshot, &mut found);
    found.go_on_after(attached)?;
    let adjusted = prove_adjusted(&snapshot, dictionary, &mut found);
    found.go_on_after(adjusted)?;
    let priced = prices::revisions(&snapshot).map(|revisions| found.prove_prices(&revisions));
    found.go_on_after(priced)?;
    prove_view(&snapshot, &mut found);
    Ok(found)
}

impl Verification {
    /// Damage that ends one proof is a difference, and leaves the others to be tried.
    fn go_on_after(&mut self, proof: Result<(), Fault>) -> Result<(), Fault> {
        match proof {
            Err(fault) if fault.is_damage() => {
                self.differs(None, format!("the rest cannot be read: {fault}"));
                Ok(())
            }
            proof => proof,
        }
    }

    fn differs(&mut self, entry: Option<Uid>, what: String) {
        self.differences.push(Difference { entry, what });
    }
}

/// The file is whole and its indexes hold what its tables do.
fn prove_file(db: &Connection, found: &mut Verification) -> Result<(), Fault> {
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            found.differs(None, format!("the file: {said}"));
        }
    }
    Ok(())
}

/// Every entry can be read and holds by itself.
fn prove_entries(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    rollups: &mut Rollups,
    found: &mut Verification,
    progress: &mut dyn FnMut(u64),
) -> Result<(), Fault> {
    let sql = format!("SELECT {COUNTED_COLUMNS}, {FURTHER_COLUMNS} FROM entries ORDER BY seq");
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let entry = read_entry(row, db, &mut dictionary.borrow_mut());
        match entry {
            Ok(entry) => {
                let counted = read_counted(row)?;
                prove_entry(&entry, &counted, found);
                let (at_us, context, tags) = (row.get(AT)?, row.get(CONTEXT)?, row.get(TAGS)?);
                let kept = Kept { at_us, context, tags };
                kept.add_to(rollups, db, dictionary, &counted)?;
            }
            Err(Fault::Damaged(what)) => found.differs(row.get(UID).ok().map(Uid), what),
            Err(fault) => return Err(fault),
        }
        found.entries += 1;
        progress(found.entries);
    }
    Ok(())
}

/// The rollups are what the entries add up to.
fn prove_rollups(
    db: &Connection,
    mut made_anew: Rollups,
    found: &mut Verification,
) -> Result<(), Fault> {
    made_anew.flush(db)?;
    for what in rollups::differences(db)? {
        found.differs(None, what);
    }
    Ok(())
}

fn prove_entry(entry: &Entry, kept: &Counted, found: &mut Verification) {
    found.total += entry.charge;
    for inconsistency in entry.inconsistencies() {
        found.differs(Some(entry.uid), inconsistency.to_string());
    }
    let worked_out = Counted::of(entry);
    let tokens = |counted: &Counted| {
        [
            ("input_tokens", counted.input_tokens),
            ("cache_read_tokens", counted.cache_read_tokens),
            ("output_tokens", counted.output_tokens),
        ]
    };
    for ((column, kept), (_, expected)) in tokens(kept).into_iter().zip(tokens(&worked_out)) {
        if kept != expected {
            let what = format!("`{column}` is {kept}, and its lines add up to {expected}");
            found.differs(Some(entry.uid), what);
        }
    }
}

/// Every adjustment is one of an attempt.
fn prove_attached(db: &Connection, found: &mut Verification) -> Result<(), Fault> {
    let mut statement = db.prepare(
        "SELECT uid, adjusts FROM entries WHERE adjusts IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM entries AS attempt WHERE attempt.uid = entries.adjusts \
          AND attempt.adjusts IS NULL) ORDER BY seq",
    )?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        found.differs(Some(Uid(row.get(0)?)), orphan(Uid(row.get(1)?)));
    }
    Ok(())
}

/// The adjustments of every attempt fit it.
fn prove_adjusted(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    found: &mut Verification,
) -> Result<(), Fault> {
    let mut statement =
        db.prepare("SELECT DISTINCT adjusts FROM entries WHERE adjusts IS NOT NULL")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let uid = Uid(row.get(0)?);
        let proved = read::entry(db, dictionary, uid).and_then(|attempt| {
            let adjustments = read::adjustments(db, dictionary, uid)?;
            Ok(attempt.filter(|attempt| attempt.adjusts.is_none()).zip(Some(adjustments)))
        });
        match proved {
            Ok(Some((attempt, adjustments))) => found.prove_adjusted(&attempt, &adjustments),
            // An adjustment of nothing, or an entry that cannot be read: both are named already.
            Ok(None) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// What people read with their own tools adds up to the same.
fn prove_view(db: &Connection, found: &mut Verification) {
    // Dollars and rest apart: their sums fit 64 bits where that of the picodollars does not.
    let sql = "SELECT ifnull(sum(cost_pico_usd / 1000000000000), 0), \
               ifnull(sum(cost_pico_usd % 1000000000000), 0) FROM costs";
    let sums = db.query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?)));
    let (dollars, rest): (i64, i64) = match sums {
        Ok(sums) => sums,
        Err(error) => {
            found.differs(None, format!("the view `costs` cannot be read: {error}"));
            return;
        }
    };
    let view = TotalPicoUsd::from_pico(i128::from(dollars) * 1_000_000_000_000 + i128::from(rest));
    if view != found.total {
        let what =
            format!("the view `costs` adds up to {view}, and the entries to {}", found.total);
        found.differs(None, what);
    }
}
