//! Plain decimals, read and written without ever passing through binary floating point.

use std::fmt;

/// Why a text is not the decimal that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The text is not a number as JSON or a spreadsheet would write it.
    #[error("`{0}` is not a decimal number")]
    Malformed(String),
    /// The number has more decimals than the type keeps.
    #[error("`{text}` has more than {decimals_max} decimals")]
    TooFine {
        /// The offending text.
        text: String,
        /// How many decimals the type keeps.
        decimals_max: u32,
    },
    /// The number is larger than the type holds.
    #[error("`{0}` is too large")]
    TooLarge(String),
    /// The number is below zero where only zero and above make sense.
    #[error("`{0}` is negative")]
    Negative(String),
}

/// What to do with digits finer than the type keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finer {
    /// Refuse them, unless they are zeros.
    Refuse,
    /// Round half to even.
    Round,
}

/// Reads a decimal (`12`, `-0.5`, `5e-07`) as a whole number of `10^-decimals`.
///
/// Work and memory are bounded by the length of the text, whatever its exponent says.
pub(crate) fn parse_scaled(text: &str, decimals: u32, finer: Finer) -> Result<i128, DecimalError> {
    let malformed = || DecimalError::Malformed(shown(text));
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..]).ok_or_else(malformed)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if (whole.is_empty() && fraction.is_empty())
        || !whole.bytes().chain(fraction.bytes()).all(|digit| digit.is_ascii_digit())
    {
        return Err(malformed());
    }

    let fraction_digits = i64::try_from(fraction.len()).map_err(|_| malformed())?;
    // The value is `digits * 10^shift` in units of 10^-decimals.
    let shift = exponent - fraction_digits + i64::from(decimals);
    let digits = || whole.bytes().chain(fraction.bytes()).map(|digit| i128::from(digit - b'0'));
    let digit_count = i64::try_from(whole.len()).map_err(|_| malformed())? + fraction_digits;
    let kept = (digit_count + shift.min(0)).max(0);

    let too_large = || DecimalError::TooLarge(shown(text));
    let mut value: i128 = 0;
    let mut first_dropped = 0;
    let mut rest_dropped = false;
    for (index, digit) in (0_i64..).zip(digits()) {
        if index < kept {
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(digit))
                .ok_or_else(too_large)?;
        } else if index == kept && digit_count + shift >= 0 {
            first_dropped = digit;
        } else {
            rest_dropped |= digit != 0;
        }
    }
    if shift > 0 && value != 0 {
        let factor = u32::try_from(shift).ok().and_then(|shift| 10_i128.checked_pow(shift));
        value = factor.and_then(|factor| value.checked_mul(factor)).ok_or_else(too_large)?;
    }
    if first_dropped != 0 || rest_dropped {
        match finer {
            Finer::Refuse => {
                return Err(DecimalError::TooFine { text: shown(text), decimals_max: decimals });
            }
            Finer::Round => {
                let up =
                    first_dropped > 5 || (first_dropped == 5 && (rest_dropped || value % 2 == 1));
                value = value.checked_add(i128::from(up)).ok_or_else(too_large)?;
            }
        }
    }
    Ok(if negative { -value } else { value })
}

/// An exponent, held to a range in which sums of it cannot overflow.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000_000);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// The two digits of each number below a hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let (mut at, mut ten) = (0, b'0');
    while at < pairs.len() {
        let mut one = b'0';
        while one <= b'9' {
            pairs[at] = [ten, one];
            one += 1;
            at += 1;
        }
        ten += 1;
    }
    pairs
};

/// Appends `magnitude * 10^-decimals` to a text: all its digits, no exponent, no idle zeros.
pub(crate) fn append(out: &mut Vec<u8>, negative: bool, magnitude: u128, decimals: u32) {
    let Ok(small) = u64::try_from(magnitude) else {
        out.extend_from_slice(DecimalText::new(negative, magnitude, decimals).as_bytes());
        return;
    };
    // Most fit 64 bits. Digits are written from the last one, over zeros that are there already.
    let (small, decimals) = small_without_idle_zeros(small, decimals);
    let mut text = [b'0'; SMALL_BYTES_MAX];
    let mut start = put_small(&mut text, small);
    if decimals > 0 {
        let point = SMALL_BYTES_MAX - decimals as usize - 1;
        start = start.min(point);
        for at in start..=point {
            text[at - 1] = text[at];
        }
        text[point] = b'.';
        start -= 1;
    }
    if negative {
        start -= 1;
        text[start] = b'-';
    }
    out.extend_from_slice(&text[start..]);
}

/// The longest text of 64 bits: twenty digits or as many decimals as a rate has, a zero, a point and a
/// sign, and room to spare.
const SMALL_BYTES_MAX: usize = 32;

/// Puts digits at the end of a text, at least one, and returns where they start.
#[inline]
fn put_small(text: &mut [u8; SMALL_BYTES_MAX], mut rest: u64) -> usize {
    let mut start = SMALL_BYTES_MAX;
    while rest >= 10 {
        let [pair, ..] = (rest % 100).to_le_bytes();
        start -= 2;
        text[start..start + 2].copy_from_slice(&PAIRS[usize::from(pair)]);
        rest /= 100;
    }
    if rest > 0 || start == SMALL_BYTES_MAX {
        let [digit, ..] = rest.to_le_bytes();
        start -= 1;
        text[start] = b'0' + digit;
    }
    start
}

/// A decimal as plain text, made without touching the heap: all its digits, no exponent, no idle
/// zeros.
///
/// ```
/// use centime_core::money::PicoUsd;
///
/// assert_eq!(PicoUsd::from_pico(-18_750_000).text().as_bytes(), b"-0.00001875");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DecimalText {
    /// The text stands at the end.
    bytes: [u8; Self::BYTES_MAX],
    start: usize,
}

impl DecimalText {
    /// The 39 digits of 128 bits, a sign, a point, and room to spare.
    const BYTES_MAX: usize = 48;
    /// The largest power of ten in 64 bits, which a machine divides much faster than 128.
    const CHUNK: u128 = 10_u128.pow(19);
    const CHUNK_DIGITS: usize = 19;

    /// The text of `magnitude * 10^-decimals`, of which there are at most 24.
    pub(crate) fn new(negative: bool, magnitude: u128, decimals: u32) -> Self {
        let (magnitude, decimals) = without_idle_zeros(magnitude, decimals);
        // Zeros are there before they are written.
        let mut text = Self { bytes: [b'0'; Self::BYTES_MAX], start: Self::BYTES_MAX };
        text.push_digits(magnitude);
        if decimals > 0 {
            text.push_point(decimals as usize);
        }
        if negative {
            text.push(b'-');
        }
        text
    }

    fn push_digits(&mut self, mut rest: u128) {
        let mut end = self.start;
        let small = loop {
            match u64::try_from(rest) {
                Ok(small) => break small,
                Err(_) => self.push_small(u64::try_from(rest % Self::CHUNK).unwrap_or_default()),
            }
            rest /= Self::CHUNK;
            end -= Self::CHUNK_DIGITS;
            self.start = end;
        };
        self.push_small(small);
    }

    /// Two digits are found quicker than they are worked out one by one.
    fn push_small(&mut self, mut rest: u64) {
        while rest >= 10 {
            let [pair, ..] = (rest % 100).to_le_bytes();
            let [ten, one] = PAIRS[usize::from(pair)];
            self.push(one);
            self.push(ten);
            rest /= 100;
        }
        let [digit, ..] = rest.to_le_bytes();
        if digit > 0 || self.start == Self::BYTES_MAX {
            self.push(b'0' + digit);
        }
    }

    /// Moves what is before the last `decimals` digits, at least a zero, aside for the point.
    fn push_point(&mut self, decimals: usize) {
        let point = Self::BYTES_MAX - decimals - 1;
        self.start = self.start.min(point);
        self.bytes.copy_within(self.start..=point, self.start - 1);
        self.bytes[point] = b'.';
        self.start -= 1;
    }

    fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (is_positive, digits) = match self.as_bytes() {
            [b'-', digits @ ..] => (false, digits),
            digits => (true, digits),
        };
        out.pad_integral(is_positive, "", std::str::from_utf8(digits).map_err(|_| fmt::Error)?)
    }
}

/// The same number with the fewest decimals.
fn without_idle_zeros(magnitude: u128, decimals: u32) -> (u128, u32) {
    let Ok(small) = u64::try_from(magnitude) else {
        for digits in [12, 6, 1] {
            let unit = 10_u128.pow(digits);
            if decimals >= digits && magnitude.is_multiple_of(unit) {
                return without_idle_zeros(magnitude / unit, decimals - digits);
            }
        }
        return (magnitude, decimals);
    };
    let (small, decimals) = small_without_idle_zeros(small, decimals);
    (small.into(), decimals)
}

/// The same number with the fewest decimals.
fn small_without_idle_zeros(mut small: u64, mut decimals: u32) -> (u64, u32) {
    if small == 0 {
        return (0, 0);
    }
    while decimals >= 6 && small.is_multiple_of(1_000_000) {
        small /= 1_000_000;
        decimals -= 6;
    }
    if decimals >= 3 && small.is_multiple_of(1_000) {
        small /= 1_000;
        decimals -= 3;
    }
    while decimals > 0 && small.is_multiple_of(10) {
        small /= 10;
        decimals -= 1;
    }
    (small, decimals)
}

/// A text as an error message may carry it: short, whatever was sent.
#[must_use]
pub fn shown(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 40;
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::PicoUsd;
    use proptest::prelude::*;

    #[test]
    fn reads_what_json_and_spreadsheets_write() {
        for (text, decimals, expected) in [
            ("0", 12, 0),
            ("-0", 12, 0),
            ("12", 2, 1200),
            ("5e-07", 12, 500_000),
            ("5E-7", 12, 500_000),
            ("1.5e3", 0, 1500),
            (".5", 1, 5),
            ("5.", 1, 50),
            ("-1.25", 2, -125),
            ("0.10000", 1, 1),
            ("0e999999999999999999999", 12, 0),
            ("1e-12", 12, 1),
            ("5.0000000000000004E-8", 24, 50_000_000_000_000_004),
        ] {
            assert_eq!(parse_scaled(text, decimals, Finer::Refuse), Ok(expected), "{text}");
        }
    }

    #[test]
    fn writes_all_digits_and_no_idle_zeros() {
        for (negative, magnitude, decimals, expected) in [
            (false, 0, 0, "0"),
            (false, 0, 24, "0"),
            (false, 5, 0, "5"),
            (false, 50, 0, "50"),
            (false, 50, 1, "5"),
            (true, 50, 2, "-0.5"),
            (false, 1, 24, "0.000000000000000000000001"),
            (false, 10_u128.pow(24), 24, "1"),
            (false, 10_u128.pow(19), 0, "10000000000000000000"),
            (false, 10_u128.pow(38), 0, "100000000000000000000000000000000000000"),
            (false, 25 * 10_u128.pow(23), 24, "2.5"),
            (false, 10_u128.pow(30) + 1, 12, "1000000000000000000.000000000001"),
            (true, u128::MAX, 24, "-340282366920938.463463374607431768211455"),
            (false, u128::MAX, 0, "340282366920938463463374607431768211455"),
            (false, u64::MAX.into(), 12, "18446744.073709551615"),
        ] {
            let text = DecimalText::new(negative, magnitude, decimals);
            assert_eq!(text.to_string(), expected);
            let mut after = b"= ".to_vec();
            append(&mut after, negative, magnitude, decimals);
            assert_eq!(String::from_utf8(after).unwrap(), format!("= {expected}"));
            assert_eq!(text.as_bytes(), expected.as_bytes());
        }
        let half = PicoUsd::from_pico(500_000_000_000);
        assert_eq!(format!("{half:>8}|{half:<+6}|{half}"), "     0.5|+0.5  |0.5");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(scaled in any::<i128>(), decimals in 0_u32..=24) {
            let text = DecimalText::new(scaled < 0, scaled.unsigned_abs(), decimals).to_string();
            prop_assert_eq!(parse_scaled(&text, decimals, Finer::Refuse), Ok(scaled));
        }

        #[test]
        fn both_ways_to_write_a_decimal_are_one(
            small in any::<u64>(), shift in 0_u32..64, decimals in 0_u32..=24, negative in any::<bool>(),
        ) {
            let magnitude = u128::from(small >> shift);
            let mut appended = Vec::new();
            append(&mut appended, negative, magnitude, decimals);
            let text = DecimalText::new(negative, magnitude, decimals);
            prop_assert_eq!(appended.as_slice(), text.as_bytes());
        }
    }

    #[test]
    fn refuses_what_is_no_decimal_or_does_not_fit() {
        for text in ["", "-", ".", "e5", "1e", "1,5", "NaN", "inf", "0x10", "1_000", " 1", "٣"] {
            let error = parse_scaled(text, 12, Finer::Refuse);
            assert!(matches!(error, Err(DecimalError::Malformed(_))), "{text}: {error:?}");
        }
        for text in ["1e40", "1e999999999999", &"9".repeat(60)] {
            let error = parse_scaled(text, 0, Finer::Refuse);
            assert!(matches!(error, Err(DecimalError::TooLarge(_))), "{text}: {error:?}");
        }
        for text in ["0.01", "1e-2", "1e-999999999"] {
            let error = parse_scaled(text, 1, Finer::Refuse);
            assert!(matches!(error, Err(DecimalError::TooFine { .. })), "{text}: {error:?}");
        }
    }

    #[test]
    fn rounds_half_to_even_where_asked() {
        for (text, expected) in [
            ("0.5", 0),
            ("1.5", 2),
            ("2.5", 2),
            ("2.51", 3),
            ("2.49", 2),
            ("-2.5", -2),
            ("0.05", 0),
            ("1e-50", 0),
            ("9.5", 10),
        ] {
            assert_eq!(parse_scaled(text, 0, Finer::Round), Ok(expected), "{text}");
        }
    }
}
