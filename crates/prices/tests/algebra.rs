//! The algebra of charges, over every card of the embedded book: parts add up to their whole, and
//! more never costs less.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::price::format::Block;
use centime_core::price::{Circumstances, Options, RateCard, ServiceTier};
use centime_core::rating::{Charge, Terms, rate};
use centime_core::usage::Usage;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// How many usages each card is asked about.
const USAGES_A_CARD: usize = 4;

/// Where a longer prompt has a lower rate than a shorter one, or none: the model, the meter, and why.
///
/// - *stand-in*: the map lists the long rate alone, of a meter or of a tier; short prompts have the
///   rate of what stands in for it (the parent's, the standard tier's), which is more.
/// - *lower*: the map lists both, and the long one is the lower.
/// - *inexact*: the list has no long rate, and the one in proportion is no decimal; so there is none,
///   and the charge is `partial`.
const EXCEPTIONS: &[(&str, Meter, &str)] = &[
    ("azure/gpt-6-astra", Meter::Output, "stand-in"),
    ("azure/gpt-6-astra-2026-09-03", Meter::Output, "stand-in"),
    ("databricks/databricks-gemini-3-1-pro", Meter::CacheWrite5m, "inexact"),
    ("databricks/databricks-gpt-5-4", Meter::CacheWrite5m, "inexact"),
    ("databricks/databricks-gpt-5-5", Meter::CacheWrite5m, "inexact"),
    ("kyma/gpt-6-luna", Meter::CacheRead, "inexact"),
    ("kyma/grok-build", Meter::CacheRead, "inexact"),
    ("kyma/qwen-3.7-plus", Meter::CacheRead, "inexact"),
    ("kyma/qwen3.7-flash", Meter::CacheRead, "inexact"),
    ("openrouter/google/gemini-3-pro-preview", Meter::CacheWrite5m, "stand-in"),
    ("openrouter/google/gemini-3.1-pro-preview", Meter::CacheWrite5m, "lower"),
    ("openrouter/google/gemini-3.1-pro-preview", Meter::CacheWrite5m, "stand-in"),
    ("vertex_ai/gemini-2.5-pro", Meter::CacheWrite5m, "stand-in"),
    ("vertex_ai/gemini-3-pro-preview", Meter::CacheWrite5m, "stand-in"),
    ("vertex_ai/gemini-3.1-pro-preview", Meter::CacheWrite5m, "stand-in"),
    ("vertex_ai/gemini-3.1-pro-preview-customtools", Meter::CacheWrite5m, "stand-in"),
];

/// Draws what a strategy has.
fn draw<S: Strategy>(runner: &mut TestRunner, strategy: S) -> S::Value {
    strategy.new_tree(runner).expect("the strategy has values").current()
}

/// Calls `check` with the name and each card of every model.
fn each_card(mut check: impl FnMut(&str, &RateCard)) -> usize {
    let book = centime_prices::embedded().expect("the book reads");
    let mut cards = 0;
    for provider in book.providers() {
        for block in provider.blocks() {
            let Block::Model(model) = block.expect("the block reads") else { continue };
            let name = format!("{}/{}", provider.name(), model.name);
            for card in &model.cards {
                check(&name, card);
                cards += 1;
            }
        }
    }
    cards
}

/// The lengths of prompts between which no rate of a card changes.
fn bands(card: &RateCard) -> Vec<RangeInclusive<u64>> {
    let starts: BTreeSet<u64> =
        card.rules().iter().map(|rule| rule.above_input_tokens).chain([0]).collect();
    let starts: Vec<u64> = starts.into_iter().collect();
    let ends = starts.iter().skip(1).copied().chain([3_000_000]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| if start == 0 { 0..=end } else { start + 1..=end })
        .collect()
}

fn band_of(bands: &[RangeInclusive<u64>], usage: &Usage) -> Option<usize> {
    bands.iter().position(|band| band.contains(&prompt(usage)))
}

fn prompt(usage: &Usage) -> u64 {
    u64::try_from(usage.input_tokens().floor()).expect("a prompt")
}

/// The terms that a card has rates for.
fn terms<'a>(runner: &mut TestRunner, card: &'a RateCard) -> Terms<'a> {
    let tiers: Vec<ServiceTier> =
        ServiceTier::ALL.iter().copied().filter(|tier| card.lists_tier(*tier)).collect();
    let mut regions = vec![None];
    regions.extend(card.uplifts.iter().map(|uplift| Some(uplift.region.as_str())));
    let mut options = vec![Options::none()];
    options.extend(card.rules().iter().map(|rule| &rule.options));
    let tier = if tiers.is_empty() { ServiceTier::Standard } else { draw(runner, select(tiers)) };
    // Drawn by place: what is borrowed cannot be drawn.
    let (region, chosen) = draw(runner, (0..regions.len(), 0..options.len()));
    let (region, options) = (regions[region], options[chosen]);
    Terms { tier, region, options, ..Terms::at(card.from) }
}

/// A usage whose prompt is as long as a band says.
fn usage(runner: &mut TestRunner, card: &RateCard, band: &RangeInclusive<u64>) -> Usage {
    let mut usage = Usage::default();
    let mut add = |meter, quantity| usage.add(meter, quantity).expect("a usage");
    let of_prompts: Vec<Meter> =
        Meter::ALL.iter().copied().filter(|meter| meter.is_input_token()).collect();
    let mut left = draw(runner, band.clone());
    for _ in 0..2 {
        let part = draw(runner, 0..=left);
        add(draw(runner, select(of_prompts.clone())), Quantity::whole(part));
        left -= part;
    }
    add(Meter::Input, Quantity::whole(left));
    for _ in 0..3 {
        let meter = draw(runner, select(others(card)));
        let quantity = if meter.is_token() {
            Quantity::whole(draw(runner, 0..1_000_000_u64))
        } else {
            Quantity::from_scaled(draw(runner, 0..1_000_000_000_000_000_i128))
        };
        add(meter, quantity);
    }
    usage
}

/// Meters beside the prompt's; those that the card has rates for as often as all others.
fn others(card: &RateCard) -> Vec<Meter> {
    let beside = |meter: &Meter| {
        // A call is counted by `requests`, and what a source reports is no rate's.
        !meter.is_input_token() && !matches!(meter, Meter::Request | Meter::Reported)
    };
    let all: Vec<Meter> = Meter::ALL.iter().copied().filter(beside).collect();
    let own: Vec<Meter> = card.rules().iter().map(|rule| rule.meter).filter(beside).collect();
    let times = all.len().div_ceil(own.len().max(1));
    let own = own.iter().copied().cycle().take(own.len() * times);
    own.chain(all.iter().copied()).collect()
}

fn sum<'a>(usages: impl IntoIterator<Item = &'a Usage>) -> Usage {
    let mut sum = Usage::default();
    for &(meter, quantity) in usages.into_iter().flat_map(Usage::meters) {
        sum.add(meter, quantity).expect("a sum");
    }
    sum
}

fn missing(charge: &Charge) -> BTreeSet<Meter> {
    charge.missing.iter().map(|(meter, _)| *meter).collect()
}

#[test]
fn a_usage_split_over_calls_costs_what_the_whole_costs_but_for_a_rounding_each() {
    let mut runner = TestRunner::deterministic();
    let cards = each_card(|name, card| {
        let bands = bands(card);
        for _ in 0..USAGES_A_CARD {
            let band = draw(&mut runner, select(bands.clone()));
            let one = terms(&mut runner, card);
            let requests = draw(&mut runner, 2..=4_u32);
            let parts: Vec<Usage> =
                (0..requests).map(|_| usage(&mut runner, card, &band)).collect();
            let charges: Vec<Charge> =
                parts.iter().map(|part| rate(part, card, one).expect("a charge")).collect();
            let all = sum(&parts);
            let whole = rate(&all, card, Terms { requests, ..one }).expect("a charge");
            let split: i64 = charges.iter().map(|charge| charge.amount.pico()).sum();
            let at = || format!("{name} from {}, {one:?}: {parts:?}", card.from);
            // Each of the parts is off by half a picodollar at most, and so is the whole.
            let off = whole.amount.pico().abs_diff(split);
            assert!(2 * off <= u64::from(requests) + 1, "{off} off: {}", at());
            let of_parts: BTreeSet<Meter> = charges.iter().flat_map(missing).collect();
            assert_eq!(missing(&whole), of_parts, "{}", at());
        }
    });
    assert!(cards > 8000, "{cards}");
}

#[test]
fn more_of_a_meter_never_costs_less_but_across_a_threshold_that_lowers_a_rate() {
    let mut runner = TestRunner::deterministic();
    let (mut within, mut across) = (0, 0);
    each_card(|name, card| {
        let bands = bands(card);
        for _ in 0..USAGES_A_CARD {
            let band = draw(&mut runner, select(bands.clone()));
            let terms = terms(&mut runner, card);
            let less = usage(&mut runner, card, &band);
            let meter = draw(&mut runner, select(Meter::ALL));
            let mut added = Usage::default();
            let quantity = draw(&mut runner, 0..500_000_u64);
            added.add(meter, Quantity::whole(quantity)).expect("a usage");
            let more = sum([&less, &added]);
            let [less_costs, more_costs] =
                [&less, &more].map(|usage| rate(usage, card, terms).expect("a charge"));
            let at = || format!("{name} from {}, {terms:?}: {less:?}, then {added:?}", card.from);
            if band_of(&bands, &less) == band_of(&bands, &more) {
                within += 1;
                assert!(more_costs.amount >= less_costs.amount, "{}", at());
                assert!(missing(&more_costs).is_superset(&missing(&less_costs)), "{}", at());
                continue;
            }
            across += 1;
            if more_costs.amount < less_costs.amount {
                let [short, long] = [&less, &more].map(prompt);
                let mut used = less.meters().iter().map(|(meter, _)| *meter);
                let falling = used.any(|meter| falls(name, card, terms, meter, [short, long]));
                assert!(falling, "{}", at());
            }
        }
    });
    assert!(within > 20_000 && across > 100, "{within} and {across}");
}

/// Whether a meter's rate is among the exceptions, and lower for the longer prompt.
fn falls(name: &str, card: &RateCard, terms: Terms<'_>, meter: Meter, prompts: [u64; 2]) -> bool {
    let [short, long] = prompts.map(|input_tokens| {
        let Terms { tier, at, region, options, .. } = terms;
        card.rate(meter, &Circumstances { tier, input_tokens, at, region, options })
    });
    let is_known = |of| EXCEPTIONS.iter().any(|(model, meter, _)| *model == name && *meter == of);
    match (short, long) {
        (Some(short), Some(long)) => long.rate < short.rate && is_known(long.of),
        (Some(short), None) => is_known(short.of),
        _ => false,
    }
}

#[test]
fn the_rates_that_fall_above_a_threshold_are_those_that_are_listed() {
    let mut found = BTreeSet::new();
    each_card(|name, card| {
        for pair in bands(card).windows(2) {
            for &tier in ServiceTier::ALL.iter().filter(|tier| card.lists_tier(**tier)) {
                for &meter in Meter::ALL {
                    let [short, long] = [&pair[0], &pair[1]].map(|band| {
                        let (input_tokens, at) = (*band.end(), card.from);
                        let (region, options) = (None, Options::none());
                        card.rate(meter, &Circumstances { tier, input_tokens, at, region, options })
                    });
                    let lists_short = |of| {
                        card.rules().iter().any(|rule| {
                            rule.meter == of && rule.tier == tier && rule.above_input_tokens == 0
                        })
                    };
                    let why = match (short, long) {
                        (Some(short), Some(long)) if long.rate >= short.rate => continue,
                        (Some(_), Some(long)) if lists_short(long.of) => (long.of, "lower"),
                        (Some(_), Some(long)) => (long.of, "stand-in"),
                        (Some(short), None) => (short.of, "inexact"),
                        (None, _) => continue,
                    };
                    found.insert((name.to_owned(), why.0, why.1));
                }
            }
        }
    });
    let listed: BTreeSet<(String, Meter, &str)> =
        EXCEPTIONS.iter().map(|(name, meter, why)| ((*name).to_owned(), *meter, *why)).collect();
    assert_eq!(found, listed);
}
