//! Holds commute, and what is said of a call twice counts once.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use centime_budgets::{Bank, Funds, Rules, Standing};
use centime_core::attribution::Attribution;
use centime_core::budget::{Action, Budget, Payer};
use centime_core::entry::Uid;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_micros(1_795_521_600_000_000);

fn bank() -> Bank {
    let budget = |(name, scope, window): (&str, &str, &str)| Funds {
        budget: Budget {
            name: name.into(),
            scope: scope.parse().unwrap(),
            limit: PicoUsd::MAX,
            window: window.parse().unwrap(),
            action: Action::Refuse,
        },
        raise: None,
    };
    let budgets = [
        ("all", "all", "month"),
        ("each", "user", "day"),
        ("one", "user:u1", "90m"),
        ("model", "model", "total"),
    ];
    let rules = Rules { budgets: budgets.map(budget).into(), ..Rules::default() };
    let bank = Bank::new(TimeZone::UTC);
    let Ok(()) = bank.set(&rules, |_| Ok::<_, std::convert::Infallible>(Vec::new()), NOW);
    bank
}

/// A call: whose, when, how much is set aside, and what becomes of it.
#[derive(Debug, Clone)]
struct Call {
    number: u8,
    user: u8,
    ago_s: i64,
    worst: i64,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    Settled(i64),
    Released,
    InDoubt,
    Open,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let end = prop_oneof![
        (0_i64..2000).prop_map(End::Settled),
        Just(End::Released),
        Just(End::InDoubt),
        Just(End::Open),
    ];
    let call = (0_u8..3, 0_i64..150_000, 0_i64..1000, end);
    proptest::collection::vec(call, 0..20).prop_map(|calls| {
        let call = |(number, (user, ago_s, worst, end))| Call { number, user, ago_s, worst, end };
        (0..).zip(calls).map(call).collect()
    })
}

impl Call {
    fn uid(&self) -> Uid {
        Uid([self.number; 16])
    }

    fn admit(&self, bank: &Bank) {
        let user = Some(format!("u{}", self.user));
        let attribution = Attribution { user, ..Attribution::default() };
        let payer = Payer { attribution, model: "m".to_owned(), ..Payer::default() };
        let at = Timestamp::from_micros(NOW.micros() - self.ago_s * 1_000_000);
        let worst = PicoUsd::from_pico(self.worst);
        bank.admit(self.uid(), &Arc::new(payer), worst, at, false).unwrap();
    }

    fn end(&self, bank: &Bank) {
        match self.end {
            End::Settled(charge) => {
                bank.settle(self.uid(), PicoUsd::from_pico(charge), NOW);
            }
            End::Released => bank.release(self.uid()),
            End::InDoubt => bank.doubt(self.uid()),
            End::Open => {}
        }
    }
}

fn standings(bank: &Bank) -> Vec<Standing> {
    let mut standings = bank.standings(NOW, |_| true);
    standings
        .sort_by(|left, right| (&left.budget, &left.subject).cmp(&(&right.budget, &right.subject)));
    standings
}

proptest! {
    #[test]
    fn calls_commute(
        (calls, shuffled) in calls().prop_flat_map(|calls| {
            (Just(calls.clone()), Just(calls).prop_shuffle())
        })
    ) {
        let (one_by_one, all_at_once) = (bank(), bank());
        for call in &calls {
            call.admit(&one_by_one);
            call.end(&one_by_one);
        }
        shuffled.iter().for_each(|call| call.admit(&all_at_once));
        calls.iter().rev().for_each(|call| call.end(&all_at_once));
        prop_assert_eq!(standings(&one_by_one), standings(&all_at_once));
    }

    #[test]
    fn what_is_said_twice_counts_once(calls in calls(), again in 0_i64..2000) {
        let (once, twice) = (bank(), bank());
        for call in &calls {
            call.admit(&once);
            call.end(&once);
            call.admit(&twice);
            call.admit(&twice);
            call.end(&twice);
            call.end(&twice);
            if !matches!(call.end, End::Open) {
                twice.release(call.uid());
                twice.settle(call.uid(), PicoUsd::from_pico(again), NOW);
                twice.doubt(call.uid());
            }
        }
        prop_assert_eq!(standings(&once), standings(&twice));
        prop_assert_eq!(once.open(), twice.open());
    }
}
