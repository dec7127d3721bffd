//! Calls to write, and something to write them on.

use std::io::Write;
use std::sync::{Arc, Mutex};

use centime_core::attribution::Attribution;
use centime_core::entry::{
    AppliedCard, AppliedRate, Entry, EntryLine, PricingStatus, Status, StatusMoves, Uid,
    UsageSource,
};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity, Rate};
use centime_core::price::{Certainty, Options, ServiceTier};
use centime_core::time::Timestamp;

/// What was written, for whoever reads it later.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A call of so many input tokens at a microdollar each.
pub(crate) fn entry(uid: u8, input_tokens: u64) -> Entry {
    let at = Timestamp::EARLIEST;
    let rate = AppliedRate {
        meter: Meter::Input,
        rate: Rate::per("1", 1_000_000).unwrap(),
        rate_of: Meter::Input,
        derived: false,
    };
    let charge = PicoUsd::from_pico(i64::try_from(input_tokens).unwrap() * 1_000_000);
    Entry {
        uid: Uid([uid; 16]),
        own_id: None,
        source: "events".to_owned(),
        content: 7,
        at,
        at_assumed: false,
        recorded_at: at,
        adjusts: None,
        moves: StatusMoves::default(),
        request_id: None,
        attempt: 1,
        status: Status::Ok,
        usage_source: UsageSource::Reported,
        pricing_status: PricingStatus::Priced,
        provider: Some("acme".to_owned()),
        model: "big".to_owned(),
        served_model: None,
        service_tier: None,
        region: None,
        batch: false,
        options: Options::NONE,
        requests: 1,
        output_limit_tokens: None,
        response_id: None,
        latency_ms: None,
        price_version: Some("v".to_owned()),
        card: Some(Arc::new(AppliedCard {
            provider: "acme".to_owned(),
            model: "big".to_owned(),
            from: at,
            certainty: Certainty::Exact,
            source: "test".to_owned(),
            tier: ServiceTier::Standard,
            rates: vec![rate],
        })),
        price_assumed: false,
        lines: vec![EntryLine {
            meter: Meter::Input,
            quantity: Quantity::whole(input_tokens),
            amount: Some(charge),
        }],
        charge,
        reported_cost: None,
        saved: PicoUsd::ZERO,
        held: None,
        attribution: Attribution::default(),
    }
}

/// An adjustment by a line that has no rate.
pub(crate) fn adjustment(of: &Entry, line: EntryLine) -> Entry {
    Entry {
        uid: Uid::of_adjustment(of.uid, 0),
        adjusts: Some(of.uid),
        requests: 0,
        card: None,
        charge: line.amount.unwrap_or_default(),
        lines: vec![line],
        ..of.clone()
    }
}
