//! `centime plan`: what users and teams are given.

use centime_core::budget::Plan;
use centime_core::money::PicoUsd;
use centime_core::window::Window;
use centime_ledger::{RuleChange, Rules as _};
use serde::Serialize;

use super::budget::{amount, change, name, rules};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Decimal, Table, dollars, print_json, print_line, visible};

/// Plans: limits that are given to users and teams by name
///
/// Four stand ready: `free` (1 USD a month), `basic` (10), `pro` (100) and `enterprise` (no limit).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime plan list
  centime plan set team-of-five --limit 50 --window month
  centime user set alice --plan pro")]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Set a plan, or change one
    #[command(after_help = "\
Examples:
  centime plan set free --limit 0.50 --window month
  centime plan set internal --window month")]
    Set {
        /// What it is called
        #[arg(value_name = "NAME", value_parser = name)]
        name: String,

        /// How much may be spent in a window, in US dollars; no limit where it is left out
        #[arg(long, value_name = "USD", value_parser = amount, allow_negative_numbers = true)]
        limit: Option<PicoUsd>,

        /// Over what time: day, week, month, total, or a span such as 30d
        #[arg(long, value_name = "WINDOW", default_value = "month")]
        window: Window,
    },
    /// The plans that there are
    List,
    /// Take a plan away; one that stands ready is as it was
    Rm {
        /// What it is called
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    limit: Option<Decimal<PicoUsd>>,
    window: String,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.command {
        Command::Set { name, limit, window } => {
            not_configured(app, name)?;
            let plan = Plan { name: name.as_str().into(), limit: *limit, window: *window };
            change(app, &RuleChange::SetPlan(plan.clone()))?;
            match app.format {
                Format::Json => print_json(&listed(&plan)),
                _ => print_line(format_args!("`{name}`: {} a {window}", shown(*limit))),
            }
        }
        Command::List => list(app),
        Command::Rm { name } => {
            not_configured(app, name)?;
            if !app.ledger()?.rules()?.plans.contains_key(name.as_str()) {
                return Err(Failure::Usage(format!(
                    "the ledger has no plan `{name}`; `centime plan list` shows what there is"
                )));
            }
            change(app, &RuleChange::RemovePlan(name.as_str().into()))?;
            print_line(format_args!("`{name}` is gone"))
        }
    }
}

fn not_configured(app: &App, name: &str) -> Result<(), Failure> {
    match app.config.rules.plans.iter().any(|plan| *plan.name == *name) {
        true => Err(Failure::Usage(format!(
            "the plan `{name}` stands in the configuration, as `[plans.{name}]`; change it there"
        ))),
        false => Ok(()),
    }
}

fn listed(plan: &Plan) -> Listed<'_> {
    let Plan { name, limit, window } = plan;
    Listed { name, limit: limit.map(Decimal), window: window.to_string() }
}

fn shown(limit: Option<PicoUsd>) -> String {
    limit.map_or_else(|| "no limit".to_owned(), |limit| dollars(limit.into()))
}

fn list(app: &App) -> Outcome {
    let mut plans = rules(app)?.plans;
    plans.sort_by_key(|plan| (plan.limit.is_none(), plan.limit, plan.name.clone()));
    if app.format == Format::Json {
        return print_json(&plans.iter().map(listed).collect::<Vec<_>>());
    }
    let mut table =
        Table::new([("name", Align::Left), ("limit", Align::Right), ("window", Align::Left)]);
    for Plan { name, limit, window } in &plans {
        let limit = match app.format {
            Format::Csv => limit.map(|limit| limit.to_string()).unwrap_or_default(),
            _ => shown(*limit),
        };
        table.row(vec![visible(name).to_string(), limit, window.to_string()]);
    }
    match app.format {
        Format::Csv => table.print_csv(),
        _ => table.print(),
    }
}
