//! Watching while the gateway runs: what was reached is told within a second, digests are made when they are
//! due, and messages go out to every channel, each on a thread of its own, so that none waits for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use centime_budgets::Bank;
use centime_core::alert::Alert;
use centime_core::entry::{Entry, PricingStatus, Status};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::{Alerts as _, LedgerError, Sent};
use centime_server::Log;
use centime_watch::{Channel, Notice, Schedule, alerts_of, errors_of, unpriced_of};

use crate::app::{App, now};
use crate::digest;
use crate::failure::Failure;
use crate::post::{announce, deliver_next};

/// How often what was spent is looked at, and whether a message waits.
const EVERY: Duration = Duration::from_millis(250);
/// How many accounts are looked at while calls wait for the bank.
const ACCOUNTS_MAX: usize = 1_000;
/// For how many rounds the ledger is asked after a sign: an entry comes into it a moment later.
const LOOKS: u8 = 6;
/// The ledger is asked for at most this part of the time, so that a long answer is no load.
const SHARE_OF_TIME: u32 = 20;

/// What ended calls show that the ledger has to be asked for.
#[derive(Debug, Default)]
pub(super) struct Signs {
    /// One had no price, or not all of it.
    unpriced: AtomicBool,
    /// One cost something and came to nothing.
    failed: AtomicBool,
}

impl Signs {
    /// Sees an entry.
    pub(super) fn see(&self, entry: &Entry) {
        if entry.pricing_status != PricingStatus::Priced {
            self.unpriced.store(true, Ordering::Relaxed);
        }
        if matches!(entry.status, Status::Error | Status::Aborted) && entry.charge > PicoUsd::ZERO {
            self.failed.store(true, Ordering::Relaxed);
        }
    }
}

/// The threads that watch. They end when this is dropped, but for a message that is being sent.
pub(super) struct Watching {
    _stops: Vec<Sender<()>>,
}

impl Watching {
    /// Starts them.
    pub(super) fn start(
        app: &App,
        bank: &Arc<Bank>,
        signs: Arc<Signs>,
        log: &Arc<Log>,
    ) -> Result<Self, Failure> {
        let mut stops = Vec::new();
        let mut spawn = |name: &str, run: Box<dyn FnOnce(Receiver<()>) + Send>| {
            let (stop, stopped) = channel();
            stops.push(stop);
            let thread = Builder::new().name(name.to_owned()).spawn(move || run(stopped));
            thread.map(drop).map_err(|error| super::no_thread(&error))
        };
        let mut watch = Watch {
            app: app.clone(),
            ledger: app.ledger_for_writing()?,
            bank: Arc::clone(bank),
            signs,
            log: Arc::clone(log),
            waiting: Vec::new(),
            unpriced: Look::default(),
            failed: Look::default(),
            digest: None,
        };
        watch.unpriced.begin();
        watch.failed.begin();
        let run = move |stopped: Receiver<()>| {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                // What cannot be read or written now can be the next time.
                let _ = watch.round();
            }
        };
        spawn("watch", Box::new(run))?;
        for (name, channel) in &app.config.alerts.channels {
            let (name, channel, log) = (name.clone(), channel.clone(), Arc::clone(log));
            let mut ledger = app.ledger_for_writing()?;
            let run = move |stopped: Receiver<()>| {
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                    let _ = empty(&mut ledger, (&name, &channel), &stopped, &log);
                }
            };
            spawn("channel", Box::new(run))?;
        }
        Ok(Self { _stops: stops })
    }
}

/// Sends what is due on a channel.
fn empty(
    ledger: &mut SqliteLedger,
    (name, channel): (&str, &Channel),
    stopped: &Receiver<()>,
    log: &Log,
) -> Result<(), LedgerError> {
    while let Some(sent) = deliver_next(ledger, name, channel)? {
        match sent {
            Sent::Delivered => {}
            Sent::Later { why, .. } => {
                log.event("message_not_sent", &[("channel", name), ("why", &why)]);
            }
            Sent::GivenUp { why } => {
                log.event("message_given_up", &[("channel", name), ("why", &why)]);
            }
        }
        if !matches!(stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty)) {
            break;
        }
    }
    Ok(())
}

/// What watches.
struct Watch {
    app: App,
    ledger: SqliteLedger,
    bank: Arc<Bank>,
    signs: Arc<Signs>,
    log: Arc<Log>,
    /// What was reached and could not be written yet.
    waiting: Vec<Alert>,
    unpriced: Look,
    failed: Look,
    /// Up to when digests were made.
    digest: Option<Timestamp>,
}

/// When the ledger is asked next.
#[derive(Debug, Default)]
struct Look {
    left: u8,
    not_before: Option<Instant>,
}

impl Look {
    fn begin(&mut self) {
        self.left = LOOKS;
    }

    /// Asks, where it is time.
    fn ask(
        &mut self,
        sign: &AtomicBool,
        ask: impl FnOnce() -> Result<Vec<Alert>, LedgerError>,
    ) -> Result<Vec<Alert>, LedgerError> {
        if sign.swap(false, Ordering::Relaxed) {
            self.begin();
        }
        let begun = Instant::now();
        if self.left == 0 || self.not_before.is_some_and(|at| begun < at) {
            return Ok(Vec::new());
        }
        let found = ask()?;
        self.left -= 1;
        self.not_before = Some(begun + begun.elapsed() * SHARE_OF_TIME);
        Ok(found)
    }
}

impl Watch {
    fn round(&mut self) -> Result<(), LedgerError> {
        let now = now();
        let Self { app, ledger, bank, signs, waiting, .. } = self;
        let thresholds = &app.config.alerts.thresholds;
        while bank.has_changes() {
            let crossings = bank.crossings(now, ACCOUNTS_MAX);
            waiting.extend(alerts_of(&crossings, thresholds, &app.zone));
        }
        let unpriced = || unpriced_of(ledger, thresholds, now, &app.zone);
        waiting.extend(self.unpriced.ask(&signs.unpriced, unpriced)?);
        let failed = || errors_of(ledger, thresholds, now, &app.zone);
        waiting.extend(self.failed.ask(&signs.failed, failed)?);
        self.raise(now)?;
        self.digest(now)
    }

    /// Raises what was reached: what was raised in its window already is left out by the ledger.
    fn raise(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (channels, log) = (&self.app.config.alerts.channels, &self.log);
        let mut messages = |new: &[&Alert]| {
            for alert in new {
                let (rule, subject) = (&*alert.rule, &*alert.subject);
                log.event("alert", &[("rule", rule), ("subject", subject)]);
            }
            announce(channels, Notice::Alerts(new), now)
        };
        self.ledger.raise(&self.waiting, now, &mut messages)?;
        self.waiting.clear();
        Ok(())
    }

    /// Makes the digest, where one is due.
    fn digest(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let Some(plan) = &self.app.config.alerts.digest else { return Ok(()) };
        let zone = self.app.zone.clone();
        let Some((due, period)) = (Schedule { every: plan.every, at: plan.at, zone }).last_due(now)
        else {
            return Ok(());
        };
        if self.digest.is_none() {
            self.digest = self.ledger.digested()?;
        }
        if self.digest.is_some_and(|digest| digest >= due) {
            return Ok(());
        }
        let mut messages = Vec::new();
        // The first time there is nothing to catch up with: it begins with the next one.
        if self.digest.is_some() {
            let made = digest::of_period(&self.app, &self.ledger, period);
            let Ok(digest) = made else { return Ok(()) };
            let all = &self.app.config.alerts.channels;
            let chosen = all.iter().filter(|(name, _)| plan.channels.contains(name));
            messages = announce(chosen, Notice::Digest(&digest), now);
        }
        self.ledger.post(&messages, now, Some(due))?;
        self.digest = Some(due);
        Ok(())
    }
}
