//! The whole report in words, as channels get it.

use centime_answers::report::{Efficient, Found, Plan, Report, SHARES, Section};
use centime_core::time::Timestamp;
use centime_core::window::Period;
use centime_insight::{Efficiency, Group};
use centime_ledger::{EntryFilter, Ledger, Sums, Window};
use centime_watch::Digest;

use crate::app::App;
use crate::failure::Failure;
use crate::output::{count, counted, dollars, percent, visible};

/// The most lines of a part.
const LINES_MAX: usize = 10;
/// The most days that are listed one by one.
const DAYS_MAX: usize = 31;

/// The digest of a period.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) fn of_period(app: &App, ledger: &dyn Ledger, period: Period) -> Result<Digest, Failure> {
    let window = Window { since: period.start, until: period.end };
    let filter = EntryFilter { window, ..EntryFilter::default() };
    let plan = Plan::Full(filter);
    of(app, &plan.ask(ledger, &app.asking())?)
}

/// A report in words.
///
/// # Errors
/// When it is no whole report.
pub(crate) fn of(app: &App, found: &Found) -> Result<Digest, Failure> {
    let Found::Full(sections, raised) = found else {
        let kind = "only `centime report full` is sent to channels";
        return Err(Failure::Usage(kind.to_owned()));
    };
    let [Section { found: days, .. }, ..] = sections.as_slice() else {
        return Err(Failure::Environment("the report has no sections".to_owned()));
    };
    let Window { since, until } = days.analysis.window;
    let total = &days.analysis.total;
    let mut parts = vec![("In all".to_owned(), in_all(total))];
    if total.requests > 0 {
        parts.extend(sections.iter().filter_map(part));
        if let Some(models) = sections.iter().find(|section| section.name == "models") {
            parts.push(("Efficiency".to_owned(), efficiency(&models.found)));
        }
    }
    let alerts: Vec<String> = raised
        .iter()
        .take(LINES_MAX)
        .map(|raised| format!("{}: {}", raised.alert.severity, raised.alert.message))
        .collect();
    if !alerts.is_empty() {
        parts.push(("Alerts".to_owned(), with_rest(alerts, raised.len())));
    }
    let report = serde_json::to_string(&Report { found, zone: &app.zone_name });
    let report = report.map_err(|error| Failure::Environment(error.to_string()))?;
    Ok(Digest { title: title(app, since, until), since, until, parts, report })
}

fn title(app: &App, since: Option<Timestamp>, until: Option<Timestamp>) -> String {
    let day = |at: Timestamp| at.in_zone(&app.zone).strftime("%Y-%m-%d").to_string();
    let last = until.map(|until| day(Timestamp::from_micros(until.micros().saturating_sub(1))));
    let zone = visible(&app.zone_name);
    match (since.map(day), last) {
        (Some(since), Some(last)) if since == last => format!("LLM cost of {since} ({zone})"),
        (Some(since), Some(last)) => format!("LLM cost from {since} to {last} ({zone})"),
        (Some(since), None) => format!("LLM cost since {since} ({zone})"),
        (None, Some(last)) => format!("LLM cost up to {last} ({zone})"),
        (None, None) => format!("LLM cost in all ({zone})"),
    }
}

fn in_all(total: &Sums) -> Vec<String> {
    let requests = counted(total.requests.into(), ["request", "requests"]);
    let tokens = counted(total.total_tokens(), ["token", "tokens"]);
    let mut lines = vec![format!("{} for {requests} and {tokens}", dollars(total.cost))];
    if total.saved.pico() > 0 {
        lines.push(format!("{} saved by the cache", dollars(total.saved)));
    }
    for (_, words, of) in SHARES {
        let requests = i128::from(of(total));
        if let Some(share) = percent(requests, total.requests.into()).filter(|_| requests > 0) {
            lines.push(format!("{share} {words} ({})", count(requests)));
        }
    }
    lines
}

/// A section that says something: groups with a name, the most expensive first.
fn part(section: &Section) -> Option<(String, Vec<String>)> {
    let analysis = &section.found.analysis;
    let is_daily = section.name == "daily";
    let named: Vec<&Group> =
        analysis.groups.iter().filter(|group| group.key.iter().any(Option::is_some)).collect();
    if named.is_empty() || (is_daily && !(2..=DAYS_MAX).contains(&named.len())) {
        return None;
    }
    let most = if is_daily { DAYS_MAX } else { LINES_MAX };
    let line = |group: &&Group| {
        let name = group.key.iter().flatten().next().map_or("", String::as_str);
        let requests = counted(group.sums.requests.into(), ["request", "requests"]);
        format!("`{}` {} – {requests}", visible(name), dollars(group.sums.cost))
    };
    let lines = named.iter().take(most).map(line).collect();
    Some((section.title.to_owned(), with_rest(lines, named.len())))
}

fn with_rest(mut lines: Vec<String>, all: usize) -> Vec<String> {
    if let Some(more) = all.checked_sub(lines.len()).filter(|more| *more > 0) {
        lines.push(format!("… and {more} more"));
    }
    lines
}

fn efficiency(models: &Efficient) -> Vec<String> {
    let of = Efficiency::of(&models.analysis.total);
    let cost = of.cost_per_request.map(|cost| format!("{cost} USD a request"));
    let tokens = of.cost_per_1k_tokens.map(|cost| format!("{cost} USD a thousand tokens"));
    let cached = of.cache_hit_share.map(|share| format!("{share} of the input from a cache"));
    cost.into_iter().chain(tokens).chain(cached).collect()
}
