//! Entries of every kind, to write and to read.

use std::sync::Arc;

use centime_core::attribution::Attribution;
use centime_core::entry::{
    AppliedCard, AppliedRate, Entry, EntryLine, PricingStatus, Status, StatusMoves, Uid,
    UsageSource,
};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity, Rate};
use centime_core::price::{Certainty, Options, ServiceTier};
use centime_core::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

/// An entry of nothing much, told from others by its number.
pub(crate) fn entry(number: u64) -> Entry {
    Entry {
        uid: Uid::of_own_id("gateway", &number.to_string()),
        own_id: Some(number.to_string()),
        source: "gateway".to_owned(),
        content: 7,
        at: Timestamp::from_micros(1_793_534_400_000_000),
        at_assumed: false,
        recorded_at: Timestamp::from_micros(1_793_534_400_000_000),
        adjusts: None,
        moves: StatusMoves::default(),
        request_id: None,
        attempt: 1,
        status: Status::Ok,
        usage_source: UsageSource::Reported,
        pricing_status: PricingStatus::Unpriced,
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
        price_version: None,
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

/// The same call before anything is known of it.
pub(crate) fn in_doubt(number: u64) -> Entry {
    Entry { status: Status::InDoubt, content: 1, ..entry(number) }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z0-9-]{1,40}",
        "\\PC{0,20}",
        Just("é\0|\u{10FFFF}".to_owned())
    ]
}

fn optional() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn lines() -> impl Strategy<Value = Vec<EntryLine>> {
    let amount = proptest::option::of(any::<i64>().prop_map(PicoUsd::from_pico));
    let line = (select(Meter::ALL), any::<i128>(), 0..128_u32, amount);
    let line = line.prop_map(|(meter, quantity, shift, amount)| EntryLine {
        meter,
        quantity: Quantity::from_scaled(quantity >> shift),
        amount,
    });
    proptest::collection::vec(line, 0..6)
}

fn card() -> impl Strategy<Value = AppliedCard> {
    let rate = (select(Meter::ALL), any::<u128>(), 0..128_u32, select(Meter::ALL), any::<bool>());
    let rate = rate.prop_map(|(meter, rate, shift, rate_of, derived)| AppliedRate {
        meter,
        rate: Rate::from_scaled(rate >> shift),
        rate_of,
        derived,
    });
    let certainty = select(&[Certainty::Exact, Certainty::Observed]);
    let rates = proptest::collection::vec(rate, 0..6);
    let texts = (text(), text(), text());
    (texts, any::<i64>(), certainty, select(ServiceTier::ALL), rates).prop_map(
        |((provider, model, source), from, certainty, tier, rates)| AppliedCard {
            provider,
            model,
            from: Timestamp::from_micros(from),
            certainty,
            source,
            tier,
            rates,
        },
    )
}

fn attributions() -> impl Strategy<Value = Attribution> {
    let who = (optional(), optional(), optional(), optional(), optional());
    let tags = proptest::collection::btree_map(text(), text(), 0..4);
    (who, tags, optional()).prop_map(|((key, user, team, project, session), tags, metadata)| {
        Attribution { key, user, team, project, session, tags, metadata }
    })
}

prop_compose! {
    /// Any entry, sound or not.
    pub(crate) fn entries()(
        uids in any::<([u8; 16], Option<[u8; 16]>)>(),
        source in text(),
        model in text(),
        texts in proptest::array::uniform8(optional()).boxed(),
        numbers in any::<(u64, i64, i64, i64, i64, u16, u32)>(),
        flags in any::<(bool, bool, bool)>(),
        wide in any::<(Option<u64>, Option<u64>)>(),
        status in select(Status::ALL),
        usage_source in select(UsageSource::ALL),
        pricing_status in select(PricingStatus::ALL),
        options in select(&["", "size=1024x1792 quality=hd", "n=3"]),
        lines in lines().boxed(),
        card in proptest::option::of(card()).boxed(),
        money in any::<(i64, Option<i64>, i64)>(),
        attribution in attributions().boxed(),
    ) -> Entry {
        let [own_id, request_id, provider, served_model, service_tier, region, response_id, price_version] = texts;
        let (content, at, recorded_at, unpriced, in_doubt, attempt, requests) = numbers;
        Entry {
            uid: Uid(uids.0),
            own_id,
            source,
            content,
            at: Timestamp::from_micros(at),
            at_assumed: flags.0,
            recorded_at: Timestamp::from_micros(recorded_at),
            adjusts: uids.1.map(Uid),
            moves: StatusMoves { unpriced, in_doubt },
            request_id,
            attempt,
            status,
            usage_source,
            pricing_status,
            provider,
            model,
            served_model,
            service_tier,
            region,
            batch: flags.1,
            options: options.parse().unwrap_or_default(),
            requests,
            output_limit_tokens: wide.0,
            response_id,
            latency_ms: wide.1,
            price_version,
            card: card.map(Arc::new),
            price_assumed: flags.2,
            lines,
            charge: PicoUsd::from_pico(money.0),
            reported_cost: money.1.map(PicoUsd::from_pico),
            saved: PicoUsd::from_pico(money.2),
            held: None,
            attribution,
        }
    }
}
