//! Who may spend what, as a program sets and asks it.

use std::fmt;

use centime_budgets::{Bank, Rules, Standing};
use centime_core::attribution::Attribution;
use centime_core::budget::{Aspect, Budget, Member, Payer, Plan, Scope};
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::time::Timestamp;
use centime_engine::accounts::{Follower, rules_of};
use centime_ledger::{LedgerError, RuleChange, Rules as _};
use jiff::tz::TimeZone;

use crate::ledger::Ledger;

/// Sets budgets, plans and what users are given, in a ledger, and says whether somebody may spend more.
///
/// What is set here holds in a gateway on the same ledger within a second. What a program spends itself counts once
/// it is [recorded](Ledger::record).
///
/// ```
/// use centime::{BudgetManager, Ledger};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("centime.db");
/// let mut budgets = BudgetManager::open(&path)?;
/// let now = "2026-11-24T12:00:00Z".parse()?;
/// budgets.give_plan("alice", Some("free"))?; // 1 US dollar a month
/// assert!(budgets.check("alice", None, now)?.is_within);
///
/// let event = r#"{"model": "gpt-5", "user": "alice", "meters": {"output": 100000}}"#;
/// Ledger::open(&path)?.record(event, now)?;
/// let checked = budgets.check("alice", None, now)?;
/// assert!(!checked.is_within && checked.spent.to_string() == "1");
/// assert!(budgets.check("alice", Some("pro"), now)?.is_within);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BudgetManager {
    ledger: Ledger,
    zone: TimeZone,
}

/// Whether somebody may spend more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The plan that was looked at; without one, the tightest budget of the user's own.
    pub plan: Option<Box<str>>,
    /// Whether anything is left.
    pub is_within: bool,
    /// What may be spent; `None`: there is no limit.
    pub limit: Option<TotalPicoUsd>,
    /// What was spent.
    pub spent: TotalPicoUsd,
    /// What is left; `None`: there is no limit.
    pub remaining: Option<TotalPicoUsd>,
    /// When there is more again.
    pub resets_at: Option<Timestamp>,
}

/// Why nothing can be said or set.
#[derive(Debug)]
pub enum BudgetError {
    /// There is no plan of this name; these there are.
    NoPlan(Box<str>, Vec<Box<str>>),
    /// The ledger failed.
    Ledger(LedgerError),
}

impl From<LedgerError> for BudgetError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl fmt::Display for BudgetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlan(name, plans) => {
                let plans: Vec<String> = plans.iter().map(|plan| format!("`{plan}`")).collect();
                write!(out, "there is no plan `{name}`: there are {}", plans.join(", "))
            }
            Self::Ledger(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for BudgetError {}

impl BudgetManager {
    /// Over the ledger of a file, in the days of UTC.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &std::path::Path) -> Result<Self, LedgerError> {
        Ok(Self { ledger: Ledger::open(path)?, zone: TimeZone::UTC })
    }

    /// In the days of a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// Sets a budget, or changes one; whether it was another before.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn set_budget(&mut self, budget: Budget) -> Result<bool, LedgerError> {
        self.ledger.store_mut().change_rules(&RuleChange::SetBudget(budget, None))
    }

    /// Sets a plan, or changes one; whether it was another before.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn set_plan(&mut self, plan: Plan) -> Result<bool, LedgerError> {
        self.ledger.store_mut().change_rules(&RuleChange::SetPlan(plan))
    }

    /// Gives a user a plan, or none any more.
    ///
    /// # Errors
    /// When there is no such plan, or the ledger cannot be written.
    pub fn give_plan(&mut self, user: &str, plan: Option<&str>) -> Result<(), BudgetError> {
        let rules = self.rules()?;
        if let Some(plan) = plan {
            known_plan(&rules, plan)?;
        }
        let mut member: Member = rules.users.get(user).cloned().unwrap_or_default();
        member.plan = plan.map(Into::into);
        self.ledger.store_mut().change_rules(&RuleChange::SetUser(user.into(), member))?;
        Ok(())
    }

    /// Whether a user may spend more: by its plan, or by another as if it had that.
    ///
    /// # Errors
    /// When there is no such plan, or the ledger cannot be read.
    pub fn check(
        &self,
        user: &str,
        plan: Option<&str>,
        now: Timestamp,
    ) -> Result<Checked, BudgetError> {
        let bank = |rules: &Rules| self.bank(rules, now).map_err(BudgetError::from);
        check(self.rules()?, bank, (user, plan), now)
    }

    /// Whether a call that may cost so much at most fits into every budget that it touches.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn fits(&self, payer: &Payer, worst: PicoUsd, now: Timestamp) -> Result<bool, LedgerError> {
        let left = self.bank(&self.rules()?, now)?.remaining(payer, now);
        Ok(left.is_none_or(|left| left >= worst.into()))
    }

    fn rules(&self) -> Result<Rules, LedgerError> {
        Ok(rules_of(&Rules::default(), &self.ledger.store().rules()?))
    }

    fn bank(&self, rules: &Rules, now: Timestamp) -> Result<Bank, LedgerError> {
        let bank = Bank::new(self.zone.clone());
        Follower::new(self.zone.clone()).begin(&bank, self.ledger.store(), rules, now)?;
        Ok(bank)
    }
}

/// Whether a user may spend more, by rules and what a bank of them says.
///
/// # Errors
/// When there is no such plan, or `bank` fails.
pub fn check<E>(
    mut rules: Rules,
    bank: impl FnOnce(&Rules) -> Result<Bank, E>,
    (user, plan): (&str, Option<&str>),
    now: Timestamp,
) -> Result<Checked, E>
where
    E: From<BudgetError>,
{
    if let Some(plan) = plan {
        rules.users.entry(user.into()).or_default().plan = Some(plan.into());
    }
    let plan = rules.users.get(user).and_then(|member| member.plan.clone());
    let is_unlimited = match &plan {
        Some(plan) => known_plan(&rules, plan)?.limit.is_none(),
        None => false,
    };
    if is_unlimited {
        // What is spent is told all the same: against a limit that is never reached.
        for plan in rules.plans.iter_mut().filter(|known| Some(&known.name) == plan.as_ref()) {
            plan.limit = Some(PicoUsd::MAX);
        }
    }
    let bank = bank(&rules)?;
    let attribution = Attribution { user: Some(user.to_owned()), ..Attribution::default() };
    let mut standings = bank.standings_of(&Payer { attribution, ..Payer::default() }, now);
    standings.retain(|standing| match &plan {
        Some(plan) => standing.plan.as_ref() == Some(plan),
        None => matches!(standing.scope, Scope::One(Aspect::User, _)) && standing.action.is_hard(),
    });
    standings.sort_by_key(Standing::remaining);
    let standing = standings.first();
    let limited = standing.filter(|_| !is_unlimited);
    Ok(Checked {
        plan,
        is_within: limited.is_none_or(|standing| standing.remaining().pico() > 0),
        limit: limited.map(|standing| standing.limit),
        spent: standing.map(|standing| standing.settled).unwrap_or_default(),
        remaining: limited.map(Standing::remaining),
        resets_at: standing.and_then(|standing| standing.resets_at),
    })
}

fn known_plan<'r>(rules: &'r Rules, name: &str) -> Result<&'r Plan, BudgetError> {
    let names = || rules.plans.iter().map(|plan| plan.name.clone()).collect();
    let found = rules.plans.iter().find(|plan| *plan.name == *name);
    found.ok_or_else(|| BudgetError::NoPlan(name.into(), names()))
}
