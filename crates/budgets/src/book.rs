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
    /// What is watched and limits nobody.
    pub watches: Vec<Watch>,
    /// At which hundredths of its limit a budget is told of.
    pub warn_percents: Vec<u8>,
}

/// An amount that may be spent in a window, and that somebody is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// What it is called: `user_limit`.
    pub rule: Box<str>,
    /// Whose calls are counted.
    pub scope: Scope,
    /// From how much on it is told of.
    pub limit: PicoUsd,
    /// Over what time.
    pub window: Window,
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
    /// What is watched and limits nobody: as if it were a budget that warns.
    Watch(Budget),
}

/// What tells the accounts of some terms from those of others.
pub(crate) type Name<'t> = (&'t str, u8, &'t Scope, Window);

/// By user or team: the plan's name, and its limit.
pub(crate) type Members = HashMap<Box<str>, (Box<str>, PicoUsd)>;

impl Terms {
    /// For whom it is, over what time, and what happens beyond it.
    pub(crate) fn budget(&self) -> &Budget {
        match self {
            Self::Budget(funds) => &funds.budget,
            Self::Plans { budget, .. } | Self::Watch(budget) => budget,
        }
    }

    /// What a subject may spend at a moment, in picodollars; `None`: as much as it likes.
    pub(crate) fn limit(&self, subject: &str, now: Timestamp) -> Option<i128> {
        let funds = match self {
            Self::Budget(funds) => funds,
            Self::Plans { members, .. } => {
                return members.get(subject).map(|(_, limit)| i128::from(limit.pico()));
            }
            Self::Watch(budget) => return Some(budget.limit.pico().into()),
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
            Self::Budget(_) | Self::Watch(_) => None,
            Self::Plans { members, .. } => members.get(subject).map(|(plan, _)| plan.clone()),
        }
    }

    /// What tells it from others: accounts of the one are never those of another.
    pub(crate) fn name(&self) -> Name<'_> {
        let Budget { name, scope, window, .. } = self.budget();
        let kind = match self {
            Self::Budget(_) => 0,
            Self::Plans { .. } => 1,
            Self::Watch(_) => 2,
        };
        (name, kind, scope, *window)
    }

    /// Whether it is no budget at all.
    pub(crate) const fn is_watch(&self) -> bool {
        matches!(self, Self::Watch(_))
    }
}

impl Watch {
    fn terms(&self) -> Terms {
        let Self { rule, scope, limit, window } = self.clone();
        Terms::Watch(Budget { name: rule, scope, limit, window, action: Action::Warn })
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
            .chain(self.watches.iter().map(Watch::terms))
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
