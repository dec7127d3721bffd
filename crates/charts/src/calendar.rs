//! Where an axis of times has its labels.

use jiff::civil::{DateTime, Weekday};

/// How long a column lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From midnight to midnight.
    Day,
    /// An hour of the clock.
    Hour,
}

/// A label under a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tick {
    /// Which column.
    pub(crate) column: usize,
    pub(crate) text: String,
}

/// When a label stands under a column, and how it is written.
struct Grain {
    holds: fn(DateTime) -> bool,
    /// Only every so many of these.
    every: usize,
    format: fn(DateTime) -> &'static str,
}

const DAYS: &[Grain] = &[
    Grain { holds: always, every: 1, format: |_| "%a %-d %b" },
    Grain { holds: always, every: 1, format: |_| "%-d %b" },
    Grain { holds: always, every: 2, format: |_| "%-d %b" },
    Grain { holds: always, every: 3, format: |_| "%-d %b" },
    Grain { holds: |at| at.weekday() == Weekday::Monday, every: 1, format: |_| "%-d %b" },
    Grain { holds: |at| matches!(at.day(), 1 | 15), every: 1, format: |_| "%-d %b" },
    Grain { holds: |at| at.day() == 1, every: 1, format: month },
    Grain { holds: |at| at.day() == 1 && at.month() % 3 == 1, every: 1, format: month },
    Grain { holds: |at| at.day() == 1 && at.month() == 1, every: 1, format: |_| "%Y" },
];

const HOURS: &[Grain] = &[
    Grain { holds: always, every: 1, format: hour },
    Grain { holds: |at| at.hour() % 2 == 0, every: 1, format: hour },
    Grain { holds: |at| at.hour() % 3 == 0, every: 1, format: hour },
    Grain { holds: |at| at.hour() % 6 == 0, every: 1, format: hour },
    Grain { holds: |at| at.hour() % 12 == 0, every: 1, format: hour },
    Grain { holds: |at| at.hour() == 0, every: 1, format: hour },
    Grain { holds: |at| at.hour() == 0 && at.weekday() == Weekday::Monday, every: 1, format: hour },
];

fn always(_: DateTime) -> bool {
    true
}

fn month(at: DateTime) -> &'static str {
    if at.month() == 1 { "%b %Y" } else { "%b" }
}

fn hour(at: DateTime) -> &'static str {
    if at.hour() == 0 { "%-d %b" } else { "%-H:%M" }
}

/// Sets of labels for columns that start at these times, the finest first: the first that has room is
/// the one to draw. The last one has a single label.
pub(crate) fn ticks(starts: &[DateTime], step: Step) -> Vec<Vec<Tick>> {
    let (grains, plain) = match step {
        Step::Day => (DAYS, &DAYS[1]),
        Step::Hour => (HOURS, &HOURS[0]),
    };
    let mut sets: Vec<Vec<Tick>> = grains.iter().map(|grain| set(starts, grain, 1)).collect();
    // One label under many columns says too little: rather any two.
    sets.retain(|set| set.len() >= 2 || starts.len() < 2);
    let halved = std::iter::successors(Some(2), |every| Some(every * 2));
    sets.extend(
        halved.take_while(|every| *every < starts.len()).map(|every| set(starts, plain, every)),
    );
    sets.push(set(starts, plain, starts.len().max(1)));
    sets
}

/// The labels of one grain, and of these every so many.
fn set(starts: &[DateTime], grain: &Grain, every: usize) -> Vec<Tick> {
    let at = starts.iter().enumerate().filter(|(_, at)| (grain.holds)(**at));
    let tick = |(column, at): (usize, &DateTime)| Tick {
        column,
        text: at.strftime((grain.format)(*at)).to_string(),
    };
    at.step_by(grain.every * every).map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn sets(first: &str, columns: usize, step: Step) -> Vec<String> {
        let span = if step == Step::Day { 1.day() } else { 1.hour() };
        let first: DateTime = first.parse().unwrap();
        let starts: Vec<DateTime> = first.series(span).take(columns).collect();
        let text = |set: Vec<Tick>| {
            let texts = set.iter().map(|tick| format!("{}:{}", tick.column, tick.text));
            texts.collect::<Vec<_>>().join(" ")
        };
        ticks(&starts, step).into_iter().map(text).collect()
    }

    #[test]
    fn labels_thin_out_to_weeks_months_and_years() {
        assert_eq!(sets("2026-11-01T00:00", 1, Step::Day)[..2], ["0:Sun 1 Nov", "0:1 Nov"]);
        let few = sets("2026-11-01T00:00", 4, Step::Day);
        assert_eq!(
            few,
            [
                "0:Sun 1 Nov 1:Mon 2 Nov 2:Tue 3 Nov 3:Wed 4 Nov",
                "0:1 Nov 1:2 Nov 2:3 Nov 3:4 Nov",
                "0:1 Nov 2:3 Nov",
                "0:1 Nov 3:4 Nov",
                "0:1 Nov 2:3 Nov",
                "0:1 Nov",
            ]
        );
        let year = sets("2025-11-20T00:00", 365, Step::Day);
        assert!(year.iter().any(|set| set.starts_with("4:24 Nov 11:1 Dec 18:8 Dec")), "{year:?}");
        assert!(
            year.iter().any(|set| set.starts_with("11:Dec 42:Jan 2026 73:Feb 101:Mar")),
            "{year:?}"
        );
        let years = sets("2020-05-05T00:00", 1000, Step::Day);
        assert!(years.iter().any(|set| set == "241:2021 606:2022 971:2023"), "{years:?}");
    }

    #[test]
    fn hours_say_their_day_at_midnight() {
        let day = sets("2026-11-01T21:00", 6, Step::Hour);
        assert_eq!(day[0], "0:21:00 1:22:00 2:23:00 3:2 Nov 4:1:00 5:2:00");
        assert_eq!(day[1], "1:22:00 3:2 Nov 5:2:00");
        assert!(
            sets("2026-11-01T05:00", 72, Step::Hour)
                .contains(&"19:2 Nov 43:3 Nov 67:4 Nov".to_owned())
        );
    }

    #[test]
    fn nothing_has_no_label() {
        assert!(ticks(&[], Step::Day).iter().all(Vec::is_empty));
    }
}
