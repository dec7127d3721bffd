//! Settling what is in doubt: a call whose outcome a crash or a lost connection left unknown, once
//! somebody knows what it cost.
//!
//! The entry is not changed. An adjustment leads from what it was charged to what it did cost, and takes
//! its requests out of those in doubt. An attempt is settled once and for good.

use centime_core::adjusted::Adjusted;
use centime_core::entry::{Entry, Status};
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::time::Timestamp;
use centime_ledger::{Appended, Entries, LedgerError};

/// What became of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The attempt is settled by this adjustment now.
    New {
        /// The adjustment.
        adjustment: Box<Entry>,
        /// What the attempt was charged before.
        before: TotalPicoUsd,
    },
    /// It was settled at the same charge before.
    Known,
}

/// Why an attempt cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Its outcome was never in doubt.
    #[error("its status is `{status}`, not `in_doubt`: its outcome is known, and stays as it is")]
    NotInDoubt {
        /// How it ended.
        status: Status,
    },
    /// It was settled otherwise.
    #[error("it is settled at {charge} USD already, and stays as it is")]
    Otherwise {
        /// What it was settled at.
        charge: TotalPicoUsd,
    },
    /// The difference to what it was charged does not fit an adjustment.
    #[error("from {before} to {charge} USD is more than one adjustment can hold")]
    TooFar {
        /// What it was charged.
        before: TotalPicoUsd,
        /// What it should be charged.
        charge: PicoUsd,
    },
    /// Others adjust the attempt again and again.
    #[error("others adjust it at this moment; try again")]
    Contended,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// How often an attempt is looked at that others adjust at the same time.
const ROUNDS_MAX: usize = 100;

/// Settles an attempt in doubt: it cost `charge`, as `source` says.
///
/// # Errors
/// When its outcome is known, or the ledger failed; then nothing was written.
pub fn resolve(
    ledger: &mut impl Entries,
    attempt: &Entry,
    charge: PicoUsd,
    source: &str,
    now: Timestamp,
) -> Result<Resolved, ResolveError> {
    if attempt.status != Status::InDoubt {
        return Err(ResolveError::NotInDoubt { status: attempt.status });
    }
    for _ in 0..ROUNDS_MAX {
        let adjustments = ledger.adjustments(attempt.uid)?;
        let adjusted = Adjusted::new(attempt, &adjustments);
        let before = adjusted.charge();
        if !adjusted.is_in_doubt() {
            let is_same = before == charge.into();
            return if is_same {
                Ok(Resolved::Known)
            } else {
                Err(ResolveError::Otherwise { charge: before })
            };
        }
        let settlement = adjusted.settlement(adjusted.flat(charge, source), now);
        let adjustment = settlement.ok_or(ResolveError::TooFar { before, charge })?;
        // Where somebody else adjusted it meanwhile, its state is another now.
        if ledger.append(std::slice::from_ref(&adjustment))? == [Appended::New] {
            return Ok(Resolved::New { adjustment: Box::new(adjustment), before });
        }
    }
    Err(ResolveError::Contended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pricer;
    use crate::ingest::{ChargePolicy, Ingest};
    use centime_core::price::PriceBook;
    use centime_ledger::memory::MemoryLedger;
    use centime_ledger::{Reports, Verify};
    use centime_providers::event::{Constants, read_event};
    use jiff::tz::TimeZone;

    const BOOK: &str = "\
provider acme
maker

model big chat
 from 2024-01-01 exact test
  input 1/1M
";

    fn entry(status: &str) -> Entry {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let mut ingest = Ingest::new(
            &mut pricer,
            "events",
            ChargePolicy::Ours,
            crate::KeyNames::under(&[7; 32]),
        );
        let event = format!(
            r#"{{"id":"1","at":"2026-11-01","model":"big","meters":{{"input":9}},"status":"{status}"}}"#
        );
        let read = read_event(&event, &Constants::default(), &TimeZone::UTC).unwrap();
        ingest.entry(read, event.as_bytes(), now()).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_attempt_is_settled_once() {
        let attempt = entry("in_doubt");
        let mut ledger = MemoryLedger::default();
        ledger.append(std::slice::from_ref(&attempt)).unwrap();
        let mut settle = |pico| {
            let resolved =
                resolve(&mut ledger, &attempt, PicoUsd::from_pico(pico), "somebody", now());
            match resolved {
                Ok(Resolved::New { before, .. }) => format!("new, from {before}"),
                Ok(Resolved::Known) => "known".to_owned(),
                Err(error) => error.to_string(),
            }
        };
        for (pico, expected) in [
            (5, "new, from 0.000009"),
            (5, "known"),
            (6, "it is settled at 0.000000000005 USD already, and stays as it is"),
            (5, "known"),
        ] {
            assert_eq!(settle(pico), expected, "{pico}");
        }
        let found = ledger.verify(&mut |_| {}).unwrap();
        assert_eq!((found.entries, found.total.pico(), found.differences), (2, 5, vec![]));
        let everything = centime_ledger::ReportQuery {
            filter: centime_ledger::EntryFilter::default(),
            by: Vec::new(),
            zone: TimeZone::UTC,
        };
        assert_eq!(ledger.total(&everything).unwrap().in_doubt_requests, 0);
    }

    #[test]
    fn a_known_outcome_stays_as_it_is() {
        for status in ["ok", "error", "aborted", "cached"] {
            let mut ledger = MemoryLedger::default();
            let resolved = resolve(&mut ledger, &entry(status), PicoUsd::ZERO, "somebody", now());
            let error = resolved.unwrap_err().to_string();
            assert!(error.contains(&format!("its status is `{status}`")), "{error}");
        }
    }
}
