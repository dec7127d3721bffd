//! `centime report`: what was spent, on what, by whom.

pub(crate) mod rows;

mod full;

use centime_insight::{Analysis, Order, Question};
use centime_ledger::{Dimension, GroupKey};

use crate::app::App;
use crate::cli::Format;
use crate::commands::conditions::Conditions;
use crate::failure::{Failure, Outcome};
use crate::output::{self, count, print_json};
use rows::{Answer, group_table};

/// What was spent, on what, by whom
///
/// Groups stand by cost, highest first; days and hours by time. Requests that could not be priced
/// are always shown: their cost is not zero, it is not known.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime report models --since 30d
  centime report daily --tz Europe/Paris --where team=search
  centime report --by user,model --limit 20 --format json
  centime report full")]
pub(crate) struct Args {
    /// total, models, users, teams, projects, keys, providers, sessions, daily, hourly, tag:NAME or
    /// full
    #[arg(value_name = "KIND", default_value = "total", value_parser = kind)]
    kind: Kind,

    /// Group by these instead: model, provider, user, team, project, key, session, tag:NAME, date,
    /// hour
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = group_key)]
    by: Vec<GroupKey>,

    /// The most groups to show; the rest is one more, so that they still add up
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    conditions: Conditions,
}

/// A report with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Grouped by this; `None` for the total alone.
    By(Option<GroupKey>),
    /// The whole report.
    Full,
}

fn kind(name: &str) -> Result<Kind, String> {
    let by = |dimension| Ok(Kind::By(Some(GroupKey::Dimension(dimension))));
    match name {
        "total" => Ok(Kind::By(None)),
        "full" => Ok(Kind::Full),
        "models" => by(Dimension::Model),
        "users" => by(Dimension::User),
        "teams" => by(Dimension::Team),
        "projects" => by(Dimension::Project),
        "keys" => by(Dimension::Key),
        "providers" => by(Dimension::Provider),
        "sessions" => by(Dimension::Session),
        "daily" => Ok(Kind::By(Some(GroupKey::Date))),
        "hourly" => Ok(Kind::By(Some(GroupKey::Hour))),
        _ => match name.strip_prefix("tag:").filter(|tag| !tag.is_empty()) {
            Some(tag) => by(Dimension::Tag(tag.to_owned())),
            None => {
                Err("choose total, models, users, teams, projects, keys, providers, sessions, \
                         daily, hourly, tag:NAME or full"
                    .to_owned())
            }
        },
    }
}

fn group_key(name: &str) -> Result<GroupKey, String> {
    name.parse().map_err(|error: centime_ledger::UnknownGroupKey| error.to_string())
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let filter = args.conditions.filter(app)?;
    let by = match (&args.kind, args.by.as_slice()) {
        (Kind::Full, []) => return full::run(app, &filter),
        (Kind::Full, _) => {
            let message = "`report full` has its own groups; leave --by out".to_owned();
            return Err(Failure::Usage(message));
        }
        (Kind::By(key), []) => key.iter().cloned().collect(),
        (Kind::By(None), by) => by.to_vec(),
        (Kind::By(Some(_)), _) => {
            let message = "name a report or give --by, not both".to_owned();
            return Err(Failure::Usage(message));
        }
    };
    let question =
        Question { filter, order: order_of(&by), by, zone: app.zone.clone(), limit: args.limit };
    let analysis = Analysis::of(&app.ledger()?, &question)?;
    match app.format {
        Format::Json => print_json(&Answer { analysis: &analysis, zone: &app.zone_name }),
        Format::Csv => rows::analysis_table(&analysis).print_csv(),
        Format::Table => {
            print_table(&analysis)?;
            warn_of_gaps(&analysis);
            Ok(())
        }
    }
}

/// Days and hours alone stand by time, everything else by cost.
fn order_of(by: &[GroupKey]) -> Order {
    match by {
        [GroupKey::Date | GroupKey::Hour, ..] => Order::Key,
        _ => Order::Cost,
    }
}

fn print_table(analysis: &Analysis) -> Outcome {
    if analysis.by.is_empty() {
        return group_table(&[], &[], Some(&analysis.total)).print();
    }
    rows::analysis_table(analysis).print()
}

/// Says what the figures leave out.
fn warn_of_gaps(analysis: &Analysis) {
    let total = &analysis.total;
    for (requests, what) in [
        (total.unpriced_requests, "are not fully priced: their cost is missing from these figures"),
        (total.estimated_requests, "have an estimated usage"),
        (total.in_doubt_requests, "are in doubt: their outcome is not known"),
    ] {
        if requests > 0 {
            output::note(&format!("{} requests {what}", count(i128::from(requests))));
        }
    }
}
