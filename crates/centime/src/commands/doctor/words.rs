//! Sizes and ages in words.

/// So many bytes: `512 B`, `12.3 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = bytes.ilog2() / 10;
    let unit = UNITS.get(usize::try_from(power - 1).unwrap_or_default()).unwrap_or(&"EiB");
    let tenths = u128::from(bytes) * 10 / (1_u128 << (power * 10));
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// So long, in the largest unit that it is one of.
pub(super) fn span(micros: i64) -> String {
    let seconds = micros.unsigned_abs() / 1_000_000;
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let fits = units.into_iter().find(|(length, _)| seconds >= *length);
    let (length, unit) = fits.unwrap_or((1, "second"));
    let number = seconds / length;
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_in_their_largest_unit() {
        for (size, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (12_897_485, "12.3 MiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(bytes(size), expected);
        }
        for (seconds, expected) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "1 minute"),
            (7200, "2 hours"),
            (-172_799, "1 day"),
        ] {
            assert_eq!(span(seconds * 1_000_000), expected);
        }
    }
}
