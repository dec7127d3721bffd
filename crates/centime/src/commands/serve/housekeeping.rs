//! What is looked after while the gateway runs: prices that were set and keys that were made, changed or revoked
//! hold within a second, what the
//! ledger did not take is offered again, and the figures of the journal are told.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use centime_core::entry::Entry;
use centime_engine::accounts::Follower;
use centime_engine::call::{House, Keyring};
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::{Keys as _, LedgerError, Prices as _};
use centime_server::Metrics;

use super::recorder::JournalRecorder;
use super::watching::Signs;
use crate::app::{App, now, revised_book};
use crate::failure::Failure;
use crate::own_prices::lay_over;

/// How often.
const EVERY: Duration = Duration::from_millis(250);
/// How often budgets forget what no longer counts, in rounds.
const SWEEP_ROUNDS: u64 = 1200;

/// The thread that looks after it.
pub(super) struct Housekeeping {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Housekeeping {
    /// Starts it. `keys_revision` is that of the keys in force.
    pub(super) fn start(
        app: &App,
        house: &Arc<House>,
        recorder: JournalRecorder,
        metrics: Arc<Metrics>,
        mut keys_revision: u64,
        signs: Arc<Signs>,
    ) -> Result<Self, Failure> {
        let (stop, stopped) = channel();
        let house = Arc::clone(house);
        let ledger = app.ledger()?;
        let own = app.config.prices.clone();
        // With `--prices` that file alone counts.
        let is_own_file = app.prices.is_some();
        let mut known = ledger.price_revisions()?.len();
        let (rules, mut follower) = (app.config.rules.clone(), Follower::new(app.zone.clone()));
        // Before the first call is admitted it is known what was spent.
        follower.begin(&house.bank, &ledger, &rules, now())?;
        let mut rounds = 0_u64;
        let look_after = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                recorder.offer_again();
                // What cannot be read now is read the next time.
                let mut see = |entry: &Entry| signs.see(entry);
                let _ = follower.follow(&house.bank, &ledger, (&rules, &mut see), now());
                rounds += 1;
                if rounds.is_multiple_of(SWEEP_ROUNDS) {
                    house.bank.sweep(now());
                }
                let pending = u64::try_from(recorder.pending()).unwrap_or(u64::MAX);
                metrics.set_queue_entries(pending);
                // What cannot be read now is read the next time.
                if let Ok(read) = renew_keys(&ledger, keys_revision, &house.keyring) {
                    keys_revision = read;
                }
                if is_own_file {
                    continue;
                }
                let Ok(revisions) = ledger.price_revisions() else { continue };
                if revisions.len() != known
                    && let Ok(book) = revised_book(&revisions).and_then(|book| lay_over(book, &own))
                {
                    known = revisions.len();
                    house.books.replace(Arc::new(book));
                }
            }
        };
        let thread = Builder::new().name("housekeeping".to_owned()).spawn(look_after);
        let thread = thread
            .map_err(|error| Failure::Environment(format!("cannot start a thread: {error}")))?;
        Ok(Self { stop, thread })
    }

    /// Ends it.
    pub(super) fn stop(self) {
        drop(self.stop);
        // Whatever it would have done next can be done the next time.
        let _ = self.thread.join();
    }
}

/// Puts the keys of the ledger in force where they changed since `known`, and says which change is the last.
fn renew_keys(ledger: &SqliteLedger, known: u64, keyring: &Keyring) -> Result<u64, LedgerError> {
    let revision = ledger.keys_revision()?;
    if revision != known {
        keyring.replace(ledger.keys()?);
    }
    Ok(revision)
}
