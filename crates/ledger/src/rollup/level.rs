//! How long the periods of a rollup are.

/// Microseconds of a quarter of an hour: every zone in use since 1980 is a multiple of it apart.
const QUARTER_US: i64 = 15 * 60 * 1_000_000;
const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// The length of the periods that entries are added up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// Quarters of an hour, counted from 1970.
    Quarter,
    /// Days in UTC, counted from 1970.
    Day,
    /// Months in UTC, counted from the first of the year 0.
    Month,
}

impl Level {
    /// The number it has in a store.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Quarter => 0,
            Self::Day => 1,
            Self::Month => 2,
        }
    }

    /// The period that a moment, in microseconds since 1970, is in.
    pub(crate) const fn period_of(self, at_us: i64) -> i64 {
        match self {
            Self::Quarter => at_us.div_euclid(QUARTER_US),
            Self::Day => at_us.div_euclid(DAY_US),
            Self::Month => month_of(at_us.div_euclid(DAY_US)),
        }
    }

    /// When a period starts, in microseconds since 1970; as near as 64 bits come to it.
    pub(crate) const fn start_of(self, period: i64) -> i64 {
        match self {
            Self::Quarter => period.saturating_mul(QUARTER_US),
            Self::Day => period.saturating_mul(DAY_US),
            Self::Month => first_day_of(period).saturating_mul(DAY_US),
        }
    }

    /// The first period that starts at a moment or later.
    pub(crate) const fn first_from(self, at_us: i64) -> i64 {
        let period = self.period_of(at_us);
        if self.start_of(period) < at_us { period + 1 } else { period }
    }
}

/// Days from the first of March of the year 0 to 1970.
const MARCH_TO_1970: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// The month of a day since 1970, as months since the year 0, in the Gregorian calendar: years are
/// counted from March, so that the leap day is the last (Howard Hinnant, "chrono-compatible
/// low-level date algorithms", <https://howardhinnant.github.io/date_algorithms.html>).
const fn month_of(day: i64) -> i64 {
    let day = day + MARCH_TO_1970;
    let era = day.div_euclid(ERA_DAYS);
    let of_era = day.rem_euclid(ERA_DAYS);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    (era * 400 + year_of_era) * 12 + months_from_march + 2
}

/// The first day of a month, the inverse of [`month_of`].
const fn first_day_of(month: i64) -> i64 {
    let from_march = month.saturating_sub(2);
    let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.saturating_mul(ERA_DAYS).saturating_add(of_era - MARCH_TO_1970)
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::time::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (at, year, month) in [
            ("1970-01-01T00:00:00Z", 1970, 1),
            ("1980-02-29T23:59:59.999999Z", 1980, 2),
            ("1999-12-31T23:59:59Z", 1999, 12),
            ("2000-02-29T12:00:00Z", 2000, 2),
            ("2000-03-01T00:00:00Z", 2000, 3),
            ("2026-11-23T00:00:00Z", 2026, 11),
            ("2100-02-28T23:59:59Z", 2100, 2),
            ("2100-03-01T00:00:00Z", 2100, 3),
        ] {
            let at: Timestamp = at.parse().unwrap();
            assert_eq!(Level::Month.period_of(at.micros()), year * 12 + month - 1, "{at}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_in_its_period(at in any::<i64>(), days in -1_000_000_i64..1_000_000) {
            for at in [at / 4, days * DAY_US, days * DAY_US - 1] {
                for level in [Level::Quarter, Level::Day, Level::Month] {
                    let period = level.period_of(at);
                    prop_assert!(level.start_of(period) <= at);
                    prop_assert!(level.start_of(period + 1) > at);
                    let first = level.first_from(at);
                    prop_assert!(level.start_of(first) >= at && level.start_of(first - 1) < at);
                }
            }
        }

        #[test]
        fn every_level_adds_up_to_the_next(at in any::<i64>()) {
            let at = at / 4;
            for (fine, coarse) in [(Level::Quarter, Level::Day), (Level::Day, Level::Month)] {
                let start = fine.start_of(fine.period_of(at));
                prop_assert_eq!(coarse.period_of(start), coarse.period_of(at));
            }
        }
    }
}
