//! What pricing costs: a usage, a provider's raw answer, the first model of a fresh book.

#![allow(clippy::expect_used, reason = "a bench that cannot start should say why")]

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::price::{ModelRef, Options, PriceBook};
use centime_core::rating::{Terms, rate};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use centime_engine::{Call, Pricer};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// A chat answer of about 1 KB, as OpenAI sends it.
const ANSWER: &str = include_str!("answer.json");

fn book() -> PriceBook {
    centime_prices::embedded().expect("the embedded book reads")
}

fn at() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().expect("a moment")
}

fn usage() -> Usage {
    let mut usage = Usage::default();
    for (meter, units) in [(Meter::Input, 200), (Meter::CacheRead, 1000), (Meter::Output, 50)] {
        usage.add(meter, Quantity::whole(units)).expect("a usage");
    }
    usage
}

#[divan::bench]
fn rate_a_usage(bencher: Bencher<'_, '_>) {
    let found = book().resolve(ModelRef { provider: None, model: "gpt-5" }).expect("gpt-5");
    let (card, _) = found.model.card_at(at()).expect("a card");
    let usage = usage();
    bencher.bench(|| rate(black_box(&usage), black_box(card), Terms::at(at())));
}

#[divan::bench]
fn price_a_raw_answer(bencher: Bencher<'_, '_>) {
    let mut pricer = Pricer::new(book());
    bencher.bench_local(|| {
        let metered = centime_providers::read_answer(black_box(ANSWER)).expect("an answer");
        pricer.price(&Call {
            provider: Some("openai"),
            model: metered.model.as_deref().unwrap_or("gpt-5"),
            served_model: None,
            service_tier: metered.service_tier.as_deref(),
            region: None,
            options: Options::none(),
            batch: false,
            at: at(),
            requests: 1,
            usage: &metered.usage,
        })
    });
}

#[divan::bench]
fn resolve_in_a_fresh_book() {
    let book = book();
    let found = book.resolve(ModelRef { provider: None, model: black_box("gpt-5") });
    black_box(found).expect("gpt-5");
}
