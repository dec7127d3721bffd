//! Hours of the week in which other rates hold.

use std::fmt;
use std::str::FromStr;

use crate::time::Timestamp;

/// Minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;
/// The days as they are written, Monday first.
const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// Hours of the week: any of some stretches.
///
/// ```
/// use centime_core::price::Hours;
///
/// let nights: Hours = "16:30-00:30".parse()?;
/// assert!(nights.contains("2026-11-01T23:00:00Z".parse()?));
/// assert!(!nights.contains("2026-11-01T12:00:00Z".parse()?));
/// let weekends: Hours = "00:00-24:00/sa-su".parse()?;
/// assert!(weekends.contains("2026-11-01T12:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours(Vec<Stretch>);

/// From one time of day to another, on some days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    /// The first minute of the day in it, in UTC.
    pub from_minute: u16,
    /// The first minute after it, in UTC; at or before `from_minute` it is the next day's.
    pub to_minute: u16,
    /// The days it holds on, Monday the lowest bit.
    pub weekdays: u8,
    /// Whose days they are: minutes east of UTC. The hours are in UTC all the same.
    pub weekday_offset_minutes: i16,
}

/// A text that names no hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no hours: write `16:30-00:30`, or `00:00-24:00/sa-su`; several with `;` between"
)]
pub struct HoursError(String);

/// Every day of the week.
pub const EVERY_DAY: u8 = 0b111_1111;

impl Hours {
    /// Any of these stretches.
    #[must_use]
    pub fn new(mut stretches: Vec<Stretch>) -> Self {
        stretches.sort_unstable();
        stretches.dedup();
        Self(stretches)
    }

    /// Whether a moment is in one of them.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        const MINUTE_US: i64 = 60 * 1_000_000;
        let minutes = at.micros().div_euclid(MINUTE_US);
        self.0.iter().any(|stretch| stretch.contains(minutes))
    }
}

impl Stretch {
    /// Whether a minute, counted from 1970 in UTC, is in it.
    fn contains(&self, minutes: i64) -> bool {
        let day_minutes = i64::from(DAY_MINUTES);
        let minute = u16::try_from(minutes.rem_euclid(day_minutes)).unwrap_or(0);
        let is_in = if self.from_minute < self.to_minute {
            (self.from_minute..self.to_minute).contains(&minute)
        } else {
            minute >= self.from_minute || minute < self.to_minute
        };
        // 1970-01-01 was a Thursday, three days after a Monday.
        let days = (minutes + i64::from(self.weekday_offset_minutes)).div_euclid(day_minutes);
        is_in && self.weekdays >> (days + 3).rem_euclid(7) & 1 == 1
    }
}

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let error = || HoursError(text.chars().take(80).collect());
        let stretches: Option<Vec<Stretch>> = text.split(';').map(parse_stretch).collect();
        stretches.map(Self::new).ok_or_else(error)
    }
}

fn parse_stretch(text: &str) -> Option<Stretch> {
    let (hours, days) = match text.split_once('/') {
        Some((hours, days)) => (hours, Some(days)),
        None => (text, None),
    };
    let (from, to) = hours.split_once('-')?;
    let (days, offset) = match days.and_then(|days| Some((days, days.find(['+', '_'])?))) {
        Some((days, at)) => {
            let sign = if days[at..].starts_with('+') { 1 } else { -1 };
            (Some(&days[..at]), sign * i16::try_from(parse_minute(&days[at + 1..])?).ok()?)
        }
        None => (days, 0),
    };
    Some(Stretch {
        from_minute: parse_minute(from).filter(|&minute| minute < DAY_MINUTES)?,
        to_minute: parse_minute(to)?,
        weekdays: days.map_or(Some(EVERY_DAY), parse_days)?,
        weekday_offset_minutes: offset,
    })
}

/// `16:30` as minutes of the day.
#[must_use]
pub fn parse_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MINUTES).then_some(total)
}

/// `mo-fr`, `sa,su`, `tu`.
fn parse_days(text: &str) -> Option<u8> {
    let day = |name: &str| DAYS.iter().position(|known| *known == name);
    let mut days = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        if first > last {
            return None;
        }
        days |= (first..=last).fold(0, |days, day| days | 1 << day);
    }
    Some(days)
}

impl fmt::Display for Hours {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stretch) in self.0.iter().enumerate() {
            write!(out, "{}{stretch}", if index > 0 { ";" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        write!(out, "{}-{}", clock(self.from_minute), clock(self.to_minute))?;
        if self.weekdays != EVERY_DAY || self.weekday_offset_minutes != 0 {
            let days = DAYS.iter().enumerate().filter(|(day, _)| self.weekdays >> day & 1 == 1);
            let days: Vec<&str> = days.map(|(_, name)| *name).collect();
            write!(out, "/{}", days.join(","))?;
        }
        match self.weekday_offset_minutes {
            0 => Ok(()),
            east @ 1.. => write!(out, "+{}", clock(east.unsigned_abs())),
            west => write!(out, "_{}", clock(west.unsigned_abs())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_hold_on_their_days_and_over_midnight() {
        for (hours, at, expected) in [
            ("16:30-00:30", "2026-11-02T16:29:59Z", false),
            ("16:30-00:30", "2026-11-02T16:30:00Z", true),
            ("16:30-00:30", "2026-11-03T00:29:59Z", true),
            ("16:30-00:30", "2026-11-03T00:30:00Z", false),
            ("00:00-24:00/sa-su", "2026-11-01T23:59:59Z", true),
            ("00:00-24:00/sa-su", "2026-11-02T00:00:00Z", false),
            // Sunday 17:00 in UTC is Monday in Shanghai.
            ("00:00-24:00/sa,su+08:00", "2026-11-01T15:59:59Z", true),
            ("00:00-24:00/sa,su+08:00", "2026-11-01T16:00:00Z", false),
            ("00:00-01:00/mo;04:00-06:00/tu", "2026-11-03T05:00:00Z", true),
            ("00:00-01:00/mo;04:00-06:00/tu", "2026-11-03T00:30:00Z", false),
            ("00:00-24:00/th", "1970-01-01T00:00:00Z", true),
        ] {
            let parsed: Hours = hours.parse().unwrap();
            assert_eq!(parsed.contains(at.parse().unwrap()), expected, "{hours} {at}");
            assert_eq!(parsed.to_string().parse(), Ok(parsed), "{hours}");
        }
    }

    #[test]
    fn what_names_no_hours_is_refused() {
        for text in [
            "",
            "16:30",
            "25:00-26:00",
            "1:00-2:00",
            "00:00-01:60",
            "00:00-01:00/xx",
            "24:00-01:00",
        ] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }
}
