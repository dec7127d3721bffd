//! Between budgets and the ledger: what was spent before, and what others spend meanwhile.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use centime_budgets::{Bank, Funds, Known, Rules, known_since};
use centime_core::adjusted::Adjusted;
use centime_core::budget::{Aspect, Budget, Payer, Plan, STANDARD_PLANS, Scope};
use centime_core::entry::{Entry, Status, Uid};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_core::window;
use centime_ledger::{
    Dimension, EntryFilter, GroupKey, Ledger, LedgerError, Match, ReportQuery, SetRules, Window,
};
use jiff::tz::TimeZone;

/// How many entries are looked at before others get a turn.
const BATCH: usize = 10_000;

/// Lays what was set in the ledger under what the configuration says, which counts where both do; and
/// the plans that there are where nobody says otherwise under both.
#[must_use]
pub fn rules_of(configured: &Rules, set: &SetRules) -> Rules {
    let mut rules = configured.clone();
    for (budget, raise) in set.budgets.values() {
        if !rules.budgets.iter().any(|funds| funds.budget.name == budget.name) {
            rules.budgets.push(Funds { budget: budget.clone(), raise: *raise });
        }
    }
    let standard = STANDARD_PLANS.map(|(name, limit)| Plan {
        name: name.into(),
        limit,
        window: window::Window::Month,
    });
    for plan in set.plans.values().chain(&standard) {
        if !rules.plans.iter().any(|known| known.name == plan.name) {
            rules.plans.push(plan.clone());
        }
    }
    for (user, member) in &set.users {
        rules.users.entry(user.clone()).or_insert_with(|| member.clone());
    }
    for (team, plan) in &set.teams {
        rules.teams.entry(team.clone()).or_insert_with(|| plan.clone());
    }
    rules
}

/// Follows a ledger: has a bank know just what the ledger says.
#[derive(Debug)]
pub struct Follower {
    /// Up to where the bank was told.
    place: u64,
    /// Of which rules.
    revision: Option<u64>,
    zone: TimeZone,
}

impl Follower {
    /// One that has seen nothing yet.
    #[must_use]
    pub const fn new(zone: TimeZone) -> Self {
        Self { place: 0, revision: None, zone }
    }

    /// Reads the ledger for the first time: the rules, what was spent, and what is in doubt. Calls may
    /// be admitted after it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn begin(
        &mut self,
        bank: &Bank,
        ledger: &dyn Ledger,
        configured: &Rules,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        ledger.at_one_moment(&mut || {
            let latest = self.latest(ledger)?;
            self.place = latest;
            self.set(bank, ledger, configured, now)?;
            each_doubt(ledger, &mut |uid, payer, at, held| bank.doubtful(uid, payer, at, held))
        })
    }

    fn latest(&self, ledger: &dyn Ledger) -> Result<u64, LedgerError> {
        // Nobody numbers so many entries: what is looked for is the last one.
        let (mut known, mut step) = (self.place, 1_u64 << 40);
        while step > 0 {
            let place = known + step;
            if ledger.written_after(place - 1, 1)?.is_empty() {
                step >>= 1;
            } else {
                known = place;
            }
        }
        Ok(known)
    }

    /// Tells a bank, and whoever else wants to `see` it, what was written since by others, and puts rules in
    /// force that were changed. What calls of this process cost is known already, and is counted once.
    ///
    /// # Errors
    /// When the ledger cannot be read; then the next time goes on where this one ended.
    pub fn follow(
        &mut self,
        bank: &Bank,
        ledger: &dyn Ledger,
        (configured, see): (&Rules, &mut dyn FnMut(&Entry)),
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        ledger.at_one_moment(&mut || {
            loop {
                let written = ledger.written_after(self.place, BATCH)?;
                let is_last = written.len() < BATCH;
                for (place, uid) in written {
                    if !bank.knows(uid)
                        && let Some(entry) = ledger.entry(uid)?
                    {
                        tell(bank, &entry);
                        see(&entry);
                    }
                    self.place = place;
                }
                if is_last {
                    break;
                }
            }
            if self.revision != Some(ledger.rules_revision()?) {
                self.set(bank, ledger, configured, now)?;
            }
            Ok(())
        })
    }

    fn set(
        &mut self,
        bank: &Bank,
        ledger: &dyn Ledger,
        configured: &Rules,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let revision = ledger.rules_revision()?;
        let rules = rules_of(configured, &ledger.rules()?);
        bank.set(&rules, |budget| spent(ledger, budget, now, &self.zone), now)?;
        self.revision = Some(revision);
        Ok(())
    }
}

/// Tells a bank of an entry.
fn tell(bank: &Bank, entry: &Entry) {
    let payer = payer_of(entry);
    match entry.held {
        Some(held) if entry.status == Status::InDoubt => {
            bank.doubtful(entry.uid, &Arc::new(payer), entry.at, held);
        }
        _ => bank.tell(entry.uid, &payer, entry.at, entry.charge),
    }
    if let Some(attempt) = entry.adjusts
        && entry.moves.in_doubt < 0
    {
        bank.resolve(attempt);
    }
}

/// Who an entry is for.
#[must_use]
pub fn payer_of(entry: &Entry) -> Payer {
    Payer {
        attribution: entry.attribution.clone(),
        provider: entry.provider.clone().unwrap_or_default(),
        model: entry.model.clone(),
    }
}

/// Is shown an attempt in doubt: its identity, who it is for, when it was made, what is set aside.
type ShowDoubt<'s> = dyn FnMut(Uid, &Arc<Payer>, Timestamp, PicoUsd) + 's;

/// Shows every attempt in doubt that something is set aside for.
fn each_doubt(ledger: &dyn Ledger, show: &mut ShowDoubt<'_>) -> Result<(), LedgerError> {
    for uid in ledger.held()? {
        let Some(attempt) = ledger.entry(uid)? else { continue };
        let adjustments = ledger.adjustments(uid)?;
        if let Some(held) = attempt.held
            && Adjusted::new(&attempt, &adjustments).is_in_doubt()
        {
            show(uid, &Arc::new(payer_of(&attempt)), attempt.at, held);
        }
    }
    Ok(())
}

/// The first user or team that has been given a plan which there is not, and that plan.
#[must_use]
pub fn missing_plan(rules: &Rules) -> Option<(&str, &str)> {
    let users = rules.users.iter().filter_map(|(user, member)| Some((user, member.plan.as_ref()?)));
    let mut given = users.chain(&rules.teams);
    let missing = given.find(|(_, plan)| !rules.plans.iter().any(|known| known.name == **plan));
    missing.map(|(member, plan)| (&**member, &**plan))
}

/// What the ledger says was spent of a budget, as far back as it has to be known.
fn spent(
    ledger: &dyn Ledger,
    budget: &Budget,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Known>, LedgerError> {
    let since = known_since(budget.window, now, zone);
    if budget.window.rolling_micros().is_some() {
        return spent_rolling(ledger, budget, since);
    }
    let mut known = Vec::new();
    let mut period = budget.window.period(since.unwrap_or(now), zone);
    loop {
        let window = Window { since: period.start, until: period.end };
        let at = period.start.unwrap_or(now);
        known.extend(spent_in(ledger, budget, window, at, zone)?);
        // What was told of times to come counts then.
        match period.end.filter(|end| end.micros() <= now.micros() + Timestamp::AHEAD_MAX_US) {
            Some(end) => period = budget.window.period(end, zone),
            None => return Ok(known),
        }
    }
}

fn spent_in(
    ledger: &dyn Ledger,
    budget: &Budget,
    window: Window,
    at: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Known>, LedgerError> {
    let (mut by, mut conditions) = (Vec::new(), Vec::new());
    match &budget.scope {
        Scope::All => {}
        Scope::Each(aspect) => by.push(GroupKey::Dimension(dimension(aspect))),
        Scope::One(aspect, value) => {
            conditions.push((dimension(aspect), Match::OneOf(vec![value.to_string()])));
        }
    }
    let query = ReportQuery { filter: EntryFilter { window, conditions }, by, zone: zone.clone() };
    let rows = ledger.report(&query)?.into_iter().filter_map(|row| {
        let subject = match row.key.into_iter().next() {
            None => Box::from(""),
            // Whoever has no value has no account.
            Some(value) => Box::from(value.filter(|value| !value.is_empty())?),
        };
        Some(Known { subject, at, settled_pico: row.sums.cost.pico() })
    });
    Ok(rows.collect())
}

/// The parts of a window that rolls on are finer than any sums that are kept: entries are added up.
fn spent_rolling(
    ledger: &dyn Ledger,
    budget: &Budget,
    since: Option<Timestamp>,
) -> Result<Vec<Known>, LedgerError> {
    let conditions = match &budget.scope {
        Scope::One(aspect, value) => {
            vec![(dimension(aspect), Match::OneOf(vec![value.to_string()]))]
        }
        Scope::All | Scope::Each(_) => Vec::new(),
    };
    let filter = EntryFilter { window: Window { since, until: None }, conditions };
    let part = budget.window.part_micros();
    let mut parts: HashMap<(Box<str>, i64), i128> = HashMap::new();
    ledger.visit_attempts(&filter, &mut |attempt, adjustments| {
        let payer = payer_of(attempt);
        let subject = match &budget.scope {
            Scope::Each(aspect) => payer.value(aspect),
            Scope::All | Scope::One(..) => Some(""),
        };
        if let Some(subject) = subject {
            let charge = Adjusted::new(attempt, adjustments).charge().pico();
            let at = attempt.at.micros().div_euclid(part);
            *parts.entry((subject.into(), at)).or_default() += charge;
        }
        ControlFlow::Continue(())
    })?;
    let known = parts.into_iter().map(|((subject, at), settled_pico)| Known {
        subject,
        at: Timestamp::from_micros(at.saturating_mul(part)),
        settled_pico,
    });
    Ok(known.collect())
}

fn dimension(aspect: &Aspect) -> Dimension {
    match aspect {
        Aspect::Team => Dimension::Team,
        Aspect::Project => Dimension::Project,
        Aspect::User => Dimension::User,
        Aspect::Key => Dimension::Key,
        Aspect::Model => Dimension::Model,
        Aspect::Provider => Dimension::Provider,
        Aspect::Tag(name) => Dimension::Tag(name.to_string()),
    }
}
