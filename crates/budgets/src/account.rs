//! What one budget has of one subject: spent and set aside, by period.

use centime_core::budget::{Action, Scope};
use centime_core::money::TotalPicoUsd;
use centime_core::time::Timestamp;
use centime_core::window::{Period, Window};
use jiff::tz::TimeZone;

/// For how long a period that has ended is remembered, in case the clock goes back: two days, in
/// microseconds.
pub(crate) const REMEMBERED_US: i64 = 48 * 3600 * 1_000_000;

/// How a budget stands for one subject at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The budget's name; that of the plan where it is of one.
    pub budget: Box<str>,
    /// The plan it is of, where it is of one.
    pub plan: Option<Box<str>>,
    /// For whom it stands so: `alice`; `None` where the budget has one account.
    pub subject: Option<Box<str>>,
    /// Whose calls it is for: those of one where each has an account.
    pub scope: Scope,
    /// Over what time.
    pub window: Window,
    /// What happens beyond the limit.
    pub action: Action,
    /// What may be spent, raises included.
    pub limit: TotalPicoUsd,
    /// What was spent.
    pub settled: TotalPicoUsd,
    /// What is set aside for calls in flight or in doubt.
    pub held: TotalPicoUsd,
    /// When there is more again; `None` where there never is by itself.
    pub resets_at: Option<Timestamp>,
    /// Since when it counts; `None`: from the beginning.
    pub since: Option<Timestamp>,
}

impl Standing {
    /// What went beyond the limit because it could not be refused.
    #[must_use]
    pub fn overdraft(&self) -> TotalPicoUsd {
        TotalPicoUsd::from_pico((-self.left()).max(0))
    }

    /// What is left to spend: never below zero.
    #[must_use]
    pub fn remaining(&self) -> TotalPicoUsd {
        TotalPicoUsd::from_pico(self.left().max(0))
    }

    /// What is left, below zero where it is overdrawn, in picodollars.
    pub(crate) fn left(&self) -> i128 {
        self.limit.pico().saturating_sub(self.settled.pico()).saturating_sub(self.held.pico())
    }
}

/// What one budget has of one subject.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// One a period: the present one, and those that have something open or ended a short while ago.
    balances: Vec<Balance>,
    /// Whether something was spent since it was last looked at.
    pub(crate) is_changed: bool,
    /// How far it was told of, and in which window.
    pub(crate) told: (i64, u8),
}

/// What was spent and is set aside in one period.
#[derive(Debug)]
struct Balance {
    /// In microseconds; the least there is where the period has no start.
    start: i64,
    /// The first microsecond after it.
    end: i64,
    settled: i128,
    held: i128,
}

/// The start of a period as a number that is never missing.
pub(crate) fn start_of(period: &Period) -> i64 {
    period.start.map_or(i64::MIN, Timestamp::micros)
}

/// From when on it has to be known what was spent in a window, so that the clock may go back a little;
/// `None`: from the beginning.
///
/// ```
/// use centime_budgets::known_since;
/// use centime_core::window::Window;
///
/// let since = known_since(Window::Month, "2026-11-02T12:00:00Z".parse()?, &jiff::tz::TimeZone::UTC);
/// assert_eq!(since, Some("2026-10-01T00:00:00Z".parse()?));
/// # Ok::<(), centime_core::time::TimeError>(())
/// ```
#[must_use]
pub fn known_since(window: Window, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let before = Timestamp::from_micros(now.micros().saturating_sub(REMEMBERED_US));
    window.counts_since(before, zone)
}

fn end_of(period: &Period) -> i64 {
    period.end.map_or(i64::MAX, Timestamp::micros)
}

impl Account {
    fn balance(&mut self, period: &Period) -> &mut Balance {
        let start = start_of(period);
        let at = match self.balances.iter().position(|balance| balance.start == start) {
            Some(at) => at,
            None => {
                let balance = Balance { start, end: end_of(period), settled: 0, held: 0 };
                // There is one, mostly, and accounts are many.
                self.balances.reserve_exact(1);
                self.balances.push(balance);
                self.balances.len() - 1
            }
        };
        &mut self.balances[at]
    }

    pub(crate) fn hold(&mut self, period: &Period, pico: i128) {
        let balance = self.balance(period);
        balance.held = balance.held.saturating_add(pico);
    }

    pub(crate) fn spend(&mut self, period: &Period, pico: i128) {
        let balance = self.balance(period);
        balance.settled = balance.settled.saturating_add(pico);
    }

    /// What is settled and held of what counts in a window at a moment.
    pub(crate) fn sums(&self, window: Window, now: &Period) -> (i128, i128) {
        let (start, end) = (start_of(now), end_of(now));
        let Some(length) = window.rolling_micros() else {
            let found = self.balances.iter().find(|balance| balance.start == start);
            return found.map_or((0, 0), |balance| (balance.settled, balance.held));
        };
        // What is open counts however old it is: nobody knows what it will have cost.
        let oldest = start.saturating_sub(length).saturating_sub(window.part_micros());
        let (mut settled, mut held) = (0_i128, 0_i128);
        for balance in &self.balances {
            if balance.end > oldest && balance.start < end {
                settled = settled.saturating_add(balance.settled);
            }
            held = held.saturating_add(balance.held);
        }
        (settled, held)
    }

    /// When the first of what counts in a window that rolls on ceases to.
    pub(crate) fn frees_at(&self, window: Window, now: Timestamp) -> Option<Timestamp> {
        let length = window.rolling_micros()?.saturating_add(window.part_micros());
        let frees = self.balances.iter().filter(|balance| balance.settled != 0);
        let frees = frees.map(|balance| balance.end.saturating_add(length));
        frees.filter(|at| *at > now.micros()).min().map(Timestamp::from_micros)
    }

    /// Forgets what neither counts nor is open any more; whether anything is left.
    pub(crate) fn forget(&mut self, window: Window, now: Timestamp) -> bool {
        let rolls = window.rolling_micros();
        let rolls = rolls.map_or(0, |length| length.saturating_add(3 * window.part_micros()));
        let length = rolls.saturating_add(REMEMBERED_US);
        let oldest = now.micros().saturating_sub(length);
        self.balances.retain(|balance| balance.held != 0 || balance.end > oldest);
        !self.balances.is_empty()
    }
}

/// Which periods moments are in, remembered: moments come in order, mostly, and windows are few.
#[derive(Debug)]
pub(crate) struct Calendar {
    pub(crate) zone: TimeZone,
    last: Vec<(Window, Period)>,
}

/// How many windows are remembered.
const WINDOWS_MAX: usize = 64;

impl Calendar {
    pub(crate) const fn of(zone: TimeZone) -> Self {
        Self { zone, last: Vec::new() }
    }

    pub(crate) fn period(&mut self, window: Window, at: Timestamp) -> Period {
        let known = self.last.iter().position(|(of, _)| *of == window);
        if let Some(known) = known
            && self.last[known].1.contains(at)
        {
            return self.last[known].1;
        }
        let period = window.period(at, &self.zone);
        match known {
            Some(known) => self.last[known].1 = period,
            None if self.last.len() < WINDOWS_MAX => self.last.push((window, period)),
            None => {}
        }
        period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rolls_on_frees_part_by_part() {
        let window: Window = "256m".parse().unwrap();
        let utc = TimeZone::UTC;
        let at = |minutes: i64| Timestamp::from_micros(minutes * 60_000_000);
        let mut account = Account::default();
        account.spend(&window.period(at(1000), &utc), 5);
        account.spend(&window.period(at(1010), &utc), 7);
        account.hold(&window.period(at(900), &utc), 2);
        for (minutes, settled) in [(1010, 12), (1256, 12), (1257, 12), (1258, 7), (1268, 0)] {
            let sums = account.sums(window, &window.period(at(minutes), &utc));
            assert_eq!(sums, (settled, 2), "{minutes}");
        }
        assert_eq!(account.frees_at(window, at(1020)), Some(at(1258)));
        assert!(account.forget(window, at(100_000)));
        account.hold(&window.period(at(900), &utc), -2);
        assert!(!account.forget(window, at(100_000)));
    }
}
