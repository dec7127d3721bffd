//! What is in the ledger: how old the last of it is, whether the clock agrees, and what wants settling.

use centime_core::time::Timestamp;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{Entries, EntryFilter, LedgerError, Page, ReportQuery, Reports, Sums};

use super::{Check, file, words};
use crate::app::App;
use crate::output::{count, percent};

/// How far ahead of the clock an entry may have been written: clocks of two machines differ.
const AHEAD_US_MAX: i64 = 5 * 60 * 1_000_000;

/// What is looked at.
struct Content {
    last: Option<(Timestamp, Timestamp)>,
    sums: Sums,
}

/// Looks at all of it; without a ledger, at the clock alone.
pub(super) fn checks(app: &App) -> Vec<Check> {
    let read = |path| {
        let ledger = SqliteLedger::open(path, OpenMode::Read)?;
        let everything = EntryFilter::default();
        let newest = ledger.entries(&everything, &Page { limit: 1, after: None })?;
        let query = ReportQuery { filter: everything, by: Vec::new(), zone: app.zone.clone() };
        let last = newest.first().map(|entry| (entry.at, entry.recorded_at));
        Ok::<_, LedgerError>(Content { last, sums: ledger.total(&query)? })
    };
    let path = app.database_path().ok().filter(|path| path.exists());
    match path.map(read) {
        None => vec![clock(app.now, None)],
        // That it cannot be opened was said; what opens and cannot be read is another matter.
        Some(Err(error)) => vec![clock(app.now, None), file::of_error("entries", &error)],
        Some(Ok(Content { last, sums })) => {
            let clock = clock(app.now, last.map(|(_, recorded_at)| recorded_at));
            let mut checks = vec![clock, age(app.now, last)];
            checks.extend(gaps(&sums));
            checks
        }
    }
}

fn clock(now: Timestamp, recorded_at: Option<Timestamp>) -> Check {
    const NAME: &str = "clock";
    let remedy = "set the clock of this machine; calls are priced and counted by it";
    let ahead_us = |at: Timestamp| at.micros().saturating_sub(now.micros());
    let released = super::place::embedded_date();
    if let Some(released) = released.filter(|released| ahead_us(*released) > 24 * 3_600_000_000) {
        let found = format!("it says {now}, before this program's prices were made ({released})");
        return Check::fail(NAME, found, remedy);
    }
    match recorded_at.filter(|at| ahead_us(*at) > AHEAD_US_MAX) {
        Some(at) => {
            let span = words::span(ahead_us(at));
            let found = format!("the newest entry was written {span} ahead of it, at {at}");
            Check::fail(NAME, found, remedy)
        }
        None => Check::ok(NAME, format!("it says {now}")),
    }
}

fn age(now: Timestamp, last: Option<(Timestamp, Timestamp)>) -> Check {
    const NAME: &str = "last entry";
    match last {
        None => Check::ok(NAME, "the ledger is empty"),
        Some((at, _)) if at > now => Check::ok(NAME, format!("it is of {at}")),
        Some((at, _)) => {
            let span = words::span(now.micros().saturating_sub(at.micros()));
            Check::ok(NAME, format!("it is {span} old, of {at}"))
        }
    }
}

/// What the figures leave out or do not know for sure.
fn gaps(sums: &Sums) -> [Check; 3] {
    let share = |name, requests: i64, words: &str, remedy: Option<&str>| {
        let share = percent(requests.into(), sums.requests.into());
        let share = share.map(|share| format!(" ({share})")).unwrap_or_default();
        let (part, all) = (count(requests.into()), count(sums.requests.into()));
        let found = format!("{part} of {all} {words}{share}");
        match remedy {
            Some(remedy) if requests > 0 => Check::warn(name, found, remedy),
            _ => Check::ok(name, found),
        }
    };
    [
        share(
            "unpriced",
            sums.unpriced_requests,
            "requests are not fully priced",
            Some(
                "`centime entries --where 'pricing_status=unpriced|partial'` lists them; `centime \
                 prices set`, then `centime reprice`",
            ),
        ),
        share(
            "in doubt",
            sums.in_doubt_requests,
            "requests are in doubt",
            Some(
                "`centime entries --where status=in_doubt` lists them; look at the provider's bill, then \
                 `centime resolve`",
            ),
        ),
        share("estimated", sums.estimated_requests, "requests have an estimated usage", None),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_that_runs_behind_is_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (now, recorded_at, state) in [
            ("1970-01-01T00:00:00Z", None, State::Fail),
            ("2035-01-01T00:00:00Z", None, State::Ok),
            ("2035-01-01T00:00:00Z", Some("2035-01-01T00:04:00Z"), State::Ok),
            ("2035-01-01T00:00:00Z", Some("2035-01-01T00:06:00Z"), State::Fail),
            ("2035-01-01T00:00:00Z", Some("2034-01-01T00:00:00Z"), State::Ok),
        ] {
            assert_eq!(clock(at(now), recorded_at.map(at)).state, state, "{now} {recorded_at:?}");
        }
    }

    #[test]
    fn gaps_have_a_remedy_and_nothing_has_none() {
        let states = |sums: &Sums| gaps(sums).map(|check| check.state);
        assert_eq!(states(&Sums::default()), [State::Ok; 3]);
        let sums = Sums {
            requests: 8,
            unpriced_requests: 2,
            in_doubt_requests: 1,
            estimated_requests: 3,
            ..Sums::default()
        };
        assert_eq!(states(&sums), [State::Warn, State::Warn, State::Ok]);
        assert_eq!(gaps(&sums)[0].found, "2 of 8 requests are not fully priced (25.0 %)");
    }
}
