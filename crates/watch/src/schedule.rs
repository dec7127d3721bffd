//! When digests are made, and over what time.

use centime_core::time::Timestamp;
use centime_core::window::{Period, Window};
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// How often a digest is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Each day, of the day before.
    Day,
    /// Each Monday, of the week before.
    Week,
    /// Each first of a month, of the month before.
    Month,
}

/// When digests are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// How often.
    pub every: Every,
    /// At what time of the day.
    pub at: Time,
    /// On whose clocks.
    pub zone: TimeZone,
}

impl Every {
    const fn window(self) -> Window {
        match self {
            Self::Day => Window::Day,
            Self::Week => Window::Week,
            Self::Month => Window::Month,
        }
    }
}

impl Schedule {
    /// The last moment up to now at which a digest was to be made, and the time that it is of.
    ///
    /// ```
    /// use centime_watch::{Every, Schedule};
    /// use jiff::{civil::time, tz::TimeZone};
    ///
    /// let schedule = Schedule { every: Every::Day, at: time(9, 0, 0, 0), zone: TimeZone::UTC };
    /// let (due, of) = schedule.last_due("2026-11-24T08:59:59Z".parse()?).unwrap();
    /// assert_eq!(due, "2026-11-23T09:00:00Z".parse()?);
    /// assert_eq!(of.start, Some("2026-11-22T00:00:00Z".parse()?));
    /// assert_eq!(of.end, Some("2026-11-23T00:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn last_due(&self, now: Timestamp) -> Option<(Timestamp, Period)> {
        let window = self.every.window();
        let mut current = window.period(now, &self.zone);
        // In this window or, before its hour, in the one before.
        for _ in 0..2 {
            let start = current.start?;
            let before = Timestamp::from_micros(start.micros().checked_sub(1)?);
            let before = window.period(before, &self.zone);
            let due = self.on_day_of(start)?;
            if due <= now {
                return Some((due, before));
            }
            current = before;
        }
        None
    }

    /// The hour of the day that begins at a moment. One that the clocks leave out is as long after the
    /// change as it would have been.
    fn on_day_of(&self, start: Timestamp) -> Option<Timestamp> {
        let date = start.in_zone(&self.zone).date();
        let at =
            self.zone.to_ambiguous_zoned_datetime(date.to_datetime(self.at)).compatible().ok()?;
        Some(Timestamp::from_micros(at.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn digests_are_of_the_window_before() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        for (every, now, due, since, until) in [
            (
                Every::Day,
                "2026-11-24T08:00:00Z",
                "2026-11-24T08:00:00Z",
                "2026-11-22T23:00:00Z",
                "2026-11-23T23:00:00Z",
            ),
            (
                Every::Day,
                "2026-11-24T07:59:59Z",
                "2026-11-23T08:00:00Z",
                "2026-11-21T23:00:00Z",
                "2026-11-22T23:00:00Z",
            ),
            (
                Every::Week,
                "2026-11-24T12:00:00Z",
                "2026-11-23T08:00:00Z",
                "2026-11-15T23:00:00Z",
                "2026-11-22T23:00:00Z",
            ),
            (
                Every::Month,
                "2026-11-24T12:00:00Z",
                "2026-11-01T08:00:00Z",
                "2026-09-30T22:00:00Z",
                "2026-10-31T23:00:00Z",
            ),
            (
                Every::Month,
                "2026-11-01T07:00:00Z",
                "2026-10-01T07:00:00Z",
                "2026-08-31T22:00:00Z",
                "2026-09-30T22:00:00Z",
            ),
        ] {
            let schedule = Schedule { every, at: time(9, 0, 0, 0), zone: paris.clone() };
            let (found, of) = schedule.last_due(now.parse().unwrap()).unwrap();
            let expected = [due, since, until].map(|at| Some(at.parse().unwrap()));
            assert_eq!([Some(found), of.start, of.end], expected, "{every:?} {now}");
        }
    }

    #[test]
    fn an_hour_that_the_clocks_leave_out_comes_all_the_same() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let schedule = Schedule { every: Every::Day, at: time(2, 30, 0, 0), zone };
        let (due, _) = schedule.last_due("2026-03-29T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(due, "2026-03-29T01:30:00Z".parse().unwrap());
    }
}
