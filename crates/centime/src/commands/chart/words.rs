//! What stands above a picture.

use centime_charts::{Figure, Step};
use centime_core::time::Timestamp;
use centime_ledger::{Dimension, Window};
use jiff::ZonedDateTime;
use jiff::civil::DateTime;

use super::Subject;
use crate::app::App;
use crate::commands::conditions::Conditions;

/// How a day is written, and a moment of it.
const DAY: &str = "%-d %b %Y";
const MINUTE: &str = "%-d %b %Y %H:%M";

/// What the picture shows.
pub(super) fn title(subject: &Subject) -> String {
    let by = match subject {
        Subject::Times(Step::Day) => "day".to_owned(),
        Subject::Times(Step::Hour) => "hour".to_owned(),
        Subject::Groups(Dimension::Tag(tag)) => format!("tag “{tag}”"),
        Subject::Groups(dimension) => dimension.to_string(),
    };
    format!("LLM cost by {by}")
}

/// Of when, on whose clocks, and of which entries.
pub(super) fn subtitle(app: &App, span: &str, conditions: &Conditions) -> String {
    let mut words = format!("{span} ({})", app.zone_name);
    for condition in conditions.told() {
        words.push_str(" · ");
        words.push_str(condition);
    }
    words
}

/// When that was. A picture is kept: it says neither "now" nor "everything" without a date.
pub(super) fn span(app: &App, window: Window, figure: &Figure) -> String {
    let zoned = |at: Timestamp| at.in_zone(&app.zone);
    let starts = match figure {
        Figure::Columns(columns) => columns.starts.as_slice(),
        Figure::Bars(_) => &[],
    };
    let column = |start: Option<&DateTime>| start.map(|at| at.strftime(DAY).to_string());
    let since = window.since.map(|since| first(&zoned(since))).or_else(|| column(starts.first()));
    let until = match (window.until, window.since, starts.last()) {
        (Some(until), ..) => last(&zoned(until)),
        (None, None, Some(_)) => column(starts.last()).unwrap_or_default(),
        (None, ..) => shown(&zoned(app.now), MINUTE),
    };
    match since {
        Some(since) if window.until.is_none() && window.since > Some(app.now) => {
            format!("from {since}")
        }
        Some(since) if since == until => since,
        Some(since) => format!("{since} – {until}"),
        None => format!("until {until}"),
    }
}

/// The first moment of a window: a day where it is one.
fn first(since: &ZonedDateTime) -> String {
    if is_midnight(since) { shown(since, DAY) } else { shown(since, MINUTE) }
}

/// The end of a window: the last day that is in it, where it ends with a day.
fn last(until: &ZonedDateTime) -> String {
    match until.yesterday() {
        Ok(day) if is_midnight(until) => shown(&day, DAY),
        _ => shown(until, MINUTE),
    }
}

fn is_midnight(at: &ZonedDateTime) -> bool {
    at.start_of_day().is_ok_and(|start| start == *at)
}

fn shown(at: &ZonedDateTime, format: &str) -> String {
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_charts::{Bars, Columns};
    use std::path::Path;

    fn bars() -> Figure {
        Figure::Bars(Bars { bars: Vec::new(), limit: 1 })
    }

    fn days(starts: &[&str]) -> Figure {
        let starts = starts.iter().map(|start| start.parse().unwrap()).collect();
        Figure::Columns(Columns { step: Step::Day, starts, series: Vec::new() })
    }

    #[test]
    fn a_span_says_which_days_are_in_it() {
        let app = App::of_test(Path::new("centime.db"));
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        for (since, until, figure, expected) in [
            (None, None, bars(), "until 20 Nov 2026 12:00"),
            (None, None, days(&[]), "until 20 Nov 2026 12:00"),
            (None, None, days(&["2023-11-16"]), "16 Nov 2023"),
            (None, None, days(&["2023-11-16", "2023-11-17"]), "16 Nov 2023 – 17 Nov 2023"),
            (None, at("2026-01-01"), bars(), "until 31 Dec 2025"),
            (None, at("2026-01-01"), days(&["2025-12-30"]), "30 Dec 2025 – 31 Dec 2025"),
            (at("2026-11-01"), None, days(&["2026-11-01"]), "1 Nov 2026 – 20 Nov 2026 12:00"),
            (at("2026-12-01"), None, bars(), "from 1 Dec 2026"),
            (at("2026-11-01"), at("2026-11-08"), bars(), "1 Nov 2026 – 7 Nov 2026"),
            (at("2026-11-01"), at("2026-11-02"), bars(), "1 Nov 2026"),
            (
                at("2026-11-01T06:30:00Z"),
                at("2026-11-08T18:00:00Z"),
                bars(),
                "1 Nov 2026 06:30 – 8 Nov 2026 18:00",
            ),
        ] {
            assert_eq!(span(&app, Window { since, until }, &figure), expected);
        }
    }
}
