//! `centime budget check`: whether somebody may spend more.

use centime_budgets::Rules;
use centime_core::money::TotalPicoUsd;
use centime_core::time::Timestamp;
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
    let bank_of = |rules: &Rules| bank(app, rules);
    let asked = (args.user.as_str(), args.plan.as_deref());
    let found = centime::check(rules(app)?, bank_of, asked, app.now)?;
    let local = |at: Timestamp| at.in_zone(&app.zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let checked = Checked {
        user: args.user.clone(),
        plan: found.plan.map(Into::into),
        within_budget: found.is_within,
        budget: found.limit.map(Decimal),
        spending: Decimal(found.spent),
        remaining: found.remaining.map(Decimal),
        resets_at: found.resets_at.map(local),
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
