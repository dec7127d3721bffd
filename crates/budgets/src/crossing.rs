//! What was reached of a limit, so that somebody can be told.

use centime_core::time::Timestamp;
use centime_core::window::{Period, Window};

use crate::account::{Standing, start_of};
use crate::state::{At, Slot, State};

/// The step of a hard budget that was passed by what could not be refused.
pub const OVERDRAWN: u8 = 101;

/// So much of a limit was reached: told once a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// How it stands.
    pub standing: Standing,
    /// Whether it is a [`Watch`](crate::Watch), whose rule is the budget's name; otherwise it is a budget.
    pub is_watch: bool,
    /// How many hundredths of the limit were reached, [`OVERDRAWN`] where more than all of it.
    pub step: u8,
    /// Tells its windows from one another.
    pub window: i64,
}

/// An account that something was spent of.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) slot: At,
    pub(crate) generation: u64,
    pub(crate) subject: Box<str>,
}

impl State {
    /// Has every account looked at: limits may be others now.
    pub(crate) fn look_at_all(&mut self) {
        self.changed.clear();
        for (number, slot) in self.slots.iter_mut().enumerate() {
            let Some(slot) = slot else { continue };
            for subject in slot.subjects() {
                slot.account(&subject).is_changed = true;
                let generation = slot.generation;
                self.changed.push(Changed { slot: number, generation, subject });
            }
        }
    }

    /// Looks at some of the accounts that something was spent of.
    pub(crate) fn crossings(&mut self, now: Timestamp, accounts_max: usize) -> Vec<Crossing> {
        let State { calendar, slots, changed, warn_percents, .. } = self;
        let rest = changed.len().saturating_sub(accounts_max);
        let mut found = Vec::new();
        for Changed { slot, generation, subject } in changed.drain(rest..) {
            let slot = slots.get_mut(slot).and_then(Option::as_mut);
            let Some(slot) = slot.filter(|slot| slot.generation == generation) else { continue };
            let period = calendar.period(slot.terms.budget().window, now);
            let step = slot.step(&subject, now, &period, warn_percents);
            let (window, is_watch) = (slot.window(now, &period), slot.terms.is_watch());
            let account = slot.account(&subject);
            account.is_changed = false;
            let (told_in, told) = account.told;
            if step == 0 || (told_in == window && step <= told) {
                continue;
            }
            account.told = (window, step);
            let standing = slot.standing(&subject, now, &calendar.zone);
            found.extend(standing.map(|standing| Crossing { standing, is_watch, step, window }));
        }
        found
    }
}

impl Slot {
    /// How far the limit is reached, by the steps that are told of; 0: not that far.
    fn step(&self, subject: &str, now: Timestamp, period: &Period, percents: &[u8]) -> u8 {
        let Some(limit) = self.terms.limit(subject, now) else { return 0 };
        if start_of(period) < self.known_since {
            return 0;
        }
        let (settled, held) = self.sums(subject, period);
        if settled <= 0 {
            return 0;
        }
        let percents = if self.terms.is_watch() { &[100] } else { percents };
        let is_hard = self.terms.budget().action.is_hard();
        if is_hard && !percents.is_empty() && settled.saturating_add(held) > limit {
            return OVERDRAWN;
        }
        let hundredfold = settled.saturating_mul(100);
        let reached = |percent: &u8| hundredfold >= limit.saturating_mul((*percent).into());
        percents.iter().copied().filter(reached).max().unwrap_or_default()
    }

    /// Tells the windows from one another in which something is told once: a span that rolls on begins
    /// anew whenever a whole one has passed.
    fn window(&self, now: Timestamp, period: &Period) -> i64 {
        match self.terms.budget().window {
            window @ Window::Rolling { .. } => {
                now.micros().div_euclid(window.rolling_micros().unwrap_or(i64::MAX).max(1))
            }
            _ => period.start.map_or(0, Timestamp::micros),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use centime_core::attribution::Attribution;
    use centime_core::budget::{Action, Budget, Payer};
    use centime_core::entry::Uid;
    use centime_core::money::PicoUsd;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::{Bank, Funds, Rules, Watch};

    fn usd(text: &str) -> PicoUsd {
        text.parse().unwrap()
    }

    fn rules(limit: &str, window: &str) -> Rules {
        let budget = Budget {
            name: "b".into(),
            scope: "user".parse().unwrap(),
            limit: usd(limit),
            window: window.parse().unwrap(),
            action: Action::Refuse,
        };
        let watch = Watch {
            rule: "daily_limit".into(),
            scope: "all".parse().unwrap(),
            limit: usd("3"),
            window: Window::Day,
        };
        Rules {
            budgets: vec![Funds { budget, raise: None }],
            watches: vec![watch],
            warn_percents: vec![50, 80, 100],
            ..Rules::default()
        }
    }

    fn set(bank: &Bank, rules: &Rules, now: Timestamp) {
        bank.set(rules, |_| Ok::<_, Infallible>(Vec::new()), now).unwrap();
    }

    fn payer(user: &str) -> Arc<Payer> {
        let attribution = Attribution { user: Some(user.to_owned()), ..Attribution::default() };
        Arc::new(Payer { attribution, ..Payer::default() })
    }

    fn told(bank: &Bank, now: Timestamp) -> Vec<(String, u8)> {
        let mut told: Vec<_> = bank
            .crossings(now, 100)
            .into_iter()
            .map(|crossing| {
                let Standing { budget, subject, .. } = crossing.standing;
                let subject = subject.map(|subject| format!("/{subject}")).unwrap_or_default();
                (format!("{budget}{subject}"), crossing.step)
            })
            .collect();
        told.sort();
        told
    }

    #[test]
    fn each_step_is_told_once_a_window() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let bank = Bank::new(TimeZone::UTC);
        set(&bank, &rules("2", "day"), now);
        let mut uid = 0;
        let mut spend = |user: &str, amount: &str, at: Timestamp| {
            uid += 1;
            bank.tell(Uid([uid; 16]), &payer(user), at, usd(amount));
        };
        spend("al", "0.99", now);
        assert_eq!(told(&bank, now), []);
        spend("al", "0.01", now);
        assert_eq!(told(&bank, now), [("b/al".to_owned(), 50)]);
        spend("al", "0.1", now);
        assert_eq!(told(&bank, now), []);
        // Several steps at once are told as the highest of them.
        spend("al", "0.9", now);
        spend("bo", "1", now);
        let expected = [("b/al", 100), ("b/bo", 50), ("daily_limit", 100)];
        assert_eq!(told(&bank, now), expected.map(|(name, step)| (name.to_owned(), step)));
        spend("al", "0.000000000001", now);
        assert_eq!(told(&bank, now), [("b/al".to_owned(), OVERDRAWN)]);
        // What was of another day is not of this one.
        let next: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        spend("al", "1.5", now);
        assert_eq!(told(&bank, next), []);
        spend("al", "1.5", next);
        assert_eq!(told(&bank, next), [("b/al".to_owned(), 50)]);
        assert!(!bank.has_changes());
    }

    #[test]
    fn a_limit_that_was_lowered_is_looked_at_again() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let bank = Bank::new(TimeZone::UTC);
        set(&bank, &rules("100", "12h"), now);
        bank.tell(Uid([1; 16]), &payer("al"), now, usd("2"));
        assert_eq!(told(&bank, now), []);
        set(&bank, &rules("2.5", "12h"), now);
        assert_eq!(told(&bank, now), [("b/al".to_owned(), 80)]);
        set(&bank, &rules("2.5", "12h"), now);
        assert_eq!(told(&bank, now), []);
    }

    #[test]
    fn a_watch_limits_nobody_and_is_no_budget() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let bank = Bank::new(TimeZone::UTC);
        let rules = Rules { budgets: Vec::new(), ..rules("1", "day") };
        set(&bank, &rules, now);
        let admitted = bank.admit(Uid([1; 16]), &payer("al"), usd("500"), now, false).unwrap();
        assert_eq!(admitted.remaining, None);
        bank.settle(Uid([1; 16]), usd("400"), now);
        assert_eq!(bank.standings(now, |_| true), []);
        assert_eq!(bank.standings_of(&payer("al"), now), []);
        assert_eq!(bank.budgets(), []);
        assert_eq!(told(&bank, now), [("daily_limit".to_owned(), 100)]);
    }
}
