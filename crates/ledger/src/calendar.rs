//! How the clocks of a zone name a moment in reports.

use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

/// The day: `2026-11-01`.
pub(crate) fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.in_zone(zone).date().to_string()
}

/// The hour with its offset, which tells the two apart when clocks are turned back:
/// `2026-10-25T02:00+02:00`, then `2026-10-25T02:00+01:00`.
pub(crate) fn hour(at: Timestamp, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%Y-%m-%dT%H:00%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_comes_twice_has_two_names() {
        for (zone, at, expected_date, expected_hour) in [
            ("UTC", "2026-10-25T00:59:59Z", "2026-10-25", "2026-10-25T00:00+00:00"),
            ("Europe/Paris", "2026-10-25T00:30:00Z", "2026-10-25", "2026-10-25T02:00+02:00"),
            ("Europe/Paris", "2026-10-25T01:30:00Z", "2026-10-25", "2026-10-25T02:00+01:00"),
            ("Asia/Kathmandu", "2026-10-24T18:15:00Z", "2026-10-25", "2026-10-25T00:00+05:45"),
            ("Australia/Lord_Howe", "2026-04-04T14:59:00Z", "2026-04-05", "2026-04-05T01:00+11:00"),
            ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05", "2026-04-05T01:00+10:30"),
            // Newfoundland turned its clocks back a minute after midnight: the new day ended again.
            ("America/St_Johns", "2010-11-07T02:30:59Z", "2010-11-07", "2010-11-07T00:00-02:30"),
            ("America/St_Johns", "2010-11-07T02:31:00Z", "2010-11-06", "2010-11-06T23:00-03:30"),
        ] {
            let at: Timestamp = at.parse().unwrap();
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!(date(at, &zone), expected_date, "{at}");
            assert_eq!(hour(at, &zone), expected_hour, "{at}");
        }
    }
}
