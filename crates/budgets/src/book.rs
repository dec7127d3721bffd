//! What a bank is told: the budgets that there are, and what was spent of them before.

use std::collections::HashMap;
use std::sync::Arc;

use centime_core::budget::{Action, Aspect, Budget, Member, Plan, Scope};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_core::window::Window;

/// Everything that says who may spend how much.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Budgets by themselves.
    pub budgets: Vec<Funds>,
    /// Plans, which are budgets of those who have them.
    pub plans: Vec<Plan>,
    /// Users, and what they have been given.
    pub users: HashMap<Box<str>, Member>,
    /// Teams that have a plan: its name.
    pub teams: HashMap<Box<str>, Box<str>>,
}

/// A budget, and what it was raised by for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funds {
    /// The budget.
    pub budget: Budget,
    /// By how much more, and until when.
    pub raise: Option<(PicoUsd, Timestamp)>,
}

/// What was spent of one budget by one subject, as the ledger says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The subject; empty where the budget has one account.
    pub subject: Box<str>,
    /// A moment in the period that it counts in.
    pub at: Timestamp,
    /// What was spent, in picodollars.
    pub settled_pico: i128,
}

/// What accounts are kept for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Terms {
    /// A budget.
    Budget(Funds),
    /// What each user or each team spends in a window, whoever has a plan over it: who gets another one
    /// has spent what it has spent.
    Plans {
        /// As if it were a budget, of which only scope and window count.
        budget: Budget,
        /// Those who have a plan, and which.
        members: Arc<Members>,
    },
}

/// By user or team: the plan's name, and its limit.
pub(crate) type Members = HashMap<Box<str>, (Box<str>, PicoUsd)>;

impl Terms {
    /// For whom it is, over what time, and what happens beyond it.
    pub(crate) fn budget(&self) -> &Budget {
        match self {
            Self::Budget(funds) => &funds.budget,
            Self::Plans { budget, .. } => budget,
        }
    }

    /// What a subject may spend at a moment, in picodollars; `None`: as much as it likes.
    pub(crate) fn limit(&self, subject: &str, now: Timestamp) -> Option<i128> {
        let funds = match self {
            Self::Budget(funds) => funds,
            Self::Plans { members, .. } => {
                return members.get(subject).map(|(_, limit)| i128::from(limit.pico()));
            }
        };
        let limit = i128::from(funds.budget.limit.pico());
        Some(match funds.raise {
            Some((more, until)) if now < until => limit.saturating_add(more.pico().into()),
            _ => limit,
        })
    }

    /// The plan that a subject has, where it is a matter of plans.
    pub(crate) fn plan(&self, subject: &str) -> Option<Box<str>> {
        match self {
            Self::Budget(_) => None,
            Self::Plans { members, .. } => members.get(subject).map(|(plan, _)| plan.clone()),
        }
    }

    /// What tells it from others: accounts of the one are never those of another.
    pub(crate) fn name(&self) -> (&str, bool, &Scope, Window) {
        let Budget { name, scope, window, .. } = self.budget();
        (name, matches!(self, Self::Plans { .. }), scope, *window)
    }
}

impl Rules {
    /// Everything that there are accounts for.
    pub(crate) fn terms(&self) -> Vec<Terms> {
        let own = self.budgets.iter().map(|funds| Terms::Budget(funds.clone()));
        let users = self.users.iter();
        let users = users.filter_map(|(user, member)| Some((user, member.plan.as_ref()?)));
        own.chain(self.of_plans(&Aspect::User, users))
            .chain(self.of_plans(&Aspect::Team, self.teams.iter()))
            .collect()
    }

    fn of_plans<'r>(
        &'r self,
        aspect: &Aspect,
        members: impl Iterator<Item = (&'r Box<str>, &'r Box<str>)>,
    ) -> Vec<Terms> {
        let plans: HashMap<&str, &Plan> =
            self.plans.iter().map(|plan| (&*plan.name, plan)).collect();
        let mut by_window: HashMap<Window, Members> = HashMap::new();
        for (member, plan) in members {
            let Some(Plan { name, limit: Some(limit), window }) = plans.get(&**plan) else {
                continue;
            };
            let members = by_window.entry(*window).or_default();
            members.insert(member.clone(), (name.clone(), *limit));
        }
        let terms = by_window.into_iter().map(|(window, members)| Terms::Plans {
            budget: Budget {
                name: "".into(),
                scope: Scope::Each(aspect.clone()),
                limit: PicoUsd::ZERO,
                window,
                action: Action::Refuse,
            },
            members: Arc::new(members),
        });
        terms.collect()
    }
}
