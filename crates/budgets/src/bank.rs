//! The bank: what callers ask of all budgets at once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use centime_core::budget::{Action, Budget, Member, Payer};
use centime_core::entry::Uid;
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

use crate::account::Standing;
use crate::book::{Known, Rules};
use crate::crossing::Crossing;
use crate::state::{At, Index, Left, Open, State};

/// Every budget, and what is left of it.
///
/// ```
/// use std::sync::Arc;
/// use centime_budgets::{Bank, Funds, Rules};
/// use centime_core::budget::{Action, Budget, Payer, Scope};
/// use centime_core::entry::Uid;
/// use centime_core::money::PicoUsd;
/// use centime_core::window::Window;
///
/// let usd = |text: &str| text.parse::<PicoUsd>();
/// let (name, limit) = ("company".into(), usd("1")?);
/// let budget = Budget { name, scope: Scope::All, limit, window: Window::Month, action: Action::Refuse };
/// let rules = Rules { budgets: vec![Funds { budget, raise: None }], ..Rules::default() };
/// let now = "2026-11-24T12:00:00Z".parse()?;
///
/// let bank = Bank::new(jiff::tz::TimeZone::UTC);
/// bank.set(&rules, |_| Ok::<_, std::convert::Infallible>(Vec::new()), now)?;
/// let payer = Arc::new(Payer::default());
/// assert!(bank.admit(Uid([1; 16]), &payer, usd("0.7")?, now, false).is_ok());
/// assert!(bank.admit(Uid([2; 16]), &payer, usd("0.7")?, now, false).is_err());
/// bank.settle(Uid([1; 16]), usd("0.2")?, now);
/// assert!(bank.admit(Uid([2; 16]), &payer, usd("0.7")?, now, false).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Bank {
    state: Mutex<State>,
}

/// A call was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// What is left of the tightest hard budget; `None` where no hard budget is touched.
    pub remaining: Option<TotalPicoUsd>,
}

/// Why a call was not admitted. Nothing was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// A hard budget does not pay for it: the one with the least left.
    Over(Box<Standing>),
    /// A budget that asks for another model does not pay for it.
    Downgrade(Box<str>),
    /// It is not known yet what was spent in this period: the clock went back further than is
    /// remembered.
    Unknown,
}

impl Bank {
    /// A bank without budgets. Its calendar is that of the zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self { state: Mutex::new(State::new(zone)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here panics half way through a change of more than one account.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts rules in force. Budgets that stay keep their accounts, whatever their limit is now; of one
    /// that is new `spent` is asked what the ledger says, which must be just what was
    /// [told](Self::tell) already.
    ///
    /// # Errors
    /// When `spent` fails; then the rules before stay in force.
    pub fn set<E>(
        &self,
        rules: &Rules,
        mut spent: impl FnMut(&Budget) -> Result<Vec<Known>, E>,
        now: Timestamp,
    ) -> Result<(), E> {
        let wanted = rules.terms();
        // The ledger is asked outside of the lock: calls do not wait for it.
        let staying: Vec<Option<At>> = {
            let state = self.state();
            let slots = state.slots.iter().enumerate();
            let terms = slots.filter_map(|(at, slot)| Some((at, &slot.as_ref()?.terms)));
            let known: HashMap<_, At> = terms.map(|(at, terms)| (terms.name(), at)).collect();
            wanted.iter().map(|terms| known.get(&terms.name()).copied()).collect()
        };
        let mut known = Vec::with_capacity(wanted.len());
        for (terms, staying) in wanted.iter().zip(&staying) {
            known.push(match staying {
                Some(_) => Vec::new(),
                None => spent(terms.budget())?,
            });
        }
        let stay: HashSet<At> = staying.iter().flatten().copied().collect();
        let mut state = self.state();
        let before = state.generations();
        for at in 0..state.slots.len() {
            if !stay.contains(&at) {
                state.remove(at);
            }
        }
        for ((terms, staying), known) in wanted.into_iter().zip(staying).zip(known) {
            match staying.and_then(|at| state.slots.get_mut(at)?.as_mut()) {
                Some(slot) => slot.terms = terms,
                None => state.insert(terms, &known, now),
            }
        }
        state.index = indexed(&state);
        let team = |(user, member): (_, &Member)| Some((Box::clone(user), member.team.clone()?));
        state.teams = rules.users.iter().filter_map(team).collect();
        state.catch_up(before);
        state.warn_percents.clone_from(&rules.warn_percents);
        state.look_at_all();
        Ok(())
    }

    /// Whether an entry is one of a call that was settled here, which the ledger tells now; it is not
    /// told of it again.
    #[must_use]
    pub fn knows(&self, uid: Uid) -> bool {
        self.state().passed.remove(&uid).is_some()
    }

    /// The team of a user, where the rules say it.
    #[must_use]
    pub fn team_of(&self, user: &str) -> Option<Box<str>> {
        self.state().teams.get(user).cloned()
    }

    /// A moment on the clocks of the bank's zone, with its offset: `2026-12-01T00:00:00+01:00`.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> String {
        let zone = self.state().calendar.zone.clone();
        at.in_zone(&zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// Whether there is any budget at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state().slots.iter().all(Option::is_none)
    }

    /// Admits a call if every hard budget that it touches pays for its worst case, and sets that aside
    /// in all of them; otherwise nothing changes. A call that is admitted already stays so.
    ///
    /// `is_downgraded`: the model was replaced already, and budgets that ask for that let it through.
    ///
    /// # Errors
    /// When a budget does not pay for it.
    pub fn admit(
        &self,
        uid: Uid,
        payer: &Arc<Payer>,
        worst: PicoUsd,
        now: Timestamp,
        is_downgraded: bool,
    ) -> Result<Admitted, Refused> {
        let mut state = self.state();
        let pico = i128::from(worst.pico());
        let mut tightest: Option<i128> = None;
        let mut refused: Option<(i128, Box<Standing>)> = None;
        let mut downgrade = None;
        state.each_touched(payer, |slot, subject, calendar| {
            if slot.terms.budget().action == Action::Warn {
                return Ok(());
            }
            let left = match slot.left(subject, now, calendar) {
                Left::Unlimited => return Ok(()),
                Left::Unknown => return Err(Refused::Unknown),
                Left::Pico(left) => left,
            };
            match &slot.terms.budget().action {
                Action::Refuse => {
                    tightest = Some(tightest.map_or(left, |tightest| tightest.min(left)));
                    if left < pico && refused.as_ref().is_none_or(|(least, _)| left < *least) {
                        let standing = slot.standing(subject, now, &calendar.zone);
                        refused = standing.map(|standing| (left, Box::new(standing)));
                    }
                }
                Action::Downgrade(model) if left < pico && !is_downgraded => {
                    downgrade = Some(model.clone());
                }
                Action::Warn | Action::Downgrade(_) => {}
            }
            Ok(())
        })?;
        if let Some(model) = downgrade {
            return Err(Refused::Downgrade(model));
        }
        if let Some((_, standing)) = refused {
            return Err(Refused::Over(standing));
        }
        state.hold(uid, Arc::clone(payer), now, worst);
        let remaining = tightest.map(|left| TotalPicoUsd::from_pico((left - pico).max(0)));
        Ok(Admitted { remaining })
    }

    /// What the tightest hard budget that a call touches has left; `None` where it touches none.
    #[must_use]
    pub fn remaining(&self, payer: &Payer, now: Timestamp) -> Option<TotalPicoUsd> {
        let mut tightest: Option<i128> = None;
        let _ = self.state().each_touched(payer, |slot, subject, calendar| {
            if slot.terms.budget().action.is_hard() {
                let left = match slot.left(subject, now, calendar) {
                    Left::Unlimited => return Ok(()),
                    Left::Unknown => 0,
                    Left::Pico(left) => left,
                };
                tightest = Some(tightest.map_or(left, |tightest| tightest.min(left)));
            }
            Ok::<(), std::convert::Infallible>(())
        });
        tightest.map(|left| TotalPicoUsd::from_pico(left.max(0)))
    }

    /// Settles a call at what it did cost, in the periods that it was admitted in. One that is not open
    /// changes nothing. Answers what the tightest hard budget has left.
    pub fn settle(&self, uid: Uid, charge: PicoUsd, now: Timestamp) -> Option<TotalPicoUsd> {
        let payer = {
            let mut state = self.state();
            let pico = i128::from(charge.pico());
            state.open.get(&uid).filter(|open| !open.is_in_doubt)?;
            let (payer, at) = state.close(uid, pico)?;
            state.pass(uid, Arc::clone(&payer), at, pico);
            payer
        };
        self.remaining(&payer, now)
    }

    /// Gives back what was set aside for a call that was not made. One that is not open changes nothing.
    pub fn release(&self, uid: Uid) {
        let mut state = self.state();
        if state.open.get(&uid).is_some_and(|open| !open.is_in_doubt) {
            state.close(uid, 0);
        }
    }

    /// The outcome of a call is not known: what was set aside stays so until it is
    /// [resolved](Self::resolve).
    pub fn doubt(&self, uid: Uid) {
        let mut state = self.state();
        let Some(Open { payer, at, is_in_doubt, .. }) = state.open.get_mut(&uid) else { return };
        *is_in_doubt = true;
        let (payer, at) = (Arc::clone(payer), *at);
        state.pass(uid, payer, at, 0);
    }

    /// Sets aside, whether it is there or not, for a call in doubt that the ledger tells of.
    pub fn doubtful(&self, uid: Uid, payer: &Arc<Payer>, at: Timestamp, worst: PicoUsd) {
        let mut state = self.state();
        // One of our own, which is open still.
        if state.passed.remove(&uid).is_none() {
            state.hold(uid, Arc::clone(payer), at, worst);
            if let Some(open) = state.open.get_mut(&uid) {
                open.is_in_doubt = true;
            }
        }
    }

    /// A call in doubt was settled by somebody: nothing is set aside for it any more. What it did cost
    /// is [told](Self::tell).
    pub fn resolve(&self, uid: Uid) {
        let mut state = self.state();
        if state.open.get(&uid).is_some_and(|open| open.is_in_doubt) {
            state.close(uid, 0);
        }
    }

    /// The ledger tells of an entry: an event from elsewhere, an adjustment, or a call of our own that
    /// was settled here before. Only what is not known yet is counted, and it cannot be refused.
    pub fn tell(&self, uid: Uid, payer: &Payer, at: Timestamp, charge: PicoUsd) {
        let mut state = self.state();
        if state.passed.remove(&uid).is_none() {
            state.count(payer, at, charge.pico().into());
        }
    }

    /// How budgets stand: all accounts of those that `is_asked` for by name.
    #[must_use]
    pub fn standings(&self, now: Timestamp, is_asked: impl Fn(&Budget) -> bool) -> Vec<Standing> {
        let state = self.state();
        let mut standings = Vec::new();
        let budgets = state.slots.iter().flatten().filter(|slot| !slot.terms.is_watch());
        for slot in budgets.filter(|slot| is_asked(slot.terms.budget())) {
            for subject in slot.subjects() {
                standings.extend(slot.standing(&subject, now, &state.calendar.zone));
            }
        }
        standings
    }

    /// The budgets that there are, plans apart.
    #[must_use]
    pub fn budgets(&self) -> Vec<Budget> {
        let state = self.state();
        let slots = state.slots.iter().flatten().filter(|slot| !slot.terms.is_watch());
        let budgets = slots.map(|slot| slot.terms.budget());
        budgets.filter(|budget| !budget.name.is_empty()).cloned().collect()
    }

    /// How a budget stands for somebody who has spent nothing.
    #[must_use]
    pub fn empty_standing(&self, budget: &Budget, now: Timestamp) -> Standing {
        let zone = self.state().calendar.zone.clone();
        Standing {
            budget: budget.name.clone(),
            plan: None,
            subject: None,
            scope: budget.scope.clone(),
            window: budget.window,
            action: budget.action.clone(),
            limit: budget.limit.into(),
            settled: TotalPicoUsd::ZERO,
            held: TotalPicoUsd::ZERO,
            resets_at: budget.window.period(now, &zone).end.filter(|_| {
                // Nothing that was spent comes free.
                budget.window.rolling_micros().is_none()
            }),
            since: budget.window.counts_since(now, &zone),
        }
    }

    /// How the budgets stand that a call touches.
    #[must_use]
    pub fn standings_of(&self, payer: &Payer, now: Timestamp) -> Vec<Standing> {
        let mut standings = Vec::new();
        let _ = self.state().each_touched(payer, |slot, subject, calendar| {
            if !slot.terms.is_watch() {
                standings.extend(slot.standing(subject, now, &calendar.zone));
            }
            Ok::<(), std::convert::Infallible>(())
        });
        standings
    }

    /// How many calls something is set aside for.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state().open.len()
    }

    /// What was reached of the limits of budgets and watches since it was last asked, each step once a
    /// window. At most so many accounts are looked at: whoever gets [none](Vec::is_empty) and wants all
    /// asks until [`has_changes`](Self::has_changes) is false.
    pub fn crossings(&self, now: Timestamp, accounts_max: usize) -> Vec<Crossing> {
        self.state().crossings(now, accounts_max)
    }

    /// Whether something was spent of an account that was not looked at since.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !self.state().changed.is_empty()
    }

    /// Forgets what no longer counts, so that memory follows those who spend.
    pub fn sweep(&self, now: Timestamp) {
        self.state().sweep(now);
    }
}

fn indexed(state: &State) -> Index {
    let mut index = Index::default();
    for (at, slot) in state.slots.iter().enumerate() {
        if let Some(slot) = slot {
            index.add(&slot.terms.budget().scope, at);
        }
    }
    index
}
