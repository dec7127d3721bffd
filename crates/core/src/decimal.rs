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

/// Writes `value * 10^-decimals` as a plain decimal: all its digits, no exponent, no idle zeros.
pub(crate) fn write_scaled(
    out: &mut fmt::Formatter<'_>,
    negative: bool,
    magnitude: u128,
    decimals: u32,
) -> fmt::Result {
    let unit = 10_u128.pow(decimals);
    let (whole, fraction) = (magnitude / unit, magnitude % unit);
    let mut text = String::with_capacity(48);
    if fraction == 0 {
        text = whole.to_string();
    } else {
        let width = decimals as usize;
        use fmt::Write as _;
        write!(text, "{whole}.{fraction:0width$}")?;
        text.truncate(text.trim_end_matches('0').len());
    }
    out.pad_integral(!negative, "", &text)
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
