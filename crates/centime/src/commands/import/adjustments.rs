//! Adjustments that come in with an export: each must fit what the ledger has of its attempt.
//!
//! The ledger takes what is new under an identity that is free. Of an attempt that was adjusted
//! otherwise here, some of an export's adjustments would be refused and others taken, and the sum would
//! be nobody's. So each must be the next one of the same attempt, and leave it sound.

use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{HashMap, HashSet};

use centime_core::adjusted::Adjusted;
use centime_core::entry::{Entry, Uid};
use centime_ledger::LedgerError;
use centime_ledger::sqlite::Load;

use super::batch::Batch;
use super::records::Problem;

/// What is known of adjusted attempts while an import goes on.
#[derive(Debug, Default)]
pub(super) struct Adjustments {
    /// The attempts whose adjustments do not fit; none that follows would.
    unfit: HashSet<Uid>,
}

/// An attempt and its adjustments, as the ledger will have them.
type Known = (Entry, Vec<Entry>);

impl Adjustments {
    /// Takes the adjustments that do not fit out of a batch.
    pub(super) fn sort_out(
        &mut self,
        load: &mut Load<'_>,
        batch: Batch,
    ) -> Result<(Batch, Vec<Problem>), LedgerError> {
        if batch.entries.iter().all(|entry| entry.adjusts.is_none()) {
            return Ok((batch, Vec::new()));
        }
        let mut known: HashMap<Uid, Option<Known>> = HashMap::new();
        let mut good = batch.another();
        let mut problems = Vec::new();
        let mut attempts: HashMap<Uid, Entry> = HashMap::new();
        for (entry, record) in batch.entries.into_iter().zip(batch.records) {
            let misfit = match entry.adjusts {
                None => None,
                Some(attempt) => {
                    let known = match known.entry(attempt) {
                        Occupied(found) => found.into_mut(),
                        Vacant(place) => place.insert(find(load, attempt, attempts.get(&attempt))?),
                    };
                    self.misfit(attempt, &entry, known)
                }
            };
            match misfit {
                None => {
                    if entry.adjusts.is_none() {
                        attempts.insert(entry.uid, entry.clone());
                    }
                    good.push(entry, record, 0);
                }
                Some(what) => problems.push(Problem { record, id: None, what }),
            }
        }
        Ok((good, problems))
    }

    /// Why an adjustment does not fit; where it does, it is known from now on.
    fn misfit(
        &mut self,
        uid: Uid,
        adjustment: &Entry,
        known: &mut Option<Known>,
    ) -> Option<String> {
        let Some((attempt, adjustments)) = known else {
            return Some(format!(
                "it adjusts `{uid}`, which is not in the ledger; import it first"
            ));
        };
        if !self.unfit.contains(&uid) {
            if adjustments.iter().any(|known| is_same(known, adjustment)) {
                return None;
            }
            let ordinal = u64::try_from(adjustments.len()).unwrap_or(u64::MAX);
            adjustments.push(adjustment.clone());
            let is_next = adjustment.uid == Uid::of_adjustment(uid, ordinal);
            if is_next && Adjusted::new(attempt, adjustments).inconsistencies().is_empty() {
                return None;
            }
            adjustments.pop();
            self.unfit.insert(uid);
        }
        Some(format!("it adjusts `{uid}`, which is adjusted or priced otherwise in this ledger"))
    }
}

fn is_same(one: &Entry, other: &Entry) -> bool {
    (one.uid, one.content, one.at) == (other.uid, other.content, other.at)
}

/// An attempt with its adjustments, from the ledger or from the batch. One that is another in the two is
/// not found: it will be refused.
fn find(
    load: &mut Load<'_>,
    uid: Uid,
    of_batch: Option<&Entry>,
) -> Result<Option<Known>, LedgerError> {
    let kept = load.entry(uid)?.filter(|entry| entry.adjusts.is_none());
    let is_other = |(kept, come): (&Entry, &Entry)| !is_same(kept, come);
    if kept.as_ref().zip(of_batch).is_some_and(is_other) {
        return Ok(None);
    }
    let Some(attempt) = kept.or_else(|| of_batch.cloned()) else { return Ok(None) };
    let adjustments = load.adjustments(uid)?;
    Ok(Some((attempt, adjustments)))
}
