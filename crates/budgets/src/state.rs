//! All accounts, under the bank's lock.

use std::collections::HashMap;
use std::sync::Arc;

use centime_core::budget::{Aspect, Payer, Scope};
use centime_core::entry::Uid;
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::time::Timestamp;
use centime_core::window::{Period, Window};
use foldhash::fast::RandomState;
use jiff::tz::TimeZone;

use crate::account::{Account, Calendar, REMEMBERED_US, Standing, known_since, start_of};
use crate::book::{Known, Terms};
use crate::crossing::Changed;

pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;

/// By the value of an aspect.
type ByValue<T> = Map<Box<str>, T>;

/// The number of a slot.
pub(crate) type At = usize;

/// A budget and its accounts.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) terms: Terms,
    /// Tells it from one that was in its place before.
    pub(crate) generation: u64,
    accounts: Accounts,
    /// From this period on everything that was spent is known; the start of it, in microseconds.
    pub(crate) known_since: i64,
}

/// What a subject may still spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// As much as it likes.
    Unlimited,
    /// So many picodollars; below zero where it is overdrawn.
    Pico(i128),
    /// It is not known what was spent.
    Unknown,
}

/// The accounts of a budget.
#[derive(Debug)]
enum Accounts {
    One(Account),
    Each(Map<Box<str>, Account>),
}

/// What is set aside for a call, and from where.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) payer: Arc<Payer>,
    pub(crate) at: Timestamp,
    pub(crate) worst_pico: i128,
    pub(crate) is_in_doubt: bool,
    held: Vec<(At, u64, Period)>,
}

/// What a call cost whose entry was not seen in the ledger yet.
#[derive(Debug)]
pub(crate) struct Passed {
    payer: Arc<Payer>,
    at: Timestamp,
    pico: i128,
}

/// What is done with an account in a period; the number and the generation of its slot.
type Do<'d> = dyn FnMut(&mut Account, Period, (At, u64)) + 'd;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) calendar: Calendar,
    /// The same, a little earlier.
    earlier: Calendar,
    pub(crate) slots: Vec<Option<Slot>>,
    /// The slots that are empty.
    free: Vec<At>,
    generations: u64,
    pub(crate) index: Index,
    /// The teams of users.
    pub(crate) teams: Map<Box<str>, Box<str>>,
    pub(crate) open: Map<Uid, Open>,
    pub(crate) passed: Map<Uid, Passed>,
    /// Which slots the call at hand touches: kept so that no call takes memory for it.
    touched: Vec<At>,
    /// The accounts that something was spent of since they were last looked at.
    pub(crate) changed: Vec<Changed>,
    /// At which hundredths of its limit a budget is told of.
    pub(crate) warn_percents: Vec<u8>,
}

/// Which slots a call touches, without looking at those that it does not.
#[derive(Debug, Default)]
pub(crate) struct Index {
    all: Vec<At>,
    each: Vec<(Aspect, At)>,
    ones: Vec<(Aspect, ByValue<Vec<At>>)>,
}

impl Index {
    pub(crate) fn add(&mut self, scope: &Scope, at: At) {
        match scope {
            Scope::All => self.all.push(at),
            Scope::Each(aspect) => self.each.push((aspect.clone(), at)),
            Scope::One(aspect, value) => {
                let known = self.ones.iter().position(|(of, _)| of == aspect);
                let known = known.unwrap_or_else(|| {
                    self.ones.push((aspect.clone(), Map::default()));
                    self.ones.len() - 1
                });
                let ones = self.ones[known].1.entry(value.clone()).or_default();
                ones.reserve_exact(1);
                ones.push(at);
            }
        }
    }

    fn touched(&self, payer: &Payer, touched: &mut Vec<At>) {
        touched.clear();
        touched.extend_from_slice(&self.all);
        for (aspect, at) in &self.each {
            if payer.value(aspect).is_some() {
                touched.push(*at);
            }
        }
        for (aspect, ones) in &self.ones {
            let found = payer.value(aspect).and_then(|value| ones.get(value));
            touched.extend(found.into_iter().flatten());
        }
    }
}

impl Slot {
    /// The subject whose account a call counts in; empty where there is one account.
    pub(crate) fn subject<'p>(&self, payer: &'p Payer) -> &'p str {
        match &self.terms.budget().scope {
            Scope::Each(aspect) => payer.value(aspect).unwrap_or_default(),
            Scope::All | Scope::One(..) => "",
        }
    }

    pub(crate) fn account(&mut self, subject: &str) -> &mut Account {
        match &mut self.accounts {
            Accounts::One(account) => account,
            Accounts::Each(accounts) => {
                if !accounts.contains_key(subject) {
                    accounts.insert(subject.into(), Account::default());
                }
                accounts.entry(subject.into()).or_default()
            }
        }
    }

    /// What is left for a subject, in picodollars.
    pub(crate) fn left(&self, subject: &str, now: Timestamp, calendar: &mut Calendar) -> Left {
        let Some(limit) = self.terms.limit(subject, now) else { return Left::Unlimited };
        let period = calendar.period(self.terms.budget().window, now);
        if start_of(&period) < self.known_since {
            return Left::Unknown;
        }
        let (settled, held) = self.sums(subject, &period);
        Left::Pico(limit.saturating_sub(settled).saturating_sub(held))
    }

    pub(crate) fn sums(&self, subject: &str, period: &Period) -> (i128, i128) {
        let window = self.terms.budget().window;
        let account = match &self.accounts {
            Accounts::One(account) => Some(account),
            Accounts::Each(accounts) => accounts.get(subject),
        };
        account.map_or((0, 0), |account| account.sums(window, period))
    }

    /// How it stands for a subject.
    ///
    /// `None` where it may spend as much as it likes.
    pub(crate) fn standing(
        &self,
        subject: &str,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Option<Standing> {
        let limit = self.terms.limit(subject, now)?;
        let budget = self.terms.budget();
        let period = budget.window.period(now, zone);
        let (settled, held) = self.sums(subject, &period);
        let frees_at = match &self.accounts {
            Accounts::One(account) => account.frees_at(budget.window, now),
            Accounts::Each(accounts) => {
                accounts.get(subject).and_then(|account| account.frees_at(budget.window, now))
            }
        };
        let is_rolling = budget.window.rolling_micros().is_some();
        let plan = self.terms.plan(subject);
        Some(Standing {
            budget: plan.clone().unwrap_or_else(|| budget.name.clone()),
            plan,
            scope: match &budget.scope {
                Scope::Each(aspect) if !subject.is_empty() => {
                    Scope::One(aspect.clone(), subject.into())
                }
                scope => scope.clone(),
            },
            window: budget.window,
            action: budget.action.clone(),
            subject: (!subject.is_empty()).then(|| subject.into()),
            limit: TotalPicoUsd::from_pico(limit),
            settled: TotalPicoUsd::from_pico(settled),
            held: TotalPicoUsd::from_pico(held),
            resets_at: if is_rolling { frees_at } else { period.end },
            since: budget.window.counts_since(now, zone),
        })
    }

    /// Everybody who has an account.
    pub(crate) fn subjects(&self) -> Vec<Box<str>> {
        match &self.accounts {
            Accounts::One(_) => vec!["".into()],
            Accounts::Each(accounts) => {
                let mut subjects: Vec<Box<str>> = accounts.keys().cloned().collect();
                subjects.sort_unstable();
                subjects
            }
        }
    }
}

/// From when on it has to be known what was spent, in microseconds: [`known_since`], remembered.
fn known_since_in(earlier: &mut Calendar, window: Window, now: Timestamp) -> i64 {
    let before = Timestamp::from_micros(now.micros().saturating_sub(REMEMBERED_US));
    match window.rolling_micros() {
        Some(_) => known_since(window, now, &earlier.zone).map_or(i64::MIN, Timestamp::micros),
        None => start_of(&earlier.period(window, before)),
    }
}

impl State {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self {
            earlier: Calendar::of(zone.clone()),
            calendar: Calendar::of(zone),
            slots: Vec::new(),
            free: Vec::new(),
            generations: 0,
            index: Index::default(),
            teams: Map::default(),
            open: Map::default(),
            passed: Map::default(),
            touched: Vec::new(),
            changed: Vec::new(),
            warn_percents: Vec::new(),
        }
    }

    /// Puts a budget in, with what the ledger says was spent of it up to what was told last, and with
    /// what is open or not told yet.
    pub(crate) fn insert(&mut self, terms: Terms, known: &[Known], now: Timestamp) {
        let budget = terms.budget();
        let (window, scope) = (budget.window, budget.scope.clone());
        let since = self.known_since(window, now);
        let accounts = match scope {
            Scope::Each(_) => Accounts::Each(Map::default()),
            Scope::All | Scope::One(..) => Accounts::One(Account::default()),
        };
        self.generations += 1;
        let generation = self.generations;
        let mut slot = Slot { terms, generation, accounts, known_since: since };
        for Known { subject, at, settled_pico } in known {
            let period = self.calendar.period(window, *at);
            slot.account(subject).spend(&period, *settled_pico);
        }
        match self.free.pop() {
            Some(at) => self.slots[at] = Some(slot),
            None => self.slots.push(Some(slot)),
        }
    }

    fn known_since(&mut self, window: Window, now: Timestamp) -> i64 {
        known_since_in(&mut self.earlier, window, now)
    }

    /// Takes a budget out, and all its accounts.
    pub(crate) fn remove(&mut self, at: At) {
        if self.slots.get_mut(at).and_then(Option::take).is_some() {
            self.free.push(at);
        }
    }

    /// How many budgets were ever put in.
    pub(crate) const fn generations(&self) -> u64 {
        self.generations
    }

    /// Has the budgets that were put in since count what is open and what the ledger has not told yet.
    pub(crate) fn catch_up(&mut self, since: u64) {
        let State { calendar, slots, index, open, passed, touched, .. } = self;
        let mut each_new = |payer: &Payer, at: Timestamp, do_it: &mut Do<'_>| {
            index.touched(payer, touched);
            for &number in &*touched {
                let slot = slots.get_mut(number).and_then(Option::as_mut);
                let Some(slot) = slot.filter(|slot| slot.generation > since) else { continue };
                let period = calendar.period(slot.terms.budget().window, at);
                let generation = slot.generation;
                let subject = slot.subject(payer);
                do_it(slot.account(subject), period, (number, generation));
            }
        };
        for Open { payer, at, worst_pico, held, .. } in open.values_mut() {
            each_new(payer, *at, &mut |account, period, (number, generation)| {
                account.hold(&period, *worst_pico);
                held.push((number, generation, period));
            });
        }
        for Passed { payer, at, pico } in passed.values() {
            each_new(payer, *at, &mut |account, period, _| account.spend(&period, *pico));
        }
    }

    /// Looks at every budget that a call touches.
    pub(crate) fn each_touched<E>(
        &mut self,
        payer: &Payer,
        mut look: impl FnMut(&mut Slot, &str, &mut Calendar) -> Result<(), E>,
    ) -> Result<(), E> {
        let State { calendar, slots, index, touched, .. } = self;
        index.touched(payer, touched);
        for &at in &*touched {
            if let Some(slot) = slots.get_mut(at).and_then(Option::as_mut) {
                look(slot, slot.subject(payer), calendar)?;
            }
        }
        Ok(())
    }

    /// Sets aside, whether it is there or not.
    pub(crate) fn hold(&mut self, uid: Uid, payer: Arc<Payer>, at: Timestamp, worst: PicoUsd) {
        let State { calendar, slots, index, touched, open, .. } = self;
        if open.contains_key(&uid) {
            return;
        }
        index.touched(&payer, touched);
        let worst_pico = i128::from(worst.pico());
        let mut held = Vec::with_capacity(touched.len());
        for &number in &*touched {
            let Some(slot) = slots.get_mut(number).and_then(Option::as_mut) else { continue };
            let period = calendar.period(slot.terms.budget().window, at);
            let subject = slot.subject(&payer);
            slot.account(subject).hold(&period, worst_pico);
            held.push((number, slot.generation, period));
        }
        open.insert(uid, Open { payer, at, worst_pico, is_in_doubt: false, held });
    }

    /// Gives back what was set aside and counts what it did cost in its place.
    pub(crate) fn close(&mut self, uid: Uid, spent_pico: i128) -> Option<(Arc<Payer>, Timestamp)> {
        let Open { payer, at, worst_pico, held, .. } = self.open.remove(&uid)?;
        for (number, generation, period) in held {
            let slot = self.slots.get_mut(number).and_then(Option::as_mut);
            let Some(slot) = slot.filter(|slot| slot.generation == generation) else { continue };
            let subject = slot.subject(&payer);
            let account = slot.account(subject);
            account.hold(&period, -worst_pico);
            account.spend(&period, spent_pico);
            if spent_pico > 0 && !account.is_changed {
                account.is_changed = true;
                self.changed.push(Changed { slot: number, generation, subject: subject.into() });
            }
        }
        Some((payer, at))
    }

    /// Remembers what a call cost until the ledger tells it.
    pub(crate) fn pass(&mut self, uid: Uid, payer: Arc<Payer>, at: Timestamp, pico: i128) {
        self.passed.insert(uid, Passed { payer, at, pico });
    }

    /// Counts what nobody could refuse. What is of a period that was never asked for is left out.
    pub(crate) fn count(&mut self, payer: &Payer, at: Timestamp, pico: i128) {
        let State { calendar, slots, index, touched, changed, .. } = self;
        index.touched(payer, touched);
        for &number in &*touched {
            let Some(slot) = slots.get_mut(number).and_then(Option::as_mut) else { continue };
            let period = calendar.period(slot.terms.budget().window, at);
            if start_of(&period) < slot.known_since {
                continue;
            }
            let (subject, generation) = (slot.subject(payer), slot.generation);
            let account = slot.account(subject);
            account.spend(&period, pico);
            if pico > 0 && !account.is_changed {
                account.is_changed = true;
                changed.push(Changed { slot: number, generation, subject: subject.into() });
            }
        }
    }

    /// Forgets what no longer counts.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        let State { slots, earlier, .. } = self;
        for slot in slots.iter_mut().flatten() {
            let window = slot.terms.budget().window;
            let since = known_since_in(earlier, window, now);
            slot.known_since = slot.known_since.max(since);
            match &mut slot.accounts {
                Accounts::One(account) => drop(account.forget(window, now)),
                Accounts::Each(accounts) => {
                    accounts.retain(|_, account| account.forget(window, now));
                    accounts.shrink_to(2 * accounts.len());
                }
            }
        }
    }
}
