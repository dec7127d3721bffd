//! Amounts as a picture shows them: rounded, and still adding up.

use centime_core::money::TotalPicoUsd;

/// Picodollars in a dollar.
pub(crate) const DOLLAR: i128 = 10_i128.pow(PICO_DECIMALS);
/// Decimals of a picodollar.
const PICO_DECIMALS: u32 = 12;
/// How many digits of an amount below a dollar are shown.
const DIGITS: u32 = 4;

/// Labels of some amounts and of their sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labels {
    /// One an amount, in order.
    pub(crate) each: Vec<String>,
    /// What the labels of the amounts add up to.
    pub(crate) total: String,
}

/// Dollars with as many decimals as the largest amount needs, the same for all.
///
/// The sum is rounded half to even and its units are shared out by largest remainder, so that the
/// labels add up to the label of the sum, and each is within one unit of its amount. What is not zero
/// and would read as zero is `<$0.01`.
pub(crate) fn labels(amounts: &[TotalPicoUsd]) -> Labels {
    let pico: Vec<i128> = amounts.iter().map(|amount| amount.pico()).collect();
    let total: i128 = pico.iter().sum();
    let largest = pico.iter().chain([&total]).map(|pico| pico.unsigned_abs()).max().unwrap_or(0);
    let mut decimals = decimals_for(largest);
    let (mut units, mut sum) = apportion(&pico, 10_i128.pow(PICO_DECIMALS - decimals));
    while decimals > 2 && units.iter().chain([&sum]).all(|units| units % 10 == 0) {
        units.iter_mut().chain([&mut sum]).for_each(|units| *units /= 10);
        decimals -= 1;
    }
    let label = |(&units, pico): (&i128, &i128)| match (units, pico.signum()) {
        (0, 1) => format!("<{}", dollars(1, decimals)),
        (0, -1) => format!(">{}", dollars(-1, decimals)),
        _ => dollars(units, decimals),
    };
    Labels { each: units.iter().zip(&pico).map(label).collect(), total: label((&sum, &total)) }
}

/// Parts of their sum in per cent with one decimal, that add up to 100.0%; `None` where there is
/// nothing to have a part of, or less than nothing.
pub(crate) fn shares(amounts: &[TotalPicoUsd]) -> Option<Vec<String>> {
    let pico: Vec<i128> = amounts.iter().map(|amount| amount.pico()).collect();
    let total: i128 = pico.iter().sum();
    if total <= 0 || pico.iter().any(|&pico| pico < 0) {
        return None;
    }
    let scaled: Option<Vec<i128>> = pico.iter().map(|pico| pico.checked_mul(1000)).collect();
    let (units, _) = apportion(&scaled?, total);
    let share = |(&units, &pico): (&i128, &i128)| match units {
        0 if pico > 0 => "<0.1%".to_owned(),
        _ => format!("{}.{}%", units / 10, units % 10),
    };
    Some(units.iter().zip(&pico).map(share).collect())
}

/// Whole units of each amount, and of the rounded sum, which they add up to.
fn apportion(pico: &[i128], unit: i128) -> (Vec<i128>, i128) {
    let mut units: Vec<i128> = pico.iter().map(|pico| pico.div_euclid(unit)).collect();
    let sum = rounded(pico.iter().sum(), unit);
    let missing = usize::try_from(sum - units.iter().sum::<i128>()).unwrap_or(0);
    let mut order: Vec<usize> = (0..pico.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(pico[index].rem_euclid(unit)));
    for index in order.into_iter().take(missing) {
        units[index] += 1;
    }
    (units, sum)
}

/// So many units, rounded half to even.
fn rounded(pico: i128, unit: i128) -> i128 {
    let (floor, rest) = (pico.div_euclid(unit), pico.rem_euclid(unit));
    let up = rest > unit - rest || (rest == unit - rest && floor % 2 != 0);
    floor + i128::from(up)
}

/// Two decimals for a dollar and more; for less as many as show four digits.
fn decimals_for(pico: u128) -> u32 {
    if pico == 0 || pico >= DOLLAR.unsigned_abs() {
        return 2;
    }
    (PICO_DECIMALS - (pico.ilog10() + 1) + DIGITS).clamp(2, PICO_DECIMALS)
}

/// `units` of 10^-`decimals` dollars.
fn dollars(units: i128, decimals: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let scale = 10_u128.pow(decimals);
    let (whole, fraction) = (units.unsigned_abs() / scale, units.unsigned_abs() % scale);
    let width = decimals as usize;
    match decimals {
        0 => format!("{sign}${}", grouped(whole)),
        _ => format!("{sign}${}.{fraction:0width$}", grouped(whole)),
    }
}

/// Labels of an axis: multiples of `step`, exactly, with the fewest decimals that all of them need.
/// From a million a step on, in millions and beyond.
pub(crate) fn axis(values: &[i128], step: i128) -> Vec<String> {
    const SCALES: [(u32, &str); 3] = [(12, "T"), (9, "B"), (6, "M")];
    let scale = SCALES.iter().find(|(power, _)| step >= DOLLAR * 10_i128.pow(*power));
    let (power, suffix) = scale.copied().unwrap_or((0, ""));
    let places = PICO_DECIMALS + power;
    let needed = (0..=places).find(|&decimals| step % 10_i128.pow(places - decimals) == 0);
    let decimals = match needed.unwrap_or(places) {
        1 if suffix.is_empty() => 2,
        decimals => decimals,
    };
    let unit = 10_i128.pow(places - decimals);
    let label = |&value: &i128| match value {
        0 => "$0".to_owned(),
        _ => dollars(value / unit, decimals) + suffix,
    };
    values.iter().map(label).collect()
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
    use proptest::prelude::*;

    fn amounts(pico: &[i128]) -> Vec<TotalPicoUsd> {
        pico.iter().copied().map(TotalPicoUsd::from_pico).collect()
    }

    #[test]
    fn labels_add_up_to_the_total() {
        const CENT: i128 = DOLLAR / 100;
        for (pico, expected, total) in [
            (&[][..], &[][..], "$0.00"),
            (&[0], &["$0.00"], "$0.00"),
            (&[DOLLAR, CENT / 2, CENT / 2], &["$1.00", "$0.01", "<$0.01"], "$1.01"),
            (&[DOLLAR + CENT / 3; 3], &["$1.01", "$1.00", "$1.00"], "$3.01"),
            (&[9_000_000 * DOLLAR, 1_000_000], &["$9,000,000.00", "<$0.01"], "$9,000,000.00"),
            (&[1_000_000], &["$0.000001"], "$0.000001"),
            (&[1], &["$0.000000000001"], "$0.000000000001"),
            (&[DOLLAR / 2, DOLLAR / 4], &["$0.50", "$0.25"], "$0.75"),
            (&[123_456_789_000], &["$0.1235"], "$0.1235"),
            (&[5 * DOLLAR, -2 * DOLLAR], &["$5.00", "-$2.00"], "$3.00"),
            (&[-5 * DOLLAR], &["-$5.00"], "-$5.00"),
            (&[10 * DOLLAR, -1], &["$10.00", ">-$0.01"], "$10.00"),
        ] {
            let Labels { each, total: sum } = labels(&amounts(pico));
            assert_eq!(
                (each, sum),
                (expected.iter().map(ToString::to_string).collect(), total.to_owned())
            );
        }
    }

    #[test]
    fn shares_add_up_to_a_hundred() {
        for (pico, expected) in [
            (&[1, 1, 1][..], Some(&["33.4%", "33.3%", "33.3%"][..])),
            (&[1], Some(&["100.0%"])),
            (&[1_000_000, 1, 0], Some(&["100.0%", "<0.1%", "0.0%"])),
            (&[0, 0], None),
            (&[3, -1], None),
            (&[], None),
        ] {
            let expected = expected.map(|all| all.iter().map(ToString::to_string).collect());
            assert_eq!(shares(&amounts(pico)), expected, "{pico:?}");
        }
    }

    #[test]
    fn axes_are_labelled_exactly() {
        for (step, expected) in [
            (DOLLAR, ["$0", "$1", "-$2"]),
            (DOLLAR / 2, ["$0", "$0.50", "-$1.00"]),
            (DOLLAR / 4, ["$0", "$0.25", "-$0.50"]),
            (1, ["$0", "$0.000000000001", "-$0.000000000002"]),
            (500_000 * DOLLAR, ["$0", "$500,000", "-$1,000,000"]),
            (2_500_000 * DOLLAR, ["$0", "$2.5M", "-$5.0M"]),
            (1_000_000_000 * DOLLAR, ["$0", "$1B", "-$2B"]),
            (2_000_000_000_000_000 * DOLLAR, ["$0", "$2,000T", "-$4,000T"]),
        ] {
            assert_eq!(axis(&[0, step, -2 * step], step), expected);
        }
    }

    /// What a label says, in picodollars.
    fn said(label: &str) -> i128 {
        if label.starts_with(['<', '>']) {
            return 0;
        }
        label.replace(['$', ','], "").parse::<centime_core::money::PicoUsd>().unwrap().pico().into()
    }

    proptest! {
        #[test]
        fn what_is_labelled_adds_up_and_is_near(
            pico in proptest::collection::vec(prop_oneof![
                -5 * DOLLAR..1_000 * DOLLAR, 0..20_i128, Just(0), 0..DOLLAR,
            ], 0..40),
        ) {
            let labels = labels(&amounts(&pico));
            prop_assert_eq!(labels.each.iter().map(|label| said(label)).sum::<i128>(), said(&labels.total));
            for (label, pico) in labels.each.iter().zip(&pico) {
                prop_assert!((said(label) - pico).abs() < DOLLAR / 100, "{} is {}", pico, label);
            }
        }
    }
}
