//! How budgets stand.

use centime_budgets::{Bank, Standing};
use centime_core::attribution::Attribution;
use centime_core::budget::{Budget, Payer, Scope};
use centime_core::money::TotalPicoUsd;
use centime_core::time::Timestamp;
use serde::Serialize;

use crate::Decimal;
use crate::schema::{self, Kind};

/// How one account stands: what `centime budget show --format json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The budget, or the plan.
    pub name: String,
    /// For whom it is.
    pub scope: String,
    /// Over what time.
    pub window: String,
    /// What may be spent.
    pub limit: Decimal<TotalPicoUsd>,
    /// What was spent.
    pub settled: Decimal<TotalPicoUsd>,
    /// What is set aside.
    pub held: Decimal<TotalPicoUsd>,
    /// What went beyond the limit because it could not be refused.
    pub overdraft: Decimal<TotalPicoUsd>,
    /// What is left.
    pub remaining: Decimal<TotalPicoUsd>,
    /// When there is more.
    pub resets_at: Option<String>,
    /// What happens beyond the limit.
    pub action: String,
    /// What is spent a day, at the pace of this window so far.
    pub burn_rate: Decimal<TotalPicoUsd>,
    /// When nothing is left at that pace, if that is before it resets.
    pub exhausted_at: Option<String>,
    /// Of a budget for each of many: the account of each, the tightest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Self>,
}

/// What a user may spend: what `GET /api/v1/me` answers.
#[derive(Debug, Clone, Serialize)]
pub struct Own {
    /// Who.
    pub user: Option<String>,
    /// The plan that the user has.
    pub plan: Option<String>,
    /// What the tightest budget that refuses has left; `None`: nothing limits the user.
    pub remaining: Option<Decimal<TotalPicoUsd>>,
    /// Every budget that calls of the user touch.
    pub budgets: Vec<Shown>,
}

impl Shown {
    /// How an account stands.
    #[must_use]
    pub fn of(standing: &Standing, bank: &Bank, now: Timestamp) -> Self {
        const DAY_US: i128 = 86_400_000_000;
        let Standing { budget, scope, window, action, limit, settled, held, .. } = standing;
        let elapsed = standing.since.map(|since| i128::from(now.micros() - since.micros()));
        // Over all time there is no pace, and the first minutes of a window say little: it is that of
        // an hour at least.
        let burn = elapsed.map_or(0, |elapsed| {
            settled.pico().max(0).saturating_mul(DAY_US) / elapsed.max(DAY_US / 24)
        });
        let remaining = standing.remaining();
        let exhausted = remaining.pico().saturating_mul(DAY_US).checked_div(burn);
        let exhausted = exhausted.and_then(|micros| i64::try_from(micros).ok());
        let exhausted = exhausted.and_then(|micros| now.micros().checked_add(micros));
        let exhausted = exhausted.map(Timestamp::from_micros);
        let exhausted = exhausted.filter(|at| standing.resets_at.is_none_or(|resets| *at < resets));
        Self {
            name: budget.to_string(),
            scope: scope.to_string(),
            window: window.to_string(),
            limit: Decimal(*limit),
            settled: Decimal(*settled),
            held: Decimal(*held),
            overdraft: Decimal(standing.overdraft()),
            remaining: Decimal(remaining),
            resets_at: standing.resets_at.map(|at| bank.local(at)),
            action: action.to_string(),
            burn_rate: Decimal(TotalPicoUsd::from_pico(burn)),
            exhausted_at: exhausted.map(|at| bank.local(at)),
            accounts: Vec::new(),
        }
    }
}

/// How the budgets stand that a bank has, by name: all, or those of a name.
#[must_use]
pub fn shown(bank: &Bank, name: Option<&str>, now: Timestamp) -> Vec<Shown> {
    let mut budgets = bank.budgets();
    budgets.retain(|budget| name.is_none_or(|name| *budget.name == *name));
    budgets.sort_by(|left, right| left.name.cmp(&right.name));
    budgets.iter().flat_map(|budget| of_budget(bank, budget, now)).collect()
}

fn of_budget(bank: &Bank, budget: &Budget, now: Timestamp) -> Vec<Shown> {
    let mut standings = bank.standings(now, |other| other.name == budget.name);
    standings.sort_by_key(Standing::remaining);
    let accounts: Vec<Shown> = standings.iter().map(|it| Shown::of(it, bank, now)).collect();
    if !matches!(budget.scope, Scope::Each(_)) {
        return accounts;
    }
    // The tightest stands for all.
    let tightest = accounts.first().cloned();
    let tightest =
        tightest.unwrap_or_else(|| Shown::of(&bank.empty_standing(budget, now), bank, now));
    vec![Shown { scope: budget.scope.to_string(), accounts, ..tightest }]
}

/// What a user may spend.
#[must_use]
pub fn own(bank: &Bank, user: Option<&str>, now: Timestamp) -> Own {
    let mut attribution = Attribution { user: user.map(str::to_owned), ..Attribution::default() };
    attribution.team = user.and_then(|user| bank.team_of(user)).map(Into::into);
    let payer = Payer { attribution, ..Payer::default() };
    let standings = bank.standings_of(&payer, now);
    let plan = standings.iter().find_map(|standing| standing.plan.clone());
    Own {
        user: user.map(str::to_owned),
        plan: plan.map(Into::into),
        remaining: bank.remaining(&payer, now).map(Decimal),
        budgets: standings.iter().map(|standing| Shown::of(standing, bank, now)).collect(),
    }
}

/// The schemas of both.
pub(crate) fn schemas() -> Vec<schema::Named> {
    let money = || Kind::Money.schema();
    let text = || Kind::Text.schema();
    let moment = || Kind::Maybe(&Kind::Moment).schema();
    let members = [
        ("name", text()),
        ("scope", text()),
        ("window", text()),
        ("limit", money()),
        ("settled", money()),
        ("held", money()),
        ("overdraft", money()),
        ("remaining", money()),
        ("resets_at", moment()),
        ("action", text()),
        ("burn_rate", money()),
        ("exhausted_at", moment()),
    ];
    let budget = schema::object("How a budget stands", members);
    let accounts = ("accounts", schema::list(&schema::named("Budget")));
    let own = schema::object(
        "What a user may spend",
        [
            ("user", Kind::Maybe(&Kind::Text).schema()),
            ("plan", Kind::Maybe(&Kind::Text).schema()),
            ("remaining", Kind::Maybe(&Kind::Money).schema()),
            ("budgets", schema::list(&schema::named("Budget"))),
        ],
    );
    let mut all = vec![("Budget", schema::with_optional(budget, [accounts])), ("Own", own)];
    all.extend(changes());
    all
}

/// The schemas of what is set from afar, and of what is answered.
fn changes() -> Vec<schema::Named> {
    let text = || Kind::Text.schema();
    let maybe = || Kind::Maybe(&Kind::Text).schema();
    let amount = |says| schema::described(Kind::Money.schema(), says);
    let budget = schema::object(
        "A budget to set, as `centime budget set` takes it.",
        [("name", text()), ("limit", amount("US dollars")), ("window", text())],
    );
    let budget = schema::with_optional(
        budget,
        [
            ("scope", schema::described(text(), "`all` where it is left out")),
            ("action", schema::described(text(), "`refuse` where it is left out")),
            ("raise", amount("so much more for a while, in US dollars")),
            ("raise_until", text()),
        ],
    );
    let plan =
        [("name", text()), ("limit", Kind::Maybe(&Kind::Money).schema()), ("window", text())];
    let wanted_plan =
        schema::object("A plan to set; without a limit it has none.", [("name", text())]);
    let wanted_user = schema::object(
        "What a user is given; what is left out stays, `null` takes it away.",
        [("user", text())],
    );
    let changed = [("name", text()), ("changed", Kind::Flag.schema())];
    vec![
        ("WantedBudget", budget),
        ("WantedPlan", schema::with_optional(wanted_plan, plan.clone().into_iter().skip(1))),
        ("WantedUser", schema::with_optional(wanted_user, [("plan", maybe()), ("team", maybe())])),
        ("Plan", schema::object("A plan.", plan)),
        (
            "User",
            schema::object("A user.", [("user", text()), ("plan", maybe()), ("team", maybe())]),
        ),
        ("Changed", schema::object("What was changed, and whether it was another.", changed)),
    ]
}
