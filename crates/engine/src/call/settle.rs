//! Settle: the one last phase of every call, whatever became of it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use centime_core::entry::{Entry, PricingStatus, Status, Uid, UsageSource};
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_providers::Metered;
use centime_providers::event::Event;
use centime_providers::wire::Endpoint;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::admit::Held;
use super::estimate;
use super::house::{House, Worker};
use super::provider::Provider;
use super::record::Intent;
use crate::ingest::{ChargePolicy, Origin, PricedEvent, call_of, entry_of, price_event};
use crate::pricer::Pricer;

/// From this length of texts on, counting them is done beside the calls.
const COUNTED_HERE_BYTES_MAX: usize = 64 * 1024;
/// The source of entries that calls through a gateway make.
const SOURCE: &str = "gateway";

/// What is known of an attempt from its request.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) intent: Intent,
    pub(super) provider: Arc<Provider>,
    pub(super) endpoint: Endpoint,
    /// The body of the request, should its tokens have to be counted.
    pub(super) request: Bytes,
    pub(super) service_tier: Option<String>,
    pub(super) output_limit_tokens: Option<u64>,
    /// How many answers or images it asks for.
    pub(super) answers: Option<u64>,
    pub(super) begun: Instant,
    /// How long it took from then until the request could leave.
    pub(super) prepared_in: Duration,
}

/// How an attempt ended.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) status: Status,
    /// What the provider says was used.
    pub(super) metered: Option<Metered>,
    /// Whether that is all: the answer came to its end.
    pub(super) is_whole: bool,
    /// The text of an answer whose usage is not known, or the beginning of it.
    pub(super) seen: String,
    /// How many bytes of it followed.
    pub(super) unseen_bytes: u64,
}

/// What a client is told of a settled call.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    /// What it cost; `None` where it has no price, or is being counted still.
    pub(super) cost: Option<PicoUsd>,
    pub(super) price_version: Option<String>,
    /// What the tightest budget has left; `None` where no budget limits the call.
    pub(super) remaining: Option<TotalPicoUsd>,
}

/// The duty to settle an attempt: whoever holds it settles it, and if nobody does, dropping it does.
pub(super) struct Duty {
    worker: Rc<Worker>,
    attempt: Option<Attempt>,
    /// What is set aside for it.
    held: Option<Held>,
    /// Whether anything of the request can have reached the provider.
    sent: Rc<Cell<bool>>,
}

impl Duty {
    /// Takes the duty on, once the intent is kept.
    pub(super) fn new(worker: Rc<Worker>, attempt: Attempt, held: Held) -> Self {
        Self { worker, attempt: Some(attempt), held: Some(held), sent: Rc::default() }
    }

    /// Where it is noted that something was sent: until then there is no call.
    pub(super) fn sent(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.sent)
    }

    /// The identity of the entry to come.
    pub(super) fn uid(&self) -> Option<Uid> {
        self.attempt.as_ref().map(|attempt| attempt.intent.uid)
    }

    /// The model that is called.
    pub(super) fn model(&self) -> &str {
        self.attempt.as_ref().map_or("", |attempt| &attempt.intent.model)
    }

    /// From now on the time is the provider's.
    pub(super) fn forwards(&mut self) {
        if let Some(attempt) = &mut self.attempt {
            attempt.prepared_in = attempt.begun.elapsed();
        }
    }

    /// What a call would cost with this usage, as far as that is known.
    pub(super) fn cost_of(&self, metered: &Metered) -> Option<PicoUsd> {
        let attempt = self.attempt.clone()?;
        let at = attempt.intent.at;
        let event = event(attempt, Status::Ok, metered.clone());
        let priced = self.worker.with_pricer(|pricer| price_event(pricer, &event, at)).ok()?;
        priced.priced.charge.map(|charge| charge.amount)
    }

    /// Nothing was sent, so that there was no call.
    pub(super) fn release(mut self) {
        self.release_once();
    }

    fn release_once(&mut self) {
        // What was set aside is given back.
        drop(self.held.take());
        if let Some(attempt) = self.attempt.take() {
            self.worker.house.recorder.release(attempt.intent.uid);
        }
    }

    /// Writes down what became of the attempt.
    pub(super) fn settle(mut self, outcome: Outcome) -> Settled {
        self.settle_once(outcome)
    }

    fn settle_once(&mut self, outcome: Outcome) -> Settled {
        let unknown = Settled { cost: None, price_version: None, remaining: None };
        let held = self.held.take();
        let Some(attempt) = self.attempt.take() else { return unknown };
        let house = &self.worker.house;
        let texts = attempt.request.len() + outcome.seen.len();
        if outcome.has_to_be_counted()
            && texts > COUNTED_HERE_BYTES_MAX
            && let Ok(runtime) = Handle::try_current()
        {
            let house = Arc::clone(house);
            runtime.spawn_blocking(move || {
                let mut pricer = Pricer::new(house.books.current());
                record(&house, &mut pricer, (attempt, held), outcome);
            });
            return unknown;
        }
        self.worker.with_pricer(|pricer| record(house, pricer, (attempt, held), outcome))
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        // The client went away before there was anything to tell it.
        if self.sent.get() {
            self.settle_once(Outcome { status: Status::Aborted, ..Outcome::default() });
        } else {
            self.release_once();
        }
    }
}

impl Outcome {
    /// Nobody knows whether the provider answered.
    pub(super) fn in_doubt() -> Self {
        Self { status: Status::InDoubt, ..Self::default() }
    }

    /// Whether the tokens have to be counted, the provider not having said how many they were.
    fn has_to_be_counted(&self) -> bool {
        match self.status {
            Status::InDoubt | Status::Cached => false,
            // An answer that was an error from the start used nothing.
            Status::Error if self.is_whole => false,
            _ => self.metered.is_none() || !self.is_whole,
        }
    }
}

/// Makes the entry, keeps it, and tells who watches.
fn record(
    house: &House,
    pricer: &mut Pricer,
    (attempt, held): (Attempt, Option<Held>),
    outcome: Outcome,
) -> Settled {
    let prepared_in = attempt.prepared_in;
    let mut entry = entry(house, pricer, attempt, outcome);
    // Budgets know it before the ledger does, which tells them of what they do not know.
    let remaining = held.and_then(|held| {
        if entry.status == Status::InDoubt {
            entry.held = Some(held.worst);
            held.doubt();
            return None;
        }
        held.settle(entry.charge, (house.clock)())
    });
    let settled = Settled {
        remaining,
        cost: (entry.pricing_status != PricingStatus::Unpriced).then_some(entry.charge),
        price_version: entry.price_version.clone(),
    };
    house.observer.settled(&entry, prepared_in);
    house.recorder.settle(entry);
    settled
}

/// The entry of an attempt of which nothing more is ever known.
pub(super) fn doubtful(
    house: &House,
    pricer: &mut Pricer,
    attempt: &Attempt,
    held: &Held,
) -> Entry {
    let entry = entry(house, pricer, attempt.clone(), Outcome::in_doubt());
    Entry { held: Some(held.worst), ..entry }
}

fn entry(house: &House, pricer: &mut Pricer, attempt: Attempt, outcome: Outcome) -> Entry {
    let is_counted = outcome.has_to_be_counted();
    let Outcome { status, metered, seen, unseen_bytes, .. } = outcome;
    let mut metered = metered.unwrap_or_default();
    if is_counted {
        metered.usage = estimate::usage(pricer, &attempt, &metered.usage, &seen, unseen_bytes);
    }
    let origin = Origin {
        uid: attempt.intent.uid,
        source: SOURCE,
        policy: ChargePolicy::Ours,
        at: attempt.intent.at,
        now: (house.clock)(),
    };
    let event = event(attempt, status, metered);
    let priced = price_event(pricer, &event, origin.at).unwrap_or_else(|_| {
        // No charge can be that large: what the provider says cannot be true, and is kept unpriced.
        PricedEvent { priced: pricer.unpriced(&call_of(&event, origin.at)), saved: None }
    });
    let mut entry = entry_of(pricer, event, priced, &origin);
    if is_counted {
        entry.usage_source = UsageSource::Estimated;
    }
    entry
}

/// What an attempt and its answer tell, as any other source would tell it.
fn event(attempt: Attempt, status: Status, metered: Metered) -> Event {
    let Attempt { intent, service_tier, output_limit_tokens, begun, .. } = attempt;
    Event {
        id: None,
        at: Some(intent.at),
        provider: Some(intent.provider),
        model: intent.model,
        served_model: metered.model,
        usage: metered.usage,
        // What was served goes before what was asked for; `auto` asks for nothing.
        service_tier: metered.service_tier.or(service_tier.filter(|tier| tier != "auto")),
        region: metered.region,
        options: metered.options,
        batch: metered.batch,
        attribution: intent.attribution,
        own_key: None,
        status,
        latency_ms: u64::try_from(begun.elapsed().as_millis()).ok(),
        requests: 1,
        reported_cost: metered.reported_cost,
        response_id: metered.response_id,
        output_limit_tokens: metered.output_limit_tokens.or(output_limit_tokens),
        content: fingerprint(intent.uid),
    }
}

/// A call through a gateway is told once, by the gateway: its identity is all its content.
fn fingerprint(uid: Uid) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = uid.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
