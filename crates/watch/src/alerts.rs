//! From what was reached to what is told.

use centime_budgets::{Bank, Crossing, OVERDRAWN, Standing};
use centime_core::alert::{Alert, Severity};
use centime_core::budget::Scope;
use centime_core::entry::Status;
use centime_core::money::TotalPicoUsd;
use centime_core::time::Timestamp;
use centime_core::window::Window as Span;
use centime_ledger::{
    Dimension, EntryFilter, GroupKey, Ledger, LedgerError, Match, ReportQuery, Window,
};
use jiff::tz::TimeZone;

use crate::thresholds::Thresholds;
use crate::words::{is_plain, shown};

/// The most models that are told of as unpriced in one day.
const UNPRICED_MAX: usize = 100;

/// The alerts of what was reached. The limit of one stands in the place of that of each.
#[must_use]
pub fn alerts_of(crossings: &[Crossing], thresholds: &Thresholds, zone: &TimeZone) -> Vec<Alert> {
    let own = |crossing: &&Crossing| match &crossing.standing {
        Standing { scope: Scope::One(aspect, _), subject: Some(subject), .. } => {
            crossing.is_watch && thresholds.has_own(aspect, subject)
        }
        _ => false,
    };
    let told = crossings.iter().filter(|crossing| !own(crossing));
    told.map(|crossing| match crossing.is_watch {
        true => of_watch(crossing, zone),
        false => of_budget(crossing, zone),
    })
    .collect()
}

fn of_watch(crossing: &Crossing, zone: &TimeZone) -> Alert {
    let Standing { budget: rule, scope, settled, limit, since, .. } = &crossing.standing;
    let (subject, who, hint) = match scope {
        Scope::All | Scope::Each(_) => {
            ("all".to_owned(), "everybody together".to_owned(), String::new())
        }
        Scope::One(aspect, value) => {
            let word = aspect.word();
            let hint =
                if is_plain(value) { format!(" --where {word}={value}") } else { String::new() };
            (value.to_string(), format!("the {word} `{}`", shown(value)), hint)
        }
    };
    let day = since.map_or_else(String::new, |since| local(since, zone, "%Y-%m-%d"));
    Alert {
        rule: rule.clone(),
        severity: Severity::Critical,
        message: format!(
            "{who} spent {settled} USD on {day}, the limit is {limit} USD a day; \
             `centime report full --since {day}{hint}` shows on what"
        ),
        subject: subject.into(),
        amount: *settled,
        limit: *limit,
        since: *since,
        window: crossing.window,
        step: crossing.step,
    }
}

fn of_budget(crossing: &Crossing, zone: &TimeZone) -> Alert {
    let standing = &crossing.standing;
    let Standing { budget, plan, subject, scope, window, limit, settled, held, since, .. } =
        standing;
    let what = if plan.is_some() { "plan" } else { "budget" };
    let whose = subject
        .as_ref()
        .map_or_else(String::new, |_| format!(" of `{}`", shown(&scope.to_string())));
    let name = shown(budget);
    let resets = standing.resets_at.map_or_else(String::new, |at| {
        format!("; it resets at {}", local(at, zone, "%Y-%m-%dT%H:%M:%S%:z"))
    });
    let over = standing.overdraft();
    let spent =
        format!("the {what} `{name}`{whose} has spent {settled} USD of {limit} USD a {window}");
    let (rule, severity, message) = match crossing.step {
        OVERDRAWN => (
            "overdraft",
            Severity::Critical,
            format!(
                "{spent} and holds {held}: {over} USD could not be refused, and it is closed{resets}; \
                 `centime budget show {name}` shows it, `centime budget set {name} --limit` raises it"
            ),
        ),
        100 => (
            "budget",
            Severity::Critical,
            format!("{spent}: all of it{resets}; `centime budget set {name} --limit` raises it"),
        ),
        step => (
            "budget",
            if step >= 75 { Severity::Warning } else { Severity::Info },
            format!("{spent}, {step} % and more{resets}; `centime budget show {name}` shows it"),
        ),
    };
    let subject =
        subject.as_ref().map_or_else(|| budget.to_string(), |who| format!("{budget}/{who}"));
    let part = |percent: i128| TotalPicoUsd::from_pico(limit.pico().saturating_mul(percent) / 100);
    Alert {
        rule: rule.into(),
        severity,
        subject: subject.into(),
        amount: *settled,
        limit: part(crossing.step.min(100).into()),
        since: *since,
        window: crossing.window,
        step: crossing.step,
        message,
    }
}

/// How many accounts of a bank are looked at in one go.
const ACCOUNTS_MAX: usize = 10_000;

/// Every limit that is reached now, what matters most first: by a bank that was just told all that the ledger
/// has, and by the ledger.
///
/// # Errors
/// When the ledger cannot be read.
pub fn reached(
    bank: &Bank,
    ledger: &dyn Ledger,
    thresholds: &Thresholds,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Alert>, LedgerError> {
    let mut alerts = Vec::new();
    while bank.has_changes() {
        alerts.extend(alerts_of(&bank.crossings(now, ACCOUNTS_MAX), thresholds, zone));
    }
    alerts.extend(asked_of(ledger, thresholds, now, zone)?);
    alerts.sort_by(|a, b| {
        let by_weight = b.severity.cmp(&a.severity).then(b.amount.pico().cmp(&a.amount.pico()));
        by_weight.then_with(|| (&a.rule, &a.subject).cmp(&(&b.rule, &b.subject)))
    });
    Ok(alerts)
}

/// The alerts that a ledger has to be asked for: models without a price, and spend on calls that came to
/// nothing, of the day that a moment is in.
///
/// # Errors
/// When the ledger cannot be read.
fn asked_of(
    ledger: &dyn Ledger,
    thresholds: &Thresholds,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Alert>, LedgerError> {
    let mut alerts = unpriced_of(ledger, thresholds, now, zone)?;
    alerts.extend(errors_of(ledger, thresholds, now, zone)?);
    Ok(alerts)
}

/// The models that were called today and have no price.
///
/// # Errors
/// When the ledger cannot be read.
pub fn unpriced_of(
    ledger: &dyn Ledger,
    thresholds: &Thresholds,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Alert>, LedgerError> {
    let Some(today) = Today::of(now, zone).filter(|_| thresholds.unpriced) else {
        return Ok(Vec::new());
    };
    let by = vec![GroupKey::Dimension(Dimension::Model)];
    let filter = EntryFilter { window: today.window, conditions: Vec::new() };
    let rows = ledger.report(&ReportQuery { filter, by, zone: zone.clone() })?;
    let rows = rows.into_iter().filter(|row| row.sums.unpriced_requests > 0);
    let alerts = rows.take(UNPRICED_MAX).filter_map(|row| {
        let model = row.key.into_iter().next().flatten()?;
        let (name, day) = (shown(&model), &today.day);
        let requests = row.sums.unpriced_requests;
        let message = format!(
            "`{name}` was called without a price, or not with all of it ({requests} on {day}): what it \
             costs counts as less; `centime prices set {name} input=… output=…` and `centime reprice` put \
             it right",
        );
        Some(today.alert("unpriced", &model, message))
    });
    Ok(alerts.collect())
}

/// What was spent today on calls that came to nothing.
///
/// # Errors
/// When the ledger cannot be read.
pub fn errors_of(
    ledger: &dyn Ledger,
    thresholds: &Thresholds,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Alert>, LedgerError> {
    let (Some(limit), Some(today)) = (thresholds.errors, Today::of(now, zone)) else {
        return Ok(Vec::new());
    };
    let failed = [Status::Error, Status::Aborted].map(|status| status.name().to_owned());
    let conditions = vec![(Dimension::Status, Match::OneOf(failed.into()))];
    let filter = EntryFilter { window: today.window, conditions };
    let sums = ledger.total(&ReportQuery { filter, by: Vec::new(), zone: zone.clone() })?;
    let (amount, limit, day) = (sums.cost, TotalPicoUsd::from(limit), &today.day);
    if amount < limit || amount <= TotalPicoUsd::ZERO {
        return Ok(Vec::new());
    }
    let message = format!(
        "{amount} USD went to {} calls that failed or were broken off on {day}, the limit is {limit} USD a \
         day; `centime entries --where 'status=error|aborted' --since {day}` shows them",
        sums.requests,
    );
    Ok(vec![Alert { amount, limit, ..today.alert("error_spend", "all", message) }])
}

/// The day that a moment is in.
struct Today {
    window: Window,
    since: Timestamp,
    day: String,
}

impl Today {
    fn of(now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let period = Span::Day.period(now, zone);
        let since = period.start?;
        let window = Window { since: period.start, until: period.end };
        Some(Self { window, since, day: local(since, zone, "%Y-%m-%d") })
    }

    fn alert(&self, rule: &str, subject: &str, message: String) -> Alert {
        Alert {
            rule: rule.into(),
            severity: Severity::Warning,
            subject: subject.into(),
            amount: TotalPicoUsd::ZERO,
            limit: TotalPicoUsd::ZERO,
            since: Some(self.since),
            window: self.since.micros(),
            step: 100,
            message,
        }
    }
}

fn local(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    at.in_zone(zone).strftime(format).to_string()
}
