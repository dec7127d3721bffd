//! What it takes to admit and settle a call over four budgets, of one user or among a million, and what a million
//! budgets weigh.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

use std::sync::Arc;

use centime_budgets::{Bank, Funds, Known, Rules};
use centime_core::attribution::Attribution;
use centime_core::budget::{Action, Budget, Payer};
use centime_core::entry::Uid;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

/// Says what a bench took of memory.
#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// A day of November 2026.
const NOW: Timestamp = Timestamp::from_micros(1_795_521_600_000_000);

fn bank(accounts: usize) -> Bank {
    let funds = |(name, scope): (&str, &str)| Funds {
        budget: Budget {
            name: name.into(),
            scope: scope.parse().expect("a scope"),
            limit: PicoUsd::MAX,
            window: "month".parse().expect("a window"),
            action: Action::Refuse,
        },
        raise: None,
    };
    let budgets =
        [("company", "all"), ("teams", "team"), ("users", "user"), ("bots", "tag:app=bot")];
    let rules = Rules { budgets: budgets.map(funds).into(), ..Rules::default() };
    let known = |budget: &Budget| {
        let many = if &*budget.name == "users" { accounts } else { 0 };
        let known = |number| Known {
            subject: format!("user-{number}").into(),
            at: NOW,
            settled_pico: 1_000_000,
        };
        Ok::<_, std::convert::Infallible>((0..many).map(known).collect())
    };
    let bank = Bank::new(TimeZone::UTC);
    let Ok(()) = bank.set(&rules, known, NOW);
    bank
}

#[divan::bench(args = [1, 1_000_000])]
fn admit_and_settle_over_four(bencher: divan::Bencher<'_, '_>, accounts: usize) {
    let bank = bank(accounts);
    let payer = Arc::new(Payer {
        attribution: Attribution {
            user: Some("user-77".to_owned()),
            team: Some("search".to_owned()),
            tags: [("app".to_owned(), "bot".to_owned())].into(),
            ..Attribution::default()
        },
        provider: "openai".to_owned(),
        model: "gpt-5".to_owned(),
    });
    let mut number = 0_u128;
    bencher.bench_local(|| {
        number += 1;
        let uid = Uid(number.to_be_bytes());
        let admitted = bank.admit(uid, &payer, PicoUsd::from_pico(9_000), NOW, false);
        assert!(admitted.is_ok());
        bank.settle(uid, PicoUsd::from_pico(3_000), NOW);
        // The ledger tells it a moment later.
        bank.tell(uid, &payer, NOW, PicoUsd::from_pico(3_000));
    });
}

/// A million budgets of one user each, with an account in use: the memory that stays is what was
/// allocated and not given back.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn a_million_budgets() -> Bank {
    let budgets = (0..1_000_000).map(|number| Funds {
        budget: Budget {
            name: format!("budget-{number}").into(),
            scope: format!("user:user-{number}").parse().expect("a scope"),
            limit: PicoUsd::MAX,
            window: "month".parse().expect("a window"),
            action: Action::Refuse,
        },
        raise: None,
    });
    let rules = Rules { budgets: budgets.collect(), ..Rules::default() };
    let known = |_: &Budget| {
        let known = Known { subject: "".into(), at: NOW, settled_pico: 1_000_000 };
        Ok::<_, std::convert::Infallible>(vec![known])
    };
    let bank = Bank::new(TimeZone::UTC);
    let Ok(()) = bank.set(&rules, known, NOW);
    bank
}
