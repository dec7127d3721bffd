//! Who may spend what, as it is kept in the ledger.

use std::collections::BTreeMap;

use centime_core::budget::{Budget, Member, Plan};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;

/// By how much more, and until when.
pub type Raise = (PicoUsd, Timestamp);

/// Everything that was set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetRules {
    /// Budgets by name, and what each was raised by for a while.
    pub budgets: BTreeMap<Box<str>, (Budget, Option<Raise>)>,
    /// Plans by name.
    pub plans: BTreeMap<Box<str>, Plan>,
    /// Users by name.
    pub users: BTreeMap<Box<str>, Member>,
    /// The plans of teams.
    pub teams: BTreeMap<Box<str>, Box<str>>,
}

/// A change of what was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleChange {
    /// A budget is this from now on.
    SetBudget(Budget, Option<Raise>),
    /// There is no budget of this name any more.
    RemoveBudget(Box<str>),
    /// A plan is this from now on.
    SetPlan(Plan),
    /// There is no plan of this name any more.
    RemovePlan(Box<str>),
    /// A user has been given this from now on.
    SetUser(Box<str>, Member),
    /// A team has this plan from now on; `None`: it has none any more.
    SetTeam(Box<str>, Option<Box<str>>),
}

impl SetRules {
    /// Makes a change; whether there was anything to change.
    pub fn change(&mut self, change: &RuleChange) -> bool {
        match change.clone() {
            RuleChange::SetBudget(budget, raise) => {
                let set = (budget, raise);
                self.budgets.insert(set.0.name.clone(), set.clone()).as_ref() != Some(&set)
            }
            RuleChange::RemoveBudget(name) => self.budgets.remove(&name).is_some(),
            RuleChange::SetPlan(plan) => {
                self.plans.insert(plan.name.clone(), plan.clone()).as_ref() != Some(&plan)
            }
            RuleChange::RemovePlan(name) => self.plans.remove(&name).is_some(),
            RuleChange::SetUser(name, member) => {
                self.users.insert(name, member.clone()).as_ref() != Some(&member)
            }
            RuleChange::SetTeam(name, Some(plan)) => {
                self.teams.insert(name, plan.clone()).as_ref() != Some(&plan)
            }
            RuleChange::SetTeam(name, None) => self.teams.remove(&name).is_some(),
        }
    }
}
