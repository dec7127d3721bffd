//! `centime report`: what was spent, on what, by whom.

pub(crate) mod rows;

mod compared;
mod efficiency;
mod full;
mod times;

use std::time::{Duration, Instant};

use centime_insight::{Analysis, Order, Question, Scores};
use centime_ledger::{Dimension, GroupKey, Reports, Sums};

use crate::app::App;
use crate::cli::Format;
use crate::commands::conditions::Conditions;
use crate::commands::names;
use crate::failure::{Failure, Outcome};
use crate::output::{self, counted, print_json, print_line};
use efficiency::Found;
use rows::Answer;

/// What was spent, on what, by whom
///
/// Groups stand by cost, highest first; days and hours by time. Requests that could not be priced
/// are always shown: their cost is not zero, it is not known. On a terminal that is wide enough bars show
/// the share of each group, and a line of columns the days or hours.
///
/// `full` is all of it in one: the total, by day, model, provider, user, team, project and key (those that
/// there are any of), the efficiency, and which share of the requests is unpriced, estimated or in doubt.
/// As CSV it is one table with the columns `section` and `group`; each section adds up to the total, so
/// that a sum over all rows would count everything many times.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime report models --since 30d
  centime report daily --tz Europe/Paris --where team=search
  centime report --by user,model --limit 20 --format json
  centime report efficiency --since 7d
  centime report teams --since 30d --compare
  centime report full --since 30d
  centime report full --format csv > report.csv")]
pub(crate) struct Args {
    /// total, models, users, teams, projects, keys, providers, sessions, daily, hourly, efficiency,
    /// tag:NAME or full
    #[arg(value_name = "KIND", default_value = "total", value_parser = kind)]
    kind: Kind,

    /// Group by these instead: model, provider, user, team, project, key, session, tag:NAME, date,
    /// hour
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = group_key)]
    by: Vec<GroupKey>,

    /// The most groups to show; the rest is one more, so that they still add up
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,

    /// Beside each group, what it was in the window before: as long, and ending where `--since` starts
    #[arg(long)]
    compare: bool,

    #[command(flatten)]
    conditions: Conditions,
}

/// A report with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Grouped by this; `None` for the total alone.
    By(Option<GroupKey>),
    /// What was had for the money, by model where nothing else is asked.
    Efficiency,
    /// The whole report.
    Full,
}

fn kind(name: &str) -> Result<Kind, String> {
    let by = |dimension| Ok(Kind::By(Some(GroupKey::Dimension(dimension))));
    match name {
        "total" => Ok(Kind::By(None)),
        "efficiency" => Ok(Kind::Efficiency),
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
                         daily, hourly, efficiency, tag:NAME or full"
                    .to_owned())
            }
        },
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "expected a whole number".to_owned())?;
    if number > 0 { Ok(number) } else { Err("at least 1 group is shown".to_owned()) }
}

fn group_key(name: &str) -> Result<GroupKey, String> {
    name.parse().map_err(|error: centime_ledger::UnknownGroupKey| error.to_string())
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let filter = args.conditions.filter(app)?;
    if args.compare && matches!(args.kind, Kind::Full | Kind::Efficiency) {
        let message = "--compare is for reports by one thing, such as `report models --compare`";
        return Err(Failure::Usage(message.to_owned()));
    }
    let by = match (&args.kind, args.by.as_slice()) {
        (Kind::Full, []) => return full::run(app, &filter),
        (Kind::Efficiency, []) => vec![GroupKey::Dimension(Dimension::Model)],
        (Kind::Efficiency, by) => by.to_vec(),
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
    let ledger = app.ledger()?;
    if args.compare {
        return compared::run(app, &ledger, &question);
    }
    let started = Instant::now();
    let analysis = Analysis::of(&ledger, &question)?;
    if started.elapsed() > PATIENCE && ledger.reads_entries(&question.query())? {
        output::hint(SLOW);
    }
    if args.kind == Kind::Efficiency {
        let scores = Scores::of(&ledger, &question, &analysis)?;
        return efficiency::print(app, &Found { analysis, scores });
    }
    match app.format {
        Format::Json => print_json(&Answer { analysis: &analysis, zone: &app.zone_name }),
        Format::Csv => rows::analysis_spreadsheet(&analysis).print_csv(),
        Format::Table if is_nothing(&analysis) => print_line(NOTHING),
        Format::Table => {
            times::print(app, &analysis)?;
            rows::analysis_table(&analysis).print()?;
            warn_of_gaps(&analysis.total);
            Ok(())
        }
    }
}

/// What is said where a table would have no rows.
const NOTHING: &str = "no requests match: there is nothing to report";

fn is_nothing(analysis: &Analysis) -> bool {
    !analysis.by.is_empty() && analysis.groups.is_empty()
}

/// How long an answer may take before it is said why.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a report took long.
const SLOW: &str = "no totals are kept of this combination, so every entry was read; reports by one of \
     model, provider, user, team, project, key or a declared tag (`tags = [\"app\"]` in centime.toml), \
     or by team or project and model, take milliseconds";

/// Days and hours alone stand by time, everything else by cost.
fn order_of(by: &[GroupKey]) -> Order {
    match by {
        [GroupKey::Date | GroupKey::Hour, ..] => Order::Key,
        _ => Order::Cost,
    }
}

/// Says what the figures leave out.
fn warn_of_gaps(total: &Sums) {
    gaps(total).iter().for_each(|gap| output::note(gap));
    if total.unpriced_requests > 0 {
        names::hint_at_repricing();
    }
}

/// What the figures leave out, one sentence each.
pub(crate) fn gaps(total: &Sums) -> Vec<String> {
    let gaps = [
        (
            total.unpriced_requests,
            ["is not fully priced: its cost", "are not fully priced: their cost"],
            " is missing from these figures",
        ),
        (total.estimated_requests, ["has an estimated usage", "have an estimated usage"], ""),
        (
            total.in_doubt_requests,
            ["is in doubt: its", "are in doubt: their"],
            " outcome is not known",
        ),
    ];
    let gaps = gaps.into_iter().filter(|(requests, ..)| *requests > 0);
    let told = |(requests, [one, many], rest): (i64, [&str; 2], &str)| {
        let what = if requests == 1 { one } else { many };
        format!("{} {what}{rest}", counted(requests.into(), ["request", "requests"]))
    };
    gaps.map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, clap::Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn a_limit_is_at_least_one() {
        let limit =
            |text| Command::try_parse_from(["report", "--limit", text]).map(|it| it.args.limit);
        assert_eq!(limit("1").unwrap(), Some(1));
        for wrong in ["0", "-1", "many"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn gaps_are_counted_in_plain_words() {
        let total = Sums {
            unpriced_requests: 1,
            estimated_requests: 2,
            in_doubt_requests: 1,
            ..Sums::default()
        };
        assert_eq!(
            gaps(&total),
            [
                "1 request is not fully priced: its cost is missing from these figures",
                "2 requests have an estimated usage",
                "1 request is in doubt: its outcome is not known",
            ]
        );
    }
}
