//! From how much on a day's spend is told of.

use centime_budgets::Watch;
use centime_core::budget::{Aspect, Scope};
use centime_core::money::PicoUsd;
use centime_core::window::Window;

/// From how much a day on somebody is told.
///
/// ```
/// use centime_watch::Thresholds;
///
/// let watches = Thresholds::default().watches();
/// let rules: Vec<&str> = watches.iter().map(|watch| &*watch.rule).collect();
/// assert_eq!(rules, ["daily_limit", "user_limit", "model_limit"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    /// Of everybody together, and of each user, model, …
    pub limits: Vec<(Scope, PicoUsd)>,
    /// Spend on calls that failed or were broken off; `None`: it is not told of.
    pub errors: Option<PicoUsd>,
    /// Whether it is told of what has no price.
    pub unpriced: bool,
    /// At which hundredths of its limit a budget is told of.
    pub budget_percents: Vec<u8>,
}

impl Default for Thresholds {
    fn default() -> Self {
        const USD: i64 = 1_000_000_000_000;
        let usd = |amount: i64| PicoUsd::from_pico(amount * USD);
        Self {
            limits: vec![
                (Scope::All, usd(100)),
                (Scope::Each(Aspect::User), usd(10)),
                (Scope::Each(Aspect::Model), usd(50)),
            ],
            errors: Some(usd(10)),
            unpriced: true,
            budget_percents: vec![50, 80, 100],
        }
    }
}

impl Thresholds {
    /// What a bank has to watch for them.
    #[must_use]
    pub fn watches(&self) -> Vec<Watch> {
        let watch = |(scope, limit): &(Scope, PicoUsd)| Watch {
            rule: rule(scope).into(),
            scope: scope.clone(),
            limit: *limit,
            window: Window::Day,
        };
        self.limits.iter().map(watch).collect()
    }

    /// Whether somebody has a limit of their own, which counts in the place of that of each.
    pub(crate) fn has_own(&self, aspect: &Aspect, subject: &str) -> bool {
        let is_own = |scope: &Scope| matches!(scope, Scope::One(of, value) if of == aspect && **value == *subject);
        self.limits.iter().any(|(scope, _)| is_own(scope))
    }
}

/// What the rule of a scope is called.
const fn rule(scope: &Scope) -> &'static str {
    let (Scope::Each(aspect) | Scope::One(aspect, _)) = scope else { return "daily_limit" };
    match aspect {
        Aspect::Team => "team_limit",
        Aspect::Project => "project_limit",
        Aspect::User => "user_limit",
        Aspect::Key => "key_limit",
        Aspect::Model => "model_limit",
        Aspect::Provider => "provider_limit",
        Aspect::Tag(_) => "tag_limit",
    }
}
