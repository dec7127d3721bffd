//! How long from now: `1h`, `30d`.

use centime_core::time::Timestamp;

use crate::app::App;
use crate::failure::Failure;

/// A span in microseconds: a count and `s`, `m`, `h`, `d` (24 hours) or `w`.
pub(super) fn span_us(text: &str) -> Option<i64> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        "w" => 7 * 24 * 3600,
        _ => return None,
    };
    i64::from(count.parse::<u32>().ok()?).checked_mul(seconds * 1_000_000)
}

/// A moment to come, as a person types it: so long from now, or a time.
pub(super) fn moment(app: &App, flag: &str, text: &str) -> Result<Timestamp, Failure> {
    if let Some(moment) = span_us(text).and_then(|span| app.now.micros().checked_add(span)) {
        return Ok(Timestamp::from_micros(moment));
    }
    Timestamp::parse_in(text, &app.zone).map_err(|_| {
        Failure::Usage(format!(
            "{flag}: `{text}` is no time to come: write how long from now (`30d`, `12h`), a date \
             (`2027-01-01`) or RFC 3339 (`2027-01-01T12:00:00Z`)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_a_count_and_a_unit() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("1h", Some(3600)),
            ("30d", Some(2_592_000)),
            ("2w", Some(1_209_600)),
            ("0m", Some(0)),
            ("", None),
            ("h", None),
            ("1", None),
            ("-1h", None),
            ("1y", None),
            ("1é", None),
        ] {
            assert_eq!(span_us(text), seconds.map(|it: i64| it * 1_000_000), "{text}");
        }
    }
}
