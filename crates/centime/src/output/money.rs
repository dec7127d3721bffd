//! Figures as people read them. What is exact is in JSON and CSV.

use centime_core::entry::PricingStatus;
use centime_core::money::TotalPicoUsd;

/// Picodollars in a dollar.
const DOLLAR: i128 = 1_000_000_000_000;

/// Dollars for a table: cents from a dollar up, and below that as many decimals as show four digits.
pub(crate) fn dollars(amount: TotalPicoUsd) -> String {
    let pico = amount.pico();
    let sign = if pico < 0 { "-" } else { "" };
    let magnitude = pico.unsigned_abs();
    let decimals = decimals_for(magnitude);
    let unit = 10_u128.pow(12 - decimals);
    let rounded = (magnitude + unit / 2) / unit;
    let scale = 10_u128.pow(decimals);
    let (whole, fraction) = (rounded / scale, rounded % scale);
    let width = decimals as usize;
    let fraction = format!("{fraction:0width$}");
    let shown = fraction.trim_end_matches('0').len().max(2);
    format!("{sign}${}.{}", grouped(whole), &fraction[..shown])
}

/// What something cost, for a table: a `+` where some of it has no price, and no figure at all where
/// nothing of it has one.
pub(crate) fn cost(amount: TotalPicoUsd, status: PricingStatus) -> String {
    match status {
        PricingStatus::Priced => dollars(amount),
        PricingStatus::Partial => dollars(amount) + "+",
        PricingStatus::Unpriced => "unpriced".to_owned(),
    }
}

/// Two decimals for a dollar and more; for less as many as show four digits, at most twelve.
fn decimals_for(pico: u128) -> u32 {
    if pico == 0 || pico >= DOLLAR.unsigned_abs() {
        return 2;
    }
    let digits = pico.ilog10() + 1;
    (12 - digits + 4).clamp(2, 12)
}

/// A count with its thousands set apart.
pub(crate) fn count(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// So many of something: `1 request`, `2,000 requests`.
pub(crate) fn counted(number: i128, [one, many]: [&str; 2]) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_show_what_means_something() {
        for (pico, expected) in [
            (0, "$0.00"),
            (1, "$0.000000000001"),
            (18_750_000, "$0.00001875"),
            (123_456_789_000, "$0.1235"),
            (50_000_000_000, "$0.05"),
            (999_999_999_999, "$1.00"),
            (12_345_678_000_000, "$12.35"),
            (1_234_567_895_000_000_000, "$1,234,567.90"),
            (-2_500_000_000_000, "-$2.50"),
        ] {
            assert_eq!(dollars(TotalPicoUsd::from_pico(pico)), expected);
        }
    }

    #[test]
    fn what_has_no_price_is_not_free() {
        let amount = TotalPicoUsd::from_pico(2_000_000_000);
        for (status, expected) in [
            (PricingStatus::Priced, "$0.002"),
            (PricingStatus::Partial, "$0.002+"),
            (PricingStatus::Unpriced, "unpriced"),
        ] {
            assert_eq!(cost(amount, status), expected);
        }
    }

    #[test]
    fn one_is_singular() {
        let requests = |number| counted(number, ["request", "requests"]);
        let texts = [0, 1, 2, 1000].map(requests);
        assert_eq!(texts, ["0 requests", "1 request", "2 requests", "1,000 requests"]);
    }

    #[test]
    fn counts_have_their_thousands_set_apart() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(count(number), expected);
        }
    }
}
