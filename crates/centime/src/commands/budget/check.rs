//! `centime budget check`: whether somebody may spend more.

use centime_budgets::Standing;
use centime_core::attribution::Attribution;
use centime_core::budget::{Aspect, Payer, Scope};
use centime_core::money::TotalPicoUsd;
use serde::Serialize;

use super::{bank, name, rules};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Decimal, Table, dollars, print_json, print_line, visible};

/// Whether a user is within the budget: exit code 1 where nothing is left
///
/// Asks for the plan of the user, or for another plan, as if the user had it. A user without a plan is
/// held against the tightest budget of its own.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime budget check --user alice
  centime budget check --user alice --plan free --format json")]
pub(super) struct Args {
    /// Who
    #[arg(long, value_name = "USER", value_parser = name)]
    user: String,

    /// As if on this plan
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
}

#[derive(Serialize)]
struct Checked {
    user: String,
    plan: Option<String>,
    within_budget: bool,
    budget: Option<Decimal<TotalPicoUsd>>,
    spending: Decimal<TotalPicoUsd>,
    remaining: Option<Decimal<TotalPicoUsd>>,
    resets_at: Option<String>,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let mut rules = rules(app)?;
    let user: Box<str> = args.user.as_str().into();
    if let Some(plan) = &args.plan {
        rules.users.entry(user.clone()).or_default().plan = Some(plan.as_str().into());
    }
    let plan = rules.users.get(&user).and_then(|member| member.plan.clone());
    if let Some(name) = &plan
        && !rules.plans.iter().any(|plan| plan.name == *name)
    {
        let plans: Vec<String> = rules.plans.iter().map(|it| format!("`{}`", it.name)).collect();
        let plans = plans.join(", ");
        return Err(Failure::Usage(format!("there is no plan `{name}`: there are {plans}")));
    }
    let is_unlimited = |plan: &str| {
        let found = rules.plans.iter().find(|known| *known.name == *plan);
        found.is_some_and(|plan| plan.limit.is_none())
    };
    let unlimited = plan.as_deref().is_some_and(is_unlimited);
    if unlimited {
        // What is spent is told all the same: against a limit that is never reached.
        for plan in rules.plans.iter_mut().filter(|known| Some(&known.name) == plan.as_ref()) {
            plan.limit = Some(centime_core::money::PicoUsd::MAX);
        }
    }
    let bank = bank(app, &rules)?;
    let attribution = Attribution { user: Some(args.user.clone()), ..Attribution::default() };
    let payer = Payer { attribution, ..Payer::default() };
    let mut standings = bank.standings_of(&payer, app.now);
    standings.retain(|standing| match &plan {
        Some(plan) => standing.plan.as_ref() == Some(plan),
        None => matches!(standing.scope, Scope::One(Aspect::User, _)) && standing.action.is_hard(),
    });
    standings.sort_by_key(Standing::remaining);
    let standing = standings.first();
    let checked = Checked {
        user: args.user.clone(),
        plan: plan.map(Into::into),
        within_budget: unlimited || standing.is_none_or(|it| it.remaining().pico() > 0),
        budget: standing.filter(|_| !unlimited).map(|it| Decimal(it.limit)),
        spending: Decimal(standing.map(|it| it.settled).unwrap_or_default()),
        remaining: standing.filter(|_| !unlimited).map(|it| Decimal(it.remaining())),
        resets_at: standing.and_then(|it| it.resets_at).map(|at| bank.local(at)),
    };
    tell(app, &checked)?;
    if checked.within_budget { Ok(()) } else { Err(Failure::No(String::new())) }
}

fn tell(app: &App, checked: &Checked) -> Outcome {
    let Checked { user, plan, within_budget, budget, spending, remaining, resets_at } = checked;
    match app.format {
        Format::Json => print_json(checked),
        Format::Csv => {
            let columns =
                ["user", "plan", "within_budget", "budget", "spending", "remaining", "resets_at"];
            let mut table = Table::new(columns.map(|name| (name, Align::Left)));
            let money = |amount: &Option<Decimal<TotalPicoUsd>>| {
                amount.as_ref().map(|amount| amount.0.to_string()).unwrap_or_default()
            };
            table.row(vec![
                user.clone(),
                plan.clone().unwrap_or_default(),
                within_budget.to_string(),
                money(budget),
                spending.0.to_string(),
                money(remaining),
                resets_at.clone().unwrap_or_default(),
            ]);
            table.print_csv()
        }
        Format::Table => {
            let user = visible(user);
            let on = plan.as_deref().map(|plan| format!(" (plan `{}`)", visible(plan)));
            let on = on.unwrap_or_default();
            let spent = dollars(spending.0);
            match (budget, remaining) {
                (Some(budget), Some(remaining)) => {
                    let verdict = if *within_budget { "within" } else { "over" };
                    let (budget, remaining) = (dollars(budget.0), dollars(remaining.0));
                    let resets = resets_at.as_deref().map(|at| format!("; resets at {at}"));
                    let resets = resets.unwrap_or_default();
                    print_line(format_args!(
                        "`{user}`{on} is {verdict} budget: {spent} of {budget} spent, {remaining} \
                         left{resets}"
                    ))
                }
                _ => print_line(format_args!("`{user}`{on} has no limit: {spent} spent")),
            }
        }
    }
}
