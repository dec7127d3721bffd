//! `centime report`: what was spent, on what, by whom.

pub(crate) mod rows;

mod compared;
mod efficiency;
mod full;
mod times;

use std::str::FromStr as _;
use std::time::{Duration, Instant};

use centime_answers::report::{Asked, Found, Kind, Plan, Report, limit};
use centime_ledger::{Alerts as _, GroupKey, Reports, Sums};
use centime_watch::Notice;

use crate::app::App;
use crate::cli::Format;
use crate::commands::conditions::Conditions;
use crate::commands::names;
use crate::digest;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Table, counted, print_json, print_line};
use crate::post::{announce, deliver};

/// What was spent, on what, by whom
///
/// Groups stand by cost, highest first; days and hours by time. Requests that could not be priced
/// are always shown: their cost is not zero, it is not known. On a terminal that is wide enough bars show
/// the share of each group, and a line of columns the days or hours.
///
/// `full` is all of it in one: the total, by day, model, provider, user, team, project and key (those that
/// there are any of), the efficiency, the alerts that were raised meanwhile, and which share of the requests is
/// unpriced, estimated or in doubt.
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
  centime report full --since 7d --notify ops
  centime report full --format csv > report.csv")]
pub(crate) struct Args {
    /// total, models, users, teams, projects, keys, providers, sessions, daily, hourly, efficiency,
    /// tag:NAME or full
    #[arg(value_name = "KIND", default_value = "total", value_parser = Kind::from_str)]
    kind: Kind,

    /// Group by these instead: model, provider, user, team, project, key, session, tag:NAME, date,
    /// hour
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = group_key)]
    by: Vec<GroupKey>,

    /// The most groups to show; the rest is one more, so that they still add up
    #[arg(long, value_name = "N", value_parser = limit)]
    limit: Option<usize>,

    /// Beside each group, what it was in the window before: as long, and ending where `--since` starts
    #[arg(long)]
    compare: bool,

    /// Send it to this channel of the configuration instead of printing it; `full` alone
    #[arg(long, value_name = "CHANNEL")]
    notify: Option<String>,

    #[command(flatten)]
    conditions: Conditions,
}

impl Args {
    fn asked(&self) -> Asked {
        Asked {
            kind: self.kind.clone(),
            by: self.by.clone(),
            limit: self.limit,
            compare: self.compare,
            conditions: self.conditions.asked(),
        }
    }
}

fn group_key(name: &str) -> Result<GroupKey, String> {
    name.parse().map_err(|error: centime_ledger::UnknownGroupKey| error.to_string())
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let asking = app.asking();
    let plan = args.asked().plan(&asking)?;
    if let Some(channel) = &args.notify {
        return notify(app, &plan, channel);
    }
    let ledger = app.ledger()?;
    let started = Instant::now();
    let found = plan.ask(&ledger, &asking)?;
    if let Plan::Sums(question) | Plan::Efficiency(question) = &plan
        && started.elapsed() > PATIENCE
        && ledger.reads_entries(&question.query())?
    {
        output::hint(SLOW);
    }
    match (app.format, &found) {
        (Format::Json, found) => print_json(&Report { found, zone: &app.zone_name }),
        (Format::Csv, found) => spreadsheet(found).print_csv(),
        (Format::Table, found) => print(app, found),
    }
}

/// Sends the whole report to a channel. What the channel does not take now waits in the ledger.
fn notify(app: &App, plan: &Plan, channel: &str) -> Outcome {
    let named = app.channel(channel)?;
    let mut ledger = app.ledger_for_writing()?;
    let digest = digest::of(app, &plan.ask(&ledger, &app.asking())?)?;
    let messages = announce([named], Notice::Digest(&digest), app.now);
    ledger.post(&messages, app.now, None)?;
    let delivered = deliver(&mut ledger, &named.0, &named.1)?;
    match delivered.why {
        None => {
            output::say(format_args!("sent to `{}`", output::visible(channel)));
            Ok(())
        }
        Some(why) => Err(Failure::Environment(format!(
            "`{channel}` does not take it: {why}; it waits in the ledger until a running gateway or \
             `centime alerts check --notify` can send it"
        ))),
    }
}

fn spreadsheet(found: &Found) -> Table {
    match found {
        Found::Sums(analysis) => rows::analysis_spreadsheet(analysis),
        Found::Compared(comparison) => compared::spreadsheet(comparison),
        Found::Efficiency(found) => efficiency::spreadsheet(found),
        Found::Full(sections, _) => full::spreadsheet(sections),
    }
}

/// Prints a report of one table.
fn print(app: &App, found: &Found) -> Outcome {
    let (analysis, table) = match found {
        Found::Sums(analysis) => (analysis, rows::analysis_table(analysis)),
        Found::Compared(found) => (&found.analysis, compared::table(found)),
        Found::Efficiency(found) => (&found.analysis, efficiency::table(found)),
        Found::Full(sections, raised) => return full::print(app, sections, raised),
    };
    if !analysis.by.is_empty() && analysis.groups.is_empty() {
        return print_line(NOTHING);
    }
    if matches!(found, Found::Sums(_)) {
        times::print(app, analysis)?;
    }
    table.print()?;
    warn_of_gaps(&analysis.total);
    Ok(())
}

/// What is said where a table would have no rows.
const NOTHING: &str = "no requests match: there is nothing to report";

/// How long an answer may take before it is said why.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a report took long.
const SLOW: &str = "no totals are kept of this combination, so every entry was read; reports by one of \
     model, provider, user, team, project, key or a declared tag (`tags = [\"app\"]` in centime.toml), \
     or by team or project and model, take milliseconds";

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
