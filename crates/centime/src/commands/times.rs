//! The columns of a picture or a line of them: every day or hour of the window, also those without spending.

use std::collections::HashMap;

use centime_charts::Step;
use centime_core::time::Timestamp;
use centime_ledger::{GroupKey, Window};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A quarter of an hour in microseconds: clocks are only ever set by multiples of it, and hours start
/// at them in every zone.
const QUARTER_US: i64 = 15 * 60 * 1_000_000;

/// How a report groups by such columns.
pub(crate) fn group_key(step: Step) -> GroupKey {
    match step {
        Step::Day => GroupKey::Date,
        Step::Hour => GroupKey::Hour,
    }
}

/// Every column there is, and which one a group of a report belongs to.
#[derive(Debug, Default)]
pub(crate) struct Times {
    pub(crate) starts: Vec<DateTime>,
    columns: HashMap<String, usize>,
}

impl Times {
    /// The columns of a window that reach over all `names` (as a report has them) and over the window
    /// itself, as far as it has ends; one that began and has no end lasts until now. `None` where they
    /// are more than `most`.
    pub(crate) fn over<'n>(
        names: impl Iterator<Item = &'n str>,
        window: Window,
        now: Timestamp,
        zone: &TimeZone,
        step: Step,
        most: usize,
    ) -> Option<Self> {
        let since = window.since;
        let until = window.until.or(since.map(|_| now));
        // The end is not in the window, but what it ends with is; now is in.
        let last = match window.until {
            Some(until) => Some(Timestamp::from_micros(until.micros().saturating_sub(1))),
            None => until,
        };
        let last = last.filter(|last| since.is_none_or(|since| since <= *last));
        let since = since.filter(|_| last.is_some());
        let ends = [since, last.filter(|_| since.is_some())];
        match step {
            Step::Day => {
                let named = names.filter_map(|name| name.parse::<Date>().ok());
                let ends = ends.into_iter().flatten().map(|at| at.in_zone(zone).date());
                Self::days(named.chain(ends), most)
            }
            Step::Hour => {
                let named = names.filter_map(|name| name.parse::<Timestamp>().ok());
                Self::hours(named.chain(ends.into_iter().flatten()), zone, most)
            }
        }
    }

    /// The column of a group.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.get(name).copied()
    }

    fn days(days: impl Iterator<Item = Date>, most: usize) -> Option<Self> {
        let mut times = Self::default();
        let Some((first, last)) = ends(days) else {
            return Some(times);
        };
        let mut day = first;
        loop {
            times.push(day.to_string(), day.at(0, 0, 0, 0), most)?;
            if day >= last {
                return Some(times);
            }
            day = day.tomorrow().ok()?;
        }
    }

    fn hours(
        moments: impl Iterator<Item = Timestamp>,
        zone: &TimeZone,
        most: usize,
    ) -> Option<Self> {
        let mut times = Self::default();
        let Some((first, last)) = ends(moments) else {
            return Some(times);
        };
        let mut at = first.micros() - first.micros().rem_euclid(QUARTER_US);
        while at <= last.micros() {
            let zoned = Timestamp::from_micros(at).in_zone(zone);
            let name = zoned.strftime("%Y-%m-%dT%H:00%:z").to_string();
            if !times.columns.contains_key(&name) {
                let start = zoned.datetime();
                times.push(name, start.date().at(start.hour(), 0, 0, 0), most)?;
            }
            at += QUARTER_US;
        }
        Some(times)
    }

    fn push(&mut self, name: String, start: DateTime, most: usize) -> Option<()> {
        if self.starts.len() == most {
            return None;
        }
        self.columns.insert(name, self.starts.len());
        self.starts.push(start);
        Some(())
    }
}

fn ends<T: Ord + Copy>(times: impl Iterator<Item = T>) -> Option<(T, T)> {
    times.fold(None, |ends, at| {
        Some(ends.map_or((at, at), |(first, last): (T, T)| (first.min(at), last.max(at))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(names: &[&str], ends: [Option<&str>; 2], zone: &str, step: Step) -> Option<Times> {
        let [since, until] = ends.map(|at| at.map(|at| at.parse::<Timestamp>().unwrap()));
        let zone = TimeZone::get(zone).unwrap();
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        Times::over(names.iter().copied(), Window { since, until }, now, &zone, step, 1000)
    }

    #[test]
    fn every_day_of_the_window_is_there() {
        for (names, ends, expected) in [
            (&[][..], [None, None], None),
            (&["2026-11-03", "2026-11-01"], [None, None], Some(("2026-11-01", 3))),
            (&["2026-11-03"], [Some("2026-11-01"), None], Some(("2026-11-01", 20))),
            (&[], [Some("2026-11-01"), Some("2026-11-08")], Some(("2026-11-01", 7))),
            (
                &[],
                [Some("2026-11-01"), Some("2026-11-08T00:00:00.000001Z")],
                Some(("2026-11-01", 8)),
            ),
            (&["2026-11-21"], [Some("2026-11-19"), None], Some(("2026-11-19", 3))),
            (&["2026-11-05"], [None, Some("2026-11-08")], Some(("2026-11-05", 1))),
            (&[], [Some("2026-11-08"), Some("2026-11-08")], None),
            (&[], [Some("2027-01-01"), None], None),
        ] {
            let times = over(names, ends, "UTC", Step::Day).unwrap();
            let found = times.starts.first().map(|at| (at.date().to_string(), times.starts.len()));
            let expected = expected.map(|(first, days)| (first.to_owned(), days));
            assert_eq!(found, expected, "{names:?} {ends:?}");
            for name in names {
                assert!(times.column(name).is_some(), "{name}");
            }
        }
        assert!(over(&["1999-01-01", "2026-01-01"], [None, None], "UTC", Step::Day).is_none());
    }

    #[test]
    fn every_hour_of_the_clock_is_there_once() {
        for (since, until, zone, hours) in [
            ("2026-11-01", "2026-11-02", "UTC", 24),
            ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "Europe/Paris", 25),
            ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "Europe/Paris", 23),
            ("2026-11-01T00:10:00Z", "2026-11-01T01:10:00Z", "UTC", 2),
            ("2026-11-01T00:15:00Z", "2026-11-01T01:15:00Z", "Asia/Kathmandu", 1),
            ("2026-04-04T13:00:00Z", "2026-04-04T16:30:00Z", "Australia/Lord_Howe", 4),
        ] {
            let times = over(&[], [Some(since), Some(until)], zone, Step::Hour).unwrap();
            assert_eq!(times.starts.len(), hours, "{since} {zone}");
        }
        let names = ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"];
        let times = over(&names, [None, None], "Europe/Paris", Step::Hour).unwrap();
        assert_eq!(names.map(|name| times.column(name)), [Some(0), Some(1)]);
    }
}
