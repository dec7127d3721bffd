//! `centime budget set`, `centime budget rm`.

use centime_core::budget::{Action, Budget, Scope};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_core::window::Window;
use centime_ledger::{RuleChange, Rules as _};
use serde::Serialize;

use super::{amount, change, name};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{print_json, print_line};

/// Set a budget, or change one
///
/// Scopes: `all`; `team`, `project`, `user`, `key`, `model`, `provider` give each of them the limit,
/// `user:alice` limits one; `tag:app` each value of a tag, `tag:app=bot` one. A window is `day`, `week`
/// (from Monday), `month` or `total` by the calendar of `timezone`, or a span that rolls on, such as
/// `12h`. The action `refuse` holds the limit whatever happens; `warn` lets calls through;
/// `downgrade:MODEL` calls another model instead.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime budget set company --limit 500 --window month
  centime budget set per-user --limit 10 --window day --scope user
  centime budget set bots --limit 5 --window 12h --scope tag:app=bot --action downgrade:fast
  centime budget set company --limit 500 --window month --raise 100 --raise-until 2026-12-01")]
pub(super) struct Args {
    /// What it is called
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,

    /// How much may be spent in a window, in US dollars
    #[arg(long, value_name = "USD", value_parser = amount, allow_negative_numbers = true)]
    limit: PicoUsd,

    /// Over what time: day, week, month, total, or a span such as 12h or 30d
    #[arg(long, value_name = "WINDOW")]
    window: Window,

    /// For whom: all, user, team, key, …, user:alice, tag:app=bot
    #[arg(long, value_name = "SCOPE", default_value = "all")]
    scope: Scope,

    /// What happens beyond the limit: refuse, warn, or downgrade:MODEL
    #[arg(long, value_name = "ACTION", default_value = "refuse")]
    action: Action,

    /// So much more for a while, in US dollars
    #[arg(long, value_name = "USD", value_parser = amount, requires = "raise_until")]
    raise: Option<PicoUsd>,

    /// Until when there is more
    #[arg(long, value_name = "TIME", requires = "raise")]
    raise_until: Option<String>,
}

/// Take a budget away
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  centime budget rm company")]
pub(super) struct RemoveArgs {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Serialize)]
struct Changed<'a> {
    name: &'a str,
    changed: bool,
}

/// Runs `set`.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    not_configured(app, &args.name)?;
    let raise = match (args.raise, &args.raise_until) {
        (Some(more), Some(until)) => {
            let until = Timestamp::parse_in(until, &app.zone)
                .map_err(|error| Failure::Usage(format!("`--raise-until`: {error}")))?;
            if until <= app.now {
                return Err(Failure::Usage("`--raise-until` is over already".to_owned()));
            }
            Some((more, until))
        }
        _ => None,
    };
    let budget = Budget {
        name: args.name.as_str().into(),
        scope: args.scope.clone(),
        limit: args.limit,
        window: args.window,
        action: args.action.clone(),
    };
    let changed = change(app, &RuleChange::SetBudget(budget, raise))?;
    let already = if changed { "" } else { " already" };
    told(
        app,
        &args.name,
        changed,
        &format!(
            "`{}` limits {} to ${} a {}{already}",
            args.name, args.scope, args.limit, args.window
        ),
    )
}

/// Runs `rm`.
pub(super) fn remove(app: &App, args: &RemoveArgs) -> Outcome {
    not_configured(app, &args.name)?;
    if !app.ledger()?.rules()?.budgets.contains_key(args.name.as_str()) {
        return Err(Failure::Usage(format!(
            "there is no budget `{}`; `centime budget list` shows them",
            args.name
        )));
    }
    let changed = change(app, &RuleChange::RemoveBudget(args.name.as_str().into()))?;
    told(app, &args.name, changed, &format!("`{}` is gone", args.name))
}

/// What the configuration says is changed there.
fn not_configured(app: &App, name: &str) -> Result<(), Failure> {
    match app.config.rules.budgets.iter().any(|funds| *funds.budget.name == *name) {
        true => Err(Failure::Usage(format!(
            "the budget `{name}` stands in the configuration, as `[budgets.{name}]`; change it there"
        ))),
        false => Ok(()),
    }
}

fn told(app: &App, name: &str, changed: bool, words: &str) -> Outcome {
    match app.format {
        Format::Json => print_json(&Changed { name, changed }),
        Format::Csv | Format::Table => print_line(words),
    }
}
