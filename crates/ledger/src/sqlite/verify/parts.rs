//! The parts of a proof that can be done beside one another, each by a connection of its own.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use centime_core::entry::{Entry, Uid};
use centime_core::money::TotalPicoUsd;
use rusqlite::{Connection, params};

use crate::rollup::Family;
use crate::sqlite::dictionary::Dictionary;
use crate::sqlite::fault::Fault;
use crate::sqlite::identities;
use crate::sqlite::read::{
    AFTER_ENTRY, AT, CONTEXT, COUNTED_COLUMNS, FURTHER_COLUMNS, TAGS, UID, read_counted, read_entry,
};
use crate::sqlite::rollups::{Kept, Numbering, Numbers, Rollups, Waiting};
use crate::sums::Counted;
use crate::traits::Difference;

/// How many entries are proved between two words about it.
const TOLD_EVERY: u64 = 4_096;

/// A part of a proof.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The file is whole and its indexes hold what its tables do.
    File,
    /// What people read with their own tools can be read.
    View,
    /// Every entry of a generation can be read, holds by itself, and is found by its identity.
    Entries(i64),
    /// No two entries have the same identity, as far as one pass looks.
    Twins(u64),
}

/// All parts, and what they have in common.
pub(super) struct Parts {
    list: Vec<Part>,
    next: AtomicUsize,
    generations: Vec<i64>,
    has_identities: bool,
    pub(super) families: Vec<(i64, Family)>,
    /// The series of the rollups that are made anew.
    pub(super) numbers: Arc<Numbers>,
}

/// What a part found.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) total: TotalPicoUsd,
    pub(super) differences: Vec<Difference>,
    /// What the view adds up to, or why it cannot be read.
    pub(super) view: Option<Result<TotalPicoUsd, String>>,
}

/// What whoever works on parts has to tell.
pub(super) enum Told {
    /// So many entries more are done.
    Entries(u64),
    /// Sums of entries that were proved.
    Sums(Waiting),
    /// A part is done, by its place in the list.
    Done(usize, Result<Proof, Fault>),
}

/// Nobody listens any more.
pub(super) struct Unheard;

impl Parts {
    /// The parts of a ledger's proof: the long ones first, so that all end at about the same time.
    pub(super) fn of(
        db: &Connection,
        generations: Vec<i64>,
        families: Vec<(i64, Family)>,
    ) -> Result<Self, Fault> {
        let has_identities = identities::are_kept(db)?;
        let passes = if has_identities { identities::passes(&generations) } else { 0 };
        let entries = generations.iter().map(|&generation| Part::Entries(generation));
        let list = [Part::File, Part::View].into_iter();
        let list = list.chain(entries).chain((0..passes).map(Part::Twins)).collect();
        let next = AtomicUsize::new(0);
        let numbers = Arc::default();
        Ok(Self { list, next, generations, has_identities, families, numbers })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Works on parts for as long as there are any that nobody else works on.
    pub(super) fn work(
        &self,
        db: &Connection,
        tell: &mut dyn FnMut(Told) -> Result<(), Unheard>,
    ) -> Result<(), Unheard> {
        let rollups = Rollups::new(Numbering::Anew(self.numbers.clone()), self.families.clone());
        let mut worker = Worker { parts: self, db, dictionary: RefCell::default(), rollups, tell };
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&part) = self.list.get(place) else { break };
            let mut proof = Proof::default();
            let proved = match worker.prove(part, &mut proof) {
                Ok(()) => Ok(proof),
                Err(Stop::Unheard) => return Err(Unheard),
                // What was found before the damage counts.
                Err(Stop::Fault(fault)) if fault.is_damage() => {
                    proof.differs(None, format!("the rest cannot be read: {fault}"));
                    Ok(proof)
                }
                Err(Stop::Fault(fault)) => Err(fault),
            };
            (worker.tell)(Told::Done(place, proved))?;
        }
        let sums = worker.rollups.drain();
        (worker.tell)(Told::Sums(sums))
    }
}

impl Proof {
    fn differs(&mut self, entry: Option<Uid>, what: String) {
        self.differences.push(Difference { entry, what });
    }
}

/// Why a part ends early.
enum Stop {
    Fault(Fault),
    Unheard,
}

impl<F: Into<Fault>> From<F> for Stop {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

struct Worker<'work> {
    parts: &'work Parts,
    db: &'work Connection,
    dictionary: RefCell<Dictionary>,
    rollups: Rollups,
    tell: &'work mut dyn FnMut(Told) -> Result<(), Unheard>,
}

impl Worker<'_> {
    fn prove(&mut self, part: Part, proof: &mut Proof) -> Result<(), Stop> {
        match part {
            Part::File => Ok(prove_file(self.db, proof)?),
            Part::View => {
                proof.view = Some(add_up_view(self.db));
                Ok(())
            }
            Part::Entries(generation) => self.prove_entries(generation, proof),
            Part::Twins(pass) => {
                for uid in identities::twins(self.db, &self.parts.generations, pass)? {
                    proof.differs(Some(uid), "another entry has the same identity".to_owned());
                }
                Ok(())
            }
        }
    }

    fn prove_entries(&mut self, generation: i64, proof: &mut Proof) -> Result<(), Stop> {
        let is_full = self.parts.generations.last() != Some(&generation);
        let kept =
            self.parts.has_identities.then(|| identities::Kept::of(self.db, generation, is_full));
        let mut kept = match kept.transpose() {
            Ok(kept) => kept,
            // The entries can be proved all the same.
            Err(fault) if fault.is_damage() => {
                proof.differs(None, fault.to_string());
                None
            }
            Err(fault) => return Err(fault.into()),
        };
        let mut wrong = Vec::new();
        let mut untold = 0;
        let (first, last) = identities::seqs_of(generation);
        let sql = format!(
            "SELECT {COUNTED_COLUMNS}, {FURTHER_COLUMNS}, seq FROM entries \
             WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![first, last])?;
        while let Some(row) = rows.next()? {
            let uid = row.get(UID).ok().map(Uid);
            if let (Some(kept), Some(uid)) = (&mut kept, uid) {
                kept.prove(uid, row.get(AFTER_ENTRY)?, &mut wrong);
                wrong.drain(..).for_each(|what| proof.differs(Some(uid), what));
            }
            let entry = read_entry(row, self.db, &mut self.dictionary.borrow_mut());
            match entry {
                Ok(entry) => {
                    let counted = read_counted(row)?;
                    prove_entry(&entry, &counted, proof);
                    let (at_us, context, tags) = (row.get(AT)?, row.get(CONTEXT)?, row.get(TAGS)?);
                    let placed = Kept { at_us, context, tags };
                    placed.add_to(&mut self.rollups, self.db, &self.dictionary, &counted)?;
                }
                Err(Fault::Damaged(what)) => proof.differs(uid, what),
                Err(fault) => return Err(fault.into()),
            }
            untold += 1;
            if untold == TOLD_EVERY {
                self.told(Told::Entries(std::mem::take(&mut untold)))?;
                if self.rollups.is_full() {
                    let sums = self.rollups.drain();
                    self.told(Told::Sums(sums))?;
                }
            }
        }
        self.told(Told::Entries(untold))?;
        if let Some(kept) = kept {
            kept.finish(&mut wrong);
            wrong.into_iter().for_each(|what| proof.differs(None, what));
        }
        Ok(())
    }

    fn told(&mut self, told: Told) -> Result<(), Stop> {
        (self.tell)(told).map_err(|Unheard| Stop::Unheard)
    }
}

fn prove_file(db: &Connection, proof: &mut Proof) -> Result<(), Fault> {
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            proof.differs(None, format!("the file: {said}"));
        }
    }
    Ok(())
}

fn prove_entry(entry: &Entry, kept: &Counted, proof: &mut Proof) {
    proof.total += entry.charge;
    for inconsistency in entry.inconsistencies() {
        proof.differs(Some(entry.uid), inconsistency.to_string());
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
            proof.differs(Some(entry.uid), what);
        }
    }
}

fn add_up_view(db: &Connection) -> Result<TotalPicoUsd, String> {
    // Dollars and rest apart: their sums fit 64 bits where that of the picodollars does not.
    let sql = "SELECT ifnull(sum(cost_pico_usd / 1000000000000), 0), \
               ifnull(sum(cost_pico_usd % 1000000000000), 0) FROM costs";
    let sums = db.query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?)));
    let (dollars, rest): (i64, i64) = sums.map_err(|error| error.to_string())?;
    Ok(TotalPicoUsd::from_pico(i128::from(dollars) * 1_000_000_000_000 + i128::from(rest)))
}
