//! Moments, as the ledger keeps them, and how people write them.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{civil, fmt::temporal::DateTimeParser};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use centime_core::time::Timestamp;
///
/// let at: Timestamp = "2026-11-01T12:00:00Z".parse()?;
/// assert_eq!(at.to_string(), "2026-11-01T12:00:00Z");
/// # Ok::<(), centime_core::time::TimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text names no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text is none of the forms that are understood.
    #[error(
        "`{0}` is not a time: write RFC 3339 (`2026-11-01T12:00:00Z`) or a date (`2026-11-01`)"
    )]
    Malformed(String),
    /// The text is neither a time nor a span.
    #[error(
        "`{0}` is not a time: write RFC 3339 (`2026-11-01T12:00:00Z`), a date (`2026-11-01`) \
         or a span back from now (`30d`, `12h`)"
    )]
    MalformedBound(String),
    /// The moment is beyond what can be kept.
    #[error("`{0}` is out of range")]
    OutOfRange(String),
}

impl Timestamp {
    /// The earliest moment that an entry may have: 1980-01-01.
    pub const EARLIEST: Self = Self(315_532_800 * SECOND);
    /// How far ahead of the clock an entry may be: 24 hours, in microseconds.
    pub const AHEAD_MAX_US: i64 = 24 * 3600 * SECOND;

    /// A moment from microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whether an entry made at `now` may have this moment.
    #[must_use]
    pub fn is_plausible(self, now: Self) -> bool {
        self >= Self::EARLIEST && self.0 <= now.0.saturating_add(Self::AHEAD_MAX_US)
    }

    /// The moment as the time library knows it; beyond its range, its nearest.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The same moment on the clocks of `zone`.
    #[must_use]
    pub fn in_zone(self, zone: &TimeZone) -> jiff::ZonedDateTime {
        self.to_jiff().to_zoned_datetime(zone.clone())
    }

    /// Reads a time as an event or a table writes it: RFC 3339, or a date and time without a zone
    /// (with `T` or a blank between them), which is then on the clocks of `zone`, or a date alone,
    /// which is its midnight there.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Result<Self, TimeError> {
        static PARSER: DateTimeParser = DateTimeParser::new();
        let malformed = || TimeError::Malformed(text.chars().take(60).collect());
        if let Ok(timestamp) = PARSER.parse_timestamp(text) {
            return Ok(Self(timestamp.as_microsecond()));
        }
        // A zone that was written but not understood must not pass for no zone at all.
        if text.bytes().skip(10).any(|byte| matches!(byte, b'+' | b'Z' | b'z' | b'[')) {
            return Err(malformed());
        }
        let civil: civil::DateTime = PARSER.parse_datetime(text).map_err(|_| malformed())?;
        let zoned = zone
            .to_zoned_datetime(civil)
            .map_err(|_| TimeError::OutOfRange(text.chars().take(60).collect()))?;
        Ok(Self(zoned.timestamp().as_microsecond()))
    }

    /// Reads a bound of a window as a person types it: what [`Timestamp::parse_in`] reads, or a
    /// span back from `now`: `90m` and `12h` exactly, `30d` and `4w` from midnight in `zone`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse_bound(text: &str, zone: &TimeZone, now: Self) -> Result<Self, TimeError> {
        let out_of_range = || TimeError::OutOfRange(text.to_owned());
        let written = || {
            Self::parse_in(text, zone).map_err(|error| match error {
                TimeError::Malformed(text) => TimeError::MalformedBound(text),
                other => other,
            })
        };
        let unit_at = text.len().saturating_sub(1);
        let Some((count, unit)) = text.split_at_checked(unit_at) else {
            return written();
        };
        let Ok(count) = count.parse::<u32>() else {
            return written();
        };
        let exact = |seconds: i64| {
            let span = i64::from(count).checked_mul(seconds * SECOND);
            span.and_then(|span| now.0.checked_sub(span)).map(Self).ok_or_else(out_of_range)
        };
        let midnights = |days: i64| {
            let span = jiff::Span::new().try_days(i64::from(count) * days);
            let day = span.and_then(|span| now.in_zone(zone).date().checked_sub(span));
            let start = day.and_then(|day| day.to_zoned_datetime(zone.clone()));
            start.map(|start| Self(start.timestamp().as_microsecond())).map_err(|_| out_of_range())
        };
        match unit {
            "s" => exact(1),
            "m" => exact(60),
            "h" => exact(3600),
            "d" => midnights(1),
            "w" => midnights(7),
            _ => written(),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// As [`Timestamp::parse_in`] with UTC.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::parse_in(text, &TimeZone::UTC)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.to_jiff())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn reads_the_forms_that_events_and_tables_use() {
        for (text, expected) in [
            ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"),
            ("2026-11-01T12:00:00.5+02:00", "2026-11-01T10:00:00.5Z"),
            ("2026-11-01 12:00:00Z", "2026-11-01T12:00:00Z"),
            ("2023-11-16 18:15:46.6805900", "2023-11-16T18:15:46.68059Z"),
            ("2026-11-01T12:00", "2026-11-01T12:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), expected, "{text}");
        }
        let paris = zone("Europe/Paris");
        let midnight = Timestamp::parse_in("2026-07-01", &paris).unwrap();
        assert_eq!(midnight.to_string(), "2026-06-30T22:00:00Z");
    }

    #[test]
    fn spans_back_count_hours_exactly_and_days_from_midnight() {
        let now: Timestamp = "2026-03-30T10:30:00Z".parse().unwrap();
        let paris = zone("Europe/Paris");
        for (text, expected) in [
            ("12h", "2026-03-29T22:30:00Z"),
            ("90m", "2026-03-30T09:00:00Z"),
            ("0d", "2026-03-29T22:00:00Z"),
            // The night of the change to summer time lies in between.
            ("2d", "2026-03-27T23:00:00Z"),
            ("1w", "2026-03-22T23:00:00Z"),
            ("2026-03-01", "2026-02-28T23:00:00Z"),
        ] {
            let bound = Timestamp::parse_bound(text, &paris, now).unwrap();
            assert_eq!(bound.to_string(), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".*", date in "20[0-9-]{8}.*") {
            for text in [text, date] {
                let now = Timestamp::from_micros(0);
                let _ = Timestamp::parse_bound(&text, &TimeZone::UTC, now);
                let _ = text.parse::<Timestamp>();
            }
        }
    }

    #[test]
    fn refuses_what_names_no_moment() {
        for text in [
            "",
            "now",
            "d",
            "yesterday",
            "2026-13-01",
            "2026-11-01T25:00:00Z",
            "1700000000",
            "2026-11-01T12:00:00+99:00",
            "4294967296d",
            "٣d",
            "日日日日",
            "9999999h9",
        ] {
            let now = Timestamp::from_micros(0);
            let bound = Timestamp::parse_bound(text, &TimeZone::UTC, now);
            assert!(bound.is_err(), "{text}: {bound:?}");
        }
        assert!(Timestamp::parse_bound("4000000000d", &TimeZone::UTC, Timestamp(0)).is_err());
    }
}
