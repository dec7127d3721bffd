//! What all rules together cost an arriving entry, with 100,000 active series.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

use std::convert::Infallible;

use centime_budgets::{Bank, Rules};
use centime_core::attribution::Attribution;
use centime_core::budget::Payer;
use centime_core::entry::Uid;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_watch::{Thresholds, alerts_of};
use jiff::tz::TimeZone;

fn main() {
    divan::main();
}

/// A day of November 2026.
const NOW: Timestamp = Timestamp::from_micros(1_795_521_600_000_000);
/// How many users there are; each is a series.
const USERS: u32 = 100_000;
/// How many entries arrive between two looks.
const ROUND: u32 = 10_000;

#[divan::bench(args = [ROUND])]
fn entries_arrive(bencher: divan::Bencher<'_, '_>, round: u32) {
    let thresholds = Thresholds {
        limits: [("all", "1"), ("user", "0.5"), ("model", "1"), ("team", "1"), ("tag:app", "1")]
            .map(|(scope, limit)| {
                (scope.parse().expect("a scope"), limit.parse().expect("an amount"))
            })
            .into(),
        ..Thresholds::default()
    };
    let bank = Bank::new(TimeZone::UTC);
    let rules = Rules {
        watches: thresholds.watches(),
        warn_percents: thresholds.budget_percents.clone(),
        ..Rules::default()
    };
    let Ok(()) = bank.set(&rules, |_| Ok::<_, Infallible>(Vec::new()), NOW);
    let payer = |user: u32| Payer {
        attribution: Attribution {
            user: Some(format!("user-{user}")),
            team: Some(format!("team-{}", user % 20)),
            tags: [("app".to_owned(), format!("app-{}", user % 5))].into(),
            ..Attribution::default()
        },
        provider: "openai".to_owned(),
        model: format!("gpt-{}", user % 40),
    };
    let payers: Vec<Payer> = (0..USERS).map(payer).collect();
    let mut number = 0_u128;
    let mut arrive = |payer: &Payer| {
        number += 1;
        bank.tell(Uid(number.to_le_bytes()), payer, NOW, PicoUsd::from_pico(1_000_000));
    };
    payers.iter().for_each(&mut arrive);
    let mut next = 0_usize;
    bencher.counter(round).bench_local(|| {
        for _ in 0..round {
            next = (next + 7919) % payers.len();
            arrive(&payers[next]);
        }
        let mut alerts = 0;
        while bank.has_changes() {
            alerts += alerts_of(&bank.crossings(NOW, 1_000), &thresholds, &TimeZone::UTC).len();
        }
        alerts
    });
}
