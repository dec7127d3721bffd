//! `centime budget list`, `centime budget show`.

use centime_answers::budgets;
use centime_core::budget::Budget;
use centime_core::money::{PicoUsd, TotalPicoUsd};
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
    let bank = bank(app, &rules)?;
    let shown = budgets::shown(&bank, args.name.as_deref(), app.now);
    if let (Some(name), true) = (&args.name, shown.is_empty()) {
        return Err(Failure::Usage(format!(
            "there is no budget `{name}`; `centime budget list` shows them"
        )));
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
