//! The windows that budgets are for, and when they begin and end.
//!
//! A window is computed from a moment and a zone; nothing has to run for a budget to begin anew.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// The shortest span that rolls on, in seconds.
const ROLLING_MIN_S: u32 = 60;
/// The longest: ten years of 365 days, in seconds.
const ROLLING_MAX_S: u32 = 3650 * 86_400;
/// Into how many parts a span that rolls on is divided.
const ROLLING_PARTS: i64 = 256;

/// Over what time spending is added up.
///
/// ```
/// use centime_core::window::Window;
/// use jiff::tz::TimeZone;
///
/// let paris = TimeZone::get("Europe/Paris")?;
/// let period = "month".parse::<Window>()?.period("2026-11-24T12:00:00Z".parse()?, &paris);
/// assert_eq!(period.start.unwrap().to_string(), "2026-10-31T23:00:00Z");
/// assert_eq!(period.end.unwrap().to_string(), "2026-11-30T23:00:00Z");
/// assert_eq!("90m".parse::<Window>()?.to_string(), "90m");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday (ISO 8601).
    Week,
    /// From the first of a month to the first of the next.
    Month,
    /// From the beginning to the end of time.
    Total,
    /// The last so many seconds.
    Rolling {
        /// How long it is, in seconds.
        seconds: u32,
    },
}

/// A half-open stretch of time; `None` where it has no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first moment in it.
    pub start: Option<Timestamp>,
    /// The first moment after it.
    pub end: Option<Timestamp>,
}

/// A text that names no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no window: write day, week, month, total, or a span that rolls on, from 1m to 3650d \
     (`90m`, `12h`, `30d`)"
)]
pub struct UnknownWindow(pub String);

impl Period {
    /// Whether a moment is in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }
}

impl Window {
    /// The period that a moment counts in.
    ///
    /// Of a window that rolls on it is the part that the moment is in: what was spent in a part counts
    /// until the whole part is older than the window. So never more is spent in a span of this length
    /// than the limit; what comes free does so up to one part, a 256th of the span, late.
    #[must_use]
    pub fn period(self, at: Timestamp, zone: &TimeZone) -> Period {
        match self {
            Self::Total => Period { start: None, end: None },
            Self::Rolling { .. } => {
                let part = self.part_micros();
                let start = at.micros().div_euclid(part).saturating_mul(part);
                let end = start.saturating_add(part);
                Period {
                    start: Some(Timestamp::from_micros(start)),
                    end: Some(Timestamp::from_micros(end)),
                }
            }
            Self::Day | Self::Week | Self::Month => self.calendar(at, zone),
        }
    }

    /// How long the parts of a window that rolls on are, in microseconds; at least a second.
    #[must_use]
    pub fn part_micros(self) -> i64 {
        match self {
            Self::Rolling { seconds } => {
                let parts = (i64::from(seconds) * SECOND) / ROLLING_PARTS;
                parts.max(SECOND)
            }
            _ => i64::MAX,
        }
    }

    /// How long a window that rolls on is, in microseconds; `None` for the others.
    #[must_use]
    pub fn rolling_micros(self) -> Option<i64> {
        match self {
            Self::Rolling { seconds } => Some(i64::from(seconds) * SECOND),
            _ => None,
        }
    }

    /// From when on spending counts at `now`; `None`: from the beginning.
    #[must_use]
    pub fn counts_since(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self.rolling_micros() {
            Some(length) => {
                let oldest = Timestamp::from_micros(now.micros().saturating_sub(length));
                self.period(oldest, zone).start
            }
            None => self.period(now, zone).start,
        }
    }

    fn calendar(self, at: Timestamp, zone: &TimeZone) -> Period {
        let mut date = self.first_date(at.in_zone(zone).date());
        let mut start = midnight(date, zone);
        // Where clocks are turned over midnight, the date of a moment is not that of its period: the
        // periods are those between the first midnights of each date.
        while start.is_some_and(|start| at < start) {
            date = self.date_before(date);
            start = midnight(date, zone);
        }
        let mut next = self.date_after(date);
        let mut end = midnight(next, zone);
        while end.is_some_and(|end| end <= at) {
            start = end;
            let after = self.date_after(next);
            if after == next {
                // The end of the calendar.
                end = None;
                break;
            }
            next = after;
            end = midnight(next, zone);
        }
        Period { start, end }
    }

    fn first_date(self, date: Date) -> Date {
        match self {
            Self::Week => {
                let days = i64::from(date.weekday().to_monday_zero_offset());
                date.checked_sub(days.days()).unwrap_or(Date::MIN)
            }
            Self::Month => date.first_of_month(),
            _ => date,
        }
    }

    fn date_after(self, date: Date) -> Date {
        let span = match self {
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            _ => 1.day(),
        };
        date.checked_add(span).unwrap_or(date)
    }

    fn date_before(self, date: Date) -> Date {
        let span = match self {
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            _ => 1.day(),
        };
        date.checked_sub(span).unwrap_or(Date::MIN)
    }
}

/// The first moment of a date on the clocks of a zone; `None` beyond the calendar.
fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = zone.to_zoned_datetime(date.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
}

impl FromStr for Window {
    type Err = UnknownWindow;

    fn from_str(text: &str) -> Result<Self, UnknownWindow> {
        let unknown = || UnknownWindow(text.chars().take(60).collect());
        match text {
            "day" | "daily" => return Ok(Self::Day),
            "week" | "weekly" => return Ok(Self::Week),
            "month" | "monthly" => return Ok(Self::Month),
            "total" => return Ok(Self::Total),
            _ => {}
        }
        let unit = text.chars().last().ok_or_else(unknown)?;
        let seconds: u32 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            _ => return Err(unknown()),
        };
        let digits = &text[..text.len() - 1];
        let count = Some(digits).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
        let count: u32 = count.and_then(|it| it.parse().ok()).ok_or_else(unknown)?;
        let seconds = count.checked_mul(seconds).ok_or_else(unknown)?;
        if !(ROLLING_MIN_S..=ROLLING_MAX_S).contains(&seconds) {
            return Err(unknown());
        }
        Ok(Self::Rolling { seconds })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = match self {
            Self::Day => return out.write_str("day"),
            Self::Week => return out.write_str("week"),
            Self::Month => return out.write_str("month"),
            Self::Total => return out.write_str("total"),
            Self::Rolling { seconds } => *seconds,
        };
        match seconds {
            s if s % 86_400 == 0 => write!(out, "{}d", s / 86_400),
            s if s % 3600 == 0 => write!(out, "{}h", s / 3600),
            s if s % 60 == 0 => write!(out, "{}m", s / 60),
            s => write!(out, "{s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: [Window; 3] = [Window::Day, Window::Week, Window::Month];

    #[test]
    fn windows_are_read_as_they_are_written() {
        for (text, written) in
            [("day", "day"), ("weekly", "week"), ("total", "total"), ("24h", "1d"), ("90s", "90s")]
        {
            let window: Window = text.parse().unwrap();
            assert_eq!(window.to_string(), written);
            assert_eq!(window.to_string().parse::<Window>().unwrap(), window);
        }
        for text in ["", "hour", "30", "1s", "0d", "-1d", "1.5h", "9999999999d", "3651d", "1é"] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }

    #[test]
    fn periods_begin_where_clocks_say() {
        for (window, zone, at, start, end) in [
            ("day", "UTC", "2024-02-29T23:59:59Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("week", "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"),
            ("week", "UTC", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
            // A day of 25 hours, and one of 23.
            (
                "day",
                "Europe/Paris",
                "2026-10-25T12:00:00Z",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
            ),
            (
                "day",
                "Europe/Paris",
                "2026-03-29T12:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
            ),
            // Clocks went from a minute after midnight back to the day before: the day had begun.
            (
                "day",
                "America/St_Johns",
                "2010-11-07T02:45:00Z",
                "2010-11-07T02:30:00Z",
                "2010-11-08T03:30:00Z",
            ),
            // Samoa left a day out.
            (
                "day",
                "Pacific/Apia",
                "2011-12-30T12:00:00Z",
                "2011-12-30T10:00:00Z",
                "2011-12-31T10:00:00Z",
            ),
        ] {
            let window: Window = window.parse().unwrap();
            let period = window.period(at.parse().unwrap(), &TimeZone::get(zone).unwrap());
            let text = |bound: Option<Timestamp>| bound.unwrap().to_string();
            assert_eq!(
                (text(period.start).as_str(), text(period.end).as_str()),
                (start, end),
                "{at}"
            );
        }
    }

    /// In every zone, around every time its clocks were changed since 1980: each moment is in its own
    /// period, all moments of a period are in the same, and the next begins where it ends.
    #[test]
    fn periods_part_the_time_of_every_zone() {
        let since = jiff::Timestamp::from_second(315_532_800).unwrap();
        let until = jiff::Timestamp::from_second(2_000_000_000).unwrap();
        let (mut zones, mut changes) = (0, 0);
        for name in jiff::tz::db().available() {
            let Ok(zone) = TimeZone::get(name.as_str()) else { continue };
            zones += 1;
            let turns = zone.following(since).take_while(|turn| turn.timestamp() < until);
            for turn in turns.map(|turn| turn.timestamp().as_microsecond()) {
                changes += 1;
                for away in [-86_400, -3600, -1800, -1, 0, 1, 1800, 3600, 86_400] {
                    let at = Timestamp::from_micros(turn + away * SECOND);
                    for window in WINDOWS {
                        let period = window.period(at, &zone);
                        let (start, end) = (period.start.unwrap(), period.end.unwrap());
                        assert!(period.contains(at), "{window} {at} {}", name.as_str());
                        let last = Timestamp::from_micros(end.micros() - 1);
                        assert_eq!(window.period(start, &zone), period);
                        assert_eq!(window.period(last, &zone), period);
                        assert_eq!(window.period(end, &zone).start, Some(end));
                    }
                }
            }
        }
        assert!(zones > 400 && changes > 10_000, "{zones} zones, {changes} changes");
    }

    #[test]
    fn what_rolls_on_counts_for_its_whole_length() {
        let window: Window = "1h".parse().unwrap();
        let utc = TimeZone::UTC;
        for micros in [0, 1, 3_599_999_999, 1_700_000_000_123_456] {
            let now = Timestamp::from_micros(micros);
            let since = window.counts_since(now, &utc).unwrap();
            let age = now.micros() - since.micros();
            assert!(age >= 3600 * SECOND && age < 3600 * SECOND + window.part_micros(), "{age}");
            assert!(window.period(now, &utc).contains(now));
        }
    }
}
