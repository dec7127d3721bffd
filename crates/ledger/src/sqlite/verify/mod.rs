//! Proving a ledger from its own contents, a few rows in memory at a time, on every core.

mod moment;
mod parts;

use std::cell::RefCell;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

use centime_core::entry::Uid;
use centime_core::money::TotalPicoUsd;
use rusqlite::{Connection, OptionalExtension as _};

use super::dictionary::Dictionary;
use super::fault::Fault;
use super::identities::{self, Identities};
use super::{feedback, prices, read, rollups};
use crate::memory::orphan;
use crate::traits::{Difference, Verification};
use moment::Moment;
use parts::{Parts, Proof, Told, Unheard};

/// How many words wait for whoever listens.
const UNHEARD_MAX: usize = 4;

/// Proves everything that is in the ledger at this moment.
pub(super) fn verify(
    path: &Path,
    connection: &Connection,
    dictionary: &RefCell<Dictionary>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verification, Fault> {
    prove(Moment::now(path, connection)?, dictionary, progress)
}

fn prove(
    moment: Moment<'_>,
    dictionary: &RefCell<Dictionary>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verification, Fault> {
    let Moment { own: db, helpers } = moment;
    // What was read before somebody changed it must not stand in for what is there.
    *dictionary.borrow_mut() = Dictionary::default();
    let mut found = Verification::default();
    rollups::prepare_proof(&db)?;
    let families = rollups::families(&db)?;
    let generations = found.if_readable(identities::generations(&db))?.unwrap_or_default();
    let strays = identities::strays(&db, &generations);
    for what in found.if_readable(strays)?.unwrap_or_default() {
        found.differs(None, what);
    }
    let parts = Parts::of(&db, generations, families)?;
    let view = prove_parts(&db, helpers, &parts, &mut found, progress)?;
    let added_up = prove_rollups(&db, &parts, &mut found);
    found.if_readable(added_up)?;
    if let Some(mut attempts) = found.if_readable(Attempts::of(&db))? {
        let adjusted = prove_adjustments(&mut attempts, dictionary, &mut found);
        found.if_readable(adjusted)?;
        let scored = prove_feedback(&mut attempts, &mut found);
        found.if_readable(scored)?;
    }
    let priced = prices::revisions(&db).map(|revisions| found.prove_prices(&revisions));
    found.if_readable(priced)?;
    match view {
        Err(error) => found.differs(None, format!("the view `costs` cannot be read: {error}")),
        Ok(view) if view != found.total => {
            let entries = found.total;
            let what = format!("the view `costs` adds up to {view}, and the entries to {entries}");
            found.differs(None, what);
        }
        Ok(_) => {}
    }
    Ok(found)
}

impl Verification {
    /// Damage that ends one proof is a difference, and leaves the others to be tried.
    fn if_readable<T>(&mut self, proof: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match proof {
            Ok(proved) => Ok(Some(proved)),
            Err(fault) if fault.is_damage() => {
                self.differs(None, format!("the rest cannot be read: {fault}"));
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    fn differs(&mut self, entry: Option<Uid>, what: String) {
        self.differences.push(Difference { entry, what });
    }
}

/// Proves all parts, by as many threads as there are helpers; returns what the view adds up to.
fn prove_parts(
    db: &Connection,
    helpers: Vec<Connection>,
    parts: &Parts,
    found: &mut Verification,
    progress: &mut dyn FnMut(u64),
) -> Result<Result<TotalPicoUsd, String>, Fault> {
    let mut listener = Listener::new(db, parts, progress);
    if helpers.is_empty() {
        let mut heard = Ok(());
        let ended = parts.work(db, &mut |told| {
            heard = listener.hear(told);
            if heard.is_ok() { Ok(()) } else { Err(Unheard) }
        });
        // It ends early only where what it told could not be kept.
        ended.or(heard)?;
    } else {
        thread::scope(|scope| {
            let (tell, told) = sync_channel(UNHEARD_MAX);
            for helper in helpers {
                let tell = tell.clone();
                scope.spawn(move || {
                    // Who listens no more knows why.
                    parts.work(&helper, &mut |told| tell.send(told).map_err(|_| Unheard)).ok()
                });
            }
            drop(tell);
            told.into_iter().try_for_each(|told| listener.hear(told))
        })?;
    }
    found.entries = listener.entries;
    let mut view = Ok(TotalPicoUsd::ZERO);
    for proof in listener.proofs.into_iter().flatten() {
        found.total += proof.total;
        found.differences.extend(proof.differences);
        view = proof.view.unwrap_or(view);
    }
    Ok(view)
}

/// What was told, in the order of the parts.
struct Listener<'proof> {
    db: &'proof Connection,
    parts: &'proof Parts,
    progress: &'proof mut dyn FnMut(u64),
    entries: u64,
    proofs: Vec<Option<Proof>>,
}

impl<'proof> Listener<'proof> {
    fn new(
        db: &'proof Connection,
        parts: &'proof Parts,
        progress: &'proof mut dyn FnMut(u64),
    ) -> Self {
        let proofs = (0..parts.len()).map(|_| None).collect();
        Self { db, parts, progress, entries: 0, proofs }
    }

    fn hear(&mut self, told: Told) -> Result<(), Fault> {
        match told {
            Told::Entries(more) => {
                for _ in 0..more {
                    self.entries += 1;
                    (self.progress)(self.entries);
                }
                Ok(())
            }
            Told::Sums(sums) => sums.write(self.db, "temp", &self.parts.families),
            Told::Done(place, proof) => {
                self.proofs[place] = Some(proof?);
                Ok(())
            }
        }
    }
}

/// The rollups are what the entries add up to.
fn prove_rollups(db: &Connection, parts: &Parts, found: &mut Verification) -> Result<(), Fault> {
    rollups::name_series(db, &parts.numbers)?;
    for what in rollups::differences(db)? {
        found.differs(None, what);
    }
    Ok(())
}

/// Every adjustment is one of an attempt, whose adjustments fit it.
fn prove_adjustments(
    attempts: &mut Attempts<'_>,
    dictionary: &RefCell<Dictionary>,
    found: &mut Verification,
) -> Result<(), Fault> {
    let db = attempts.db;
    let mut statement =
        db.prepare("SELECT uid, adjusts FROM entries WHERE adjusts IS NOT NULL ORDER BY seq")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let adjusted = Uid(row.get(1)?);
        if attempts.find(adjusted)?.is_none() {
            found.differs(Some(Uid(row.get(0)?)), orphan(adjusted));
        }
    }
    let mut statement =
        db.prepare("SELECT DISTINCT adjusts FROM entries WHERE adjusts IS NOT NULL")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let uid = Uid(row.get(0)?);
        // An adjustment of nothing is named already.
        let Some(seq) = attempts.find(uid)? else { continue };
        let proved = read::numbered(db, dictionary, seq)
            .and_then(|attempt| Ok(attempt.zip(Some(read::adjustments(db, dictionary, uid)?))));
        match proved {
            Ok(Some((attempt, adjustments))) => found.prove_adjusted(&attempt, &adjustments),
            // An entry that cannot be read is named already, too.
            Ok(None) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// Every score is one of an attempt.
fn prove_feedback(attempts: &mut Attempts<'_>, found: &mut Verification) -> Result<(), Fault> {
    feedback::each_scored(attempts.db, |uid| {
        if attempts.find(uid)?.is_none() {
            found.differs(Some(uid), "it has a score, and is no attempt in this ledger".to_owned());
        }
        Ok(())
    })
}

/// Finds attempts by their identities, many of them.
struct Attempts<'ledger> {
    db: &'ledger Connection,
    /// `None` in a ledger of an earlier version.
    identities: Option<Identities>,
}

impl<'ledger> Attempts<'ledger> {
    fn of(db: &'ledger Connection) -> Result<Self, Fault> {
        let mut identities = identities::are_kept(db)?.then(Identities::default);
        if let Some(identities) = &mut identities {
            identities.catch_up(db)?;
        }
        Ok(Self { db, identities })
    }

    /// The number of an attempt.
    fn find(&mut self, uid: Uid) -> Result<Option<i64>, Fault> {
        let seq = match &mut self.identities {
            Some(identities) => identities.find(self.db, uid)?,
            None => identities::seq_of(self.db, uid)?,
        };
        let Some(seq) = seq else { return Ok(None) };
        let sql = "SELECT seq FROM entries WHERE seq = ?1 AND adjusts IS NULL";
        let attempt = self.db.prepare_cached(sql)?.query_row([seq], |row| row.get(0));
        Ok(attempt.optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::tests::{batch, ledger};
    use crate::traits::Entries as _;

    #[test]
    fn one_connection_finds_what_several_do() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(folder.path());
        ledger.append(&batch(0..10_000)).unwrap();
        let outside = Connection::open(ledger.path()).unwrap();
        let changes = "UPDATE entries SET status = 9 WHERE seq % 1000 = 7; \
                       DELETE FROM identities WHERE seq = 8000; \
                       DELETE FROM rollups WHERE level = 1; \
                       UPDATE rollups SET requests = 1 WHERE level = 2";
        outside.execute_batch(changes).unwrap();
        let (path, connection) = (ledger.path(), &ledger.connection);
        let prove = |moment| {
            let mut told = 0;
            let found = prove(moment, &RefCell::default(), &mut |done| told = done).unwrap();
            assert_eq!((found.entries, told), (10_000, 10_000));
            found
        };
        let several = prove(Moment::now(path, connection).unwrap());
        let one = prove(Moment::alone(connection).unwrap());
        assert_eq!(one, several);
        assert!(one.differences.len() > 10 + 2, "{:?}", one.differences);
    }
}
