//! Entries to fill ledgers with: sound ones, as rating makes them.

use std::sync::Arc;

use centime_core::attribution::Attribution;
use centime_core::entry::{
    AppliedCard, AppliedRate, Entry, EntryLine, PricingStatus, Status, StatusMoves, Uid,
    UsageSource,
};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity, TotalPicoUsd};
use centime_core::price::{Certainty, Options, RateCard, RateRule, ServiceTier};
use centime_core::rating::{self, Terms};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use centime_ledger::{EntryFilter, GroupKey, GroupRow, Ledger, Page, PriceRevision, ReportQuery};
use jiff::tz::TimeZone;

/// The card of all samples: everything but web searches has a rate.
fn card() -> RateCard {
    let rule = |(meter, rate): (Meter, &str)| RateRule::standard(meter, rate.parse().unwrap());
    let rates = [
        (Meter::Input, "0.00000125"),
        (Meter::CacheRead, "0.000000125"),
        (Meter::Output, "0.00001"),
        (Meter::Seconds, "0.000000000333333333333333"),
        (Meter::Reported, "1"),
    ];
    let rules = rates.into_iter().map(rule).collect();
    RateCard::new(at("2025-08-07"), Certainty::Exact, "sample".to_owned(), rules)
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A moment, so many seconds after the start of 2026-11-01 in UTC.
pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_micros(at("2026-11-01").micros() + second * 1_000_000)
}

/// An entry of these meters, priced, with the id `id` of the source `events`.
pub(crate) fn entry(id: &str, meters: &[(Meter, &str)]) -> Entry {
    let mut entry = blank(id);
    price(&mut entry, meters);
    entry
}

/// The same without a rate card.
pub(crate) fn unpriced(id: &str, meters: &[(Meter, &str)]) -> Entry {
    let mut entry = blank(id);
    entry.pricing_status = PricingStatus::Unpriced;
    let line = |&(meter, quantity): &(Meter, &str)| EntryLine {
        meter,
        quantity: quantity.parse().unwrap(),
        amount: None,
    };
    entry.lines = meters.iter().map(line).collect();
    entry
}

fn blank(id: &str) -> Entry {
    Entry {
        uid: Uid::of_own_id("events", id),
        own_id: Some(id.to_owned()),
        source: "events".to_owned(),
        content: 7,
        at: second(0),
        at_assumed: false,
        recorded_at: second(60),
        adjusts: None,
        moves: StatusMoves::default(),
        request_id: None,
        attempt: 1,
        status: Status::Ok,
        usage_source: UsageSource::Reported,
        pricing_status: PricingStatus::Priced,
        provider: Some("openai".to_owned()),
        model: "gpt-5".to_owned(),
        served_model: None,
        service_tier: None,
        region: None,
        batch: false,
        options: Options::NONE,
        requests: 1,
        output_limit_tokens: None,
        response_id: None,
        latency_ms: None,
        price_version: Some("2026-11-20.1".to_owned()),
        card: None,
        price_assumed: false,
        lines: Vec::new(),
        charge: PicoUsd::ZERO,
        reported_cost: None,
        saved: PicoUsd::ZERO,
        held: None,
        attribution: Attribution::default(),
    }
}

/// Gives an entry its meters, lines and charge, as rating does.
pub(crate) fn price(entry: &mut Entry, meters: &[(Meter, &str)]) {
    let mut usage = Usage::default();
    for &(meter, quantity) in meters {
        usage.add(meter, quantity.parse().unwrap()).unwrap();
    }
    let charge = rating::rate(&usage, &card(), Terms::at(entry.at)).unwrap();
    let rates = charge.lines.iter().map(|line| AppliedRate {
        meter: line.meter,
        rate: line.rate,
        rate_of: line.rate_of,
        derived: line.derived,
    });
    entry.card = Some(Arc::new(AppliedCard {
        provider: "openai".to_owned(),
        model: "gpt-5".to_owned(),
        from: at("2025-08-07"),
        certainty: Certainty::Exact,
        source: "sample".to_owned(),
        tier: ServiceTier::Standard,
        rates: rates.collect(),
    }));
    let priced = charge.lines.iter().map(|line| EntryLine {
        meter: line.meter,
        quantity: line.quantity,
        amount: Some(line.amount),
    });
    let missing =
        charge.missing.iter().map(|&(meter, quantity)| EntryLine { meter, quantity, amount: None });
    entry.lines = priced.chain(missing).collect();
    entry.charge = charge.amount;
    entry.pricing_status =
        if charge.missing.is_empty() { PricingStatus::Priced } else { PricingStatus::Partial };
}

/// The `ordinal`-th adjustment of an entry: this much more of a meter, for this many picodollars.
pub(crate) fn adjustment(
    of: &Entry,
    ordinal: u64,
    meter: Meter,
    quantity: &str,
    pico: i64,
) -> Entry {
    let quantity: Quantity = quantity.parse().unwrap();
    Entry {
        uid: Uid::of_adjustment(of.uid, ordinal),
        own_id: None,
        adjusts: Some(of.uid),
        requests: 0,
        pricing_status: PricingStatus::Priced,
        lines: vec![EntryLine { meter, quantity, amount: Some(PicoUsd::from_pico(pico)) }],
        charge: PicoUsd::from_pico(pico),
        saved: PicoUsd::ZERO,
        held: None,
        card: None,
        ..of.clone()
    }
}

/// A revision of prices.
pub(crate) fn revision(number: u64) -> PriceRevision {
    PriceRevision {
        number,
        made_at: second(i64::try_from(number).unwrap()),
        origin: format!("prices set m{number}"),
        text: format!(
            "provider acme\n\nmodel m{number} chat\n from 2026-11-01 exact me\n  input 1/1M\n"
        ),
    }
}

/// Every field that an entry has, set.
pub(crate) fn full() -> Entry {
    let mut entry = entry(
        "full",
        &[
            (Meter::Input, "200"),
            (Meter::CacheRead, "1000"),
            (Meter::Seconds, "7.25"),
            (Meter::Reasoning, "50"),
            (Meter::WebSearch, "2"),
        ],
    );
    entry.content = u64::MAX - 1;
    entry.at_assumed = true;
    entry.request_id = Some("request-1".to_owned());
    entry.attempt = u16::MAX;
    entry.status = Status::Aborted;
    entry.usage_source = UsageSource::Estimated;
    entry.served_model = Some("gpt-5-2025-08-07".to_owned());
    entry.service_tier = Some("flex".to_owned());
    entry.region = Some("eu".to_owned());
    entry.batch = true;
    entry.requests = u32::MAX;
    entry.output_limit_tokens = Some(u64::MAX);
    entry.response_id = Some("resp-1".to_owned());
    entry.latency_ms = Some(u64::MAX);
    entry.price_assumed = true;
    entry.reported_cost = Some(PicoUsd::from_pico(-1));
    entry.saved = PicoUsd::MAX;
    entry.attribution = Attribution {
        key: Some("ci".to_owned()),
        user: Some("alice".to_owned()),
        team: Some("search".to_owned()),
        project: Some("ranker".to_owned()),
        session: Some("s1".to_owned()),
        tags: [("app", "bot"), ("env", "prod"), ("", "nul\0 and \"quotes\"")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        metadata: Some(r#"{"b":1,"a":[2.50]}"#.to_owned()),
    };
    entry
}

/// A question over everything, in UTC.
pub(crate) fn by(keys: &str) -> ReportQuery {
    let keys = keys.split(',').filter(|key| !key.is_empty());
    ReportQuery {
        filter: EntryFilter::default(),
        by: keys.map(|key| key.parse::<GroupKey>().unwrap()).collect(),
        zone: TimeZone::UTC,
    }
}

/// The groups of a report in the order of their keys.
pub(crate) fn sorted(mut groups: Vec<GroupRow>) -> Vec<GroupRow> {
    groups.sort_by(|left, right| left.key.cmp(&right.key));
    groups
}

/// All entries, newest first.
pub(crate) fn all(ledger: &dyn Ledger) -> Vec<Entry> {
    let page = Page { limit: usize::MAX, after: None };
    ledger.entries(&EntryFilter::default(), &page).unwrap()
}

pub(crate) fn total_of(entries: &[Entry]) -> TotalPicoUsd {
    entries.iter().map(|entry| entry.charge).sum()
}
