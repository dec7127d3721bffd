//! `centime budget list`, `centime budget show`.

use centime_budgets::Standing;
use centime_core::budget::{Budget, Scope};
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::time::Timestamp;
use serde::Serialize;

use super::{bank, rules};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Decimal, Table, dollars, note, print_json, visible};

/// The budgets that there are
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  centime budget list --format json")]
pub(super) struct ListArgs {}

/// How budgets stand: limit, spent, held, left, and when there is more
///
/// `held` is set aside for calls in flight and in doubt. `overdraft` is what went beyond the limit
/// because it could not be refused: usage told afterwards, a price that was corrected, a limit that was
/// lowered. Of a budget for each of many, each has an account.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime budget show
  centime budget show company --format json")]
pub(super) struct Args {
    /// Which; all by default
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    scope: String,
    window: String,
    limit: Decimal<PicoUsd>,
    action: String,
    source: &'static str,
}

/// How one account stands, with the fields that the contract names first.
#[derive(Debug, Clone, Serialize)]
struct Shown {
    name: String,
    scope: String,
    window: String,
    limit: Decimal<TotalPicoUsd>,
    settled: Decimal<TotalPicoUsd>,
    held: Decimal<TotalPicoUsd>,
    overdraft: Decimal<TotalPicoUsd>,
    remaining: Decimal<TotalPicoUsd>,
    resets_at: Option<String>,
    action: String,
    /// What is spent a day, at the pace of this window so far.
    burn_rate: Decimal<TotalPicoUsd>,
    /// When nothing is left at that pace, if that is before it resets.
    exhausted_at: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<Shown>,
}

/// Runs `list`.
pub(super) fn list(app: &App, _: &ListArgs) -> Outcome {
    let rules = rules(app)?;
    let configured = &app.config.rules.budgets;
    let mut listed: Vec<Listed<'_>> = rules
        .budgets
        .iter()
        .map(|funds| {
            let Budget { name, scope, limit, window, action } = &funds.budget;
            let is_configured = configured.iter().any(|other| other.budget.name == *name);
            Listed {
                name,
                scope: scope.to_string(),
                window: window.to_string(),
                limit: Decimal(*limit),
                action: action.to_string(),
                source: if is_configured { "configuration" } else { "ledger" },
            }
        })
        .collect();
    listed.sort_by_key(|listed| listed.name);
    if app.format == Format::Json {
        return print_json(&listed);
    }
    use Align::{Left, Right};
    let mut table = Table::new([
        ("name", Left),
        ("scope", Left),
        ("window", Left),
        ("limit", Right),
        ("action", Left),
        ("source", Left),
    ]);
    for Listed { name, scope, window, limit, action, source } in &listed {
        let limit = match app.format {
            Format::Csv => limit.0.to_string(),
            _ => dollars(limit.0.into()),
        };
        table.row(vec![
            visible(name).to_string(),
            visible(scope).to_string(),
            window.clone(),
            limit,
            visible(action).to_string(),
            (*source).to_owned(),
        ]);
    }
    print(app, &table, listed.is_empty())
}

/// Runs `show`.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let rules = rules(app)?;
    let asked = |name: &str| args.name.as_deref().is_none_or(|asked| asked == name);
    let mut budgets: Vec<&Budget> = rules.budgets.iter().map(|funds| &funds.budget).collect();
    budgets.retain(|budget| asked(&budget.name));
    budgets.sort_by_key(|budget| budget.name.clone());
    if let (Some(name), true) = (&args.name, budgets.is_empty()) {
        return Err(Failure::Usage(format!(
            "there is no budget `{name}`; `centime budget list` shows them"
        )));
    }
    let bank = bank(app, &rules)?;
    let mut shown = Vec::new();
    for budget in budgets {
        let mut standings = bank.standings(app.now, |other| other.name == budget.name);
        standings.sort_by_key(|standing| standing.remaining());
        let is_each = matches!(budget.scope, Scope::Each(_));
        let local = |at: Timestamp| bank.local(at);
        let accounts: Vec<Shown> =
            standings.iter().map(|standing| shown_of(standing, app.now, &local)).collect();
        if is_each {
            // The tightest stands for all.
            let empty = || bank.empty_standing(budget, app.now);
            let tightest = accounts.first().cloned();
            let tightest = tightest.unwrap_or_else(|| shown_of(&empty(), app.now, &local));
            shown.push(Shown { scope: budget.scope.to_string(), accounts, ..tightest });
        } else {
            shown.extend(accounts);
        }
    }
    if app.format == Format::Json {
        return match (&args.name, shown.as_slice()) {
            (Some(_), [one]) => print_json(one),
            _ => print_json(&shown),
        };
    }
    use Align::{Left, Right};
    let mut table = Table::new([
        ("name", Left),
        ("scope", Left),
        ("window", Left),
        ("limit", Right),
        ("settled", Right),
        ("held", Right),
        ("overdraft", Right),
        ("remaining", Right),
        ("resets_at", Left),
    ]);
    let rows = shown.iter().flat_map(|shown| match shown.accounts.as_slice() {
        [] => std::slice::from_ref(shown),
        accounts => accounts,
    });
    for row in rows {
        let money = |amount: &Decimal<TotalPicoUsd>| match app.format {
            Format::Csv => amount.0.to_string(),
            _ => dollars(amount.0),
        };
        table.row(vec![
            visible(&row.name).to_string(),
            visible(&row.scope).to_string(),
            row.window.clone(),
            money(&row.limit),
            money(&row.settled),
            money(&row.held),
            money(&row.overdraft),
            money(&row.remaining),
            row.resets_at.clone().unwrap_or_default(),
        ]);
    }
    print(app, &table, shown.is_empty())
}

fn print(app: &App, table: &Table, is_empty: bool) -> Outcome {
    match app.format {
        Format::Csv => table.print_csv()?,
        _ => table.print()?,
    }
    if is_empty {
        note("there are no budgets yet; `centime budget set NAME --limit USD --window month`");
    }
    Ok(())
}

fn shown_of(standing: &Standing, now: Timestamp, local: &dyn Fn(Timestamp) -> String) -> Shown {
    const DAY_US: i128 = 86_400_000_000;
    let Standing { budget, scope, window, action, limit, settled, held, .. } = standing;
    let elapsed = standing.since.map(|since| i128::from(now.micros() - since.micros()).max(1));
    // Over all time there is no pace.
    let burn = elapsed.map_or(0, |elapsed| {
        // The first minutes of a window say little: a pace is over an hour at least.
        settled.pico().max(0).saturating_mul(DAY_US) / elapsed.max(DAY_US / 24)
    });
    let remaining = standing.remaining();
    let exhausted = remaining.pico().saturating_mul(DAY_US).checked_div(burn);
    let exhausted = exhausted.and_then(|micros| i64::try_from(micros).ok());
    let exhausted = exhausted.and_then(|micros| now.micros().checked_add(micros));
    let exhausted = exhausted.map(Timestamp::from_micros);
    let exhausted = exhausted.filter(|at| standing.resets_at.is_none_or(|resets| *at < resets));
    Shown {
        name: budget.to_string(),
        scope: scope.to_string(),
        window: window.to_string(),
        limit: Decimal(*limit),
        settled: Decimal(*settled),
        held: Decimal(*held),
        overdraft: Decimal(standing.overdraft()),
        remaining: Decimal(remaining),
        resets_at: standing.resets_at.map(local),
        action: action.to_string(),
        burn_rate: Decimal(TotalPicoUsd::from_pico(burn)),
        exhausted_at: exhausted.map(local),
        accounts: Vec::new(),
    }
}
