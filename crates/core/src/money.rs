//! Exact money: picodollars, exact rates and quantities, and the one function that rounds.
//!
//! A [`Rate`] is a whole number of 10^-24 dollars and a [`Quantity`] a whole number of 10^-12
//! units, so a product is a whole number of 10^-36 dollars. [`Product`] holds it in 256 bits and
//! loses nothing; [`Product::round`] is the only place where a digit is ever dropped.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use crate::decimal::{DecimalError, Finer, parse_scaled, shown, write_scaled};

/// Decimals of a picodollar.
const PICO_DECIMALS: u32 = 12;
/// Decimals of a rate.
const RATE_DECIMALS: u32 = 24;
/// Decimals of a quantity.
const QUANTITY_DECIMALS: u32 = 12;

/// An amount of money: a whole number of picodollars (10^-12 US dollars), signed.
///
/// The largest is about 9.2 million dollars; what is larger is refused, never wrapped.
///
/// ```
/// use centime_core::money::PicoUsd;
///
/// let amount: PicoUsd = "0.00001875".parse()?;
/// assert_eq!(amount.pico(), 18_750_000);
/// assert_eq!(amount.to_string(), "0.00001875");
/// # Ok::<(), centime_core::decimal::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PicoUsd(i64);

impl PicoUsd {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);
    /// The largest amount: 9,223,372.036854775807 dollars.
    pub const MAX: Self = Self(i64::MAX);

    /// An amount from whole picodollars.
    #[must_use]
    pub const fn from_pico(pico: i64) -> Self {
        Self(pico)
    }

    /// The amount in whole picodollars.
    #[must_use]
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// The sum, or `None` when it is beyond [`PicoUsd::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` when it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads a decimal and rounds it half to even to whole picodollars.
    ///
    /// For figures of others (a reported cost, written by somebody's float); our own are exact.
    ///
    /// # Errors
    /// When the text is no decimal, or the amount does not fit.
    pub fn parse_rounded(text: &str) -> Result<Self, DecimalError> {
        Self::from_scaled(parse_scaled(text, PICO_DECIMALS, Finer::Round)?, text)
    }

    fn from_scaled(pico: i128, text: &str) -> Result<Self, DecimalError> {
        i64::try_from(pico).map(Self).map_err(|_| DecimalError::TooLarge(shown(text)))
    }
}

impl FromStr for PicoUsd {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::from_scaled(parse_scaled(text, PICO_DECIMALS, Finer::Refuse)?, text)
    }
}

impl fmt::Display for PicoUsd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(out, self.0 < 0, u128::from(self.0.unsigned_abs()), PICO_DECIMALS)
    }
}

/// A sum of amounts: picodollars in 128 bits, wide enough for any ledger.
///
/// 10^19 amounts of the largest size fit, more than any ledger can hold, so adding needs no check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TotalPicoUsd(i128);

impl TotalPicoUsd {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);

    /// A sum from whole picodollars.
    #[must_use]
    pub const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// The sum in whole picodollars.
    #[must_use]
    pub const fn pico(self) -> i128 {
        self.0
    }
}

impl From<PicoUsd> for TotalPicoUsd {
    fn from(amount: PicoUsd) -> Self {
        Self(i128::from(amount.0))
    }
}

impl std::ops::Add for TotalPicoUsd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for TotalPicoUsd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for TotalPicoUsd {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::AddAssign<PicoUsd> for TotalPicoUsd {
    fn add_assign(&mut self, amount: PicoUsd) {
        self.0 += i128::from(amount.0);
    }
}

impl Sum<PicoUsd> for TotalPicoUsd {
    fn sum<I: Iterator<Item = PicoUsd>>(amounts: I) -> Self {
        Self(amounts.map(|amount| i128::from(amount.0)).sum())
    }
}

impl Sum for TotalPicoUsd {
    fn sum<I: Iterator<Item = Self>>(totals: I) -> Self {
        Self(totals.map(|total| total.0).sum())
    }
}

impl fmt::Display for TotalPicoUsd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(out, self.0 < 0, self.0.unsigned_abs(), PICO_DECIMALS)
    }
}

/// The price of one unit of a meter: an exact decimal of US dollars with up to 24 decimals.
///
/// ```
/// use centime_core::money::Rate;
///
/// assert_eq!("1.25e-06".parse::<Rate>()?, Rate::per("1.25", 1_000_000)?);
/// assert_eq!("1.25e-06".parse::<Rate>()?.to_string(), "0.00000125");
/// # Ok::<(), centime_core::decimal::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(u128);

impl Rate {
    /// Explicitly free.
    pub const FREE: Self = Self(0);
    /// A dollar a unit.
    pub const ONE: Self = Self(10_u128.pow(RATE_DECIMALS));

    /// A rate given for `units` units at once: `2.50` per 1,000,000.
    ///
    /// # Errors
    /// When the text is no decimal, is negative, or the rate of one unit needs over 24 decimals.
    pub fn per(text: &str, units: u64) -> Result<Self, DecimalError> {
        let scaled = Self::unsigned(text, Finer::Refuse)?;
        let units = u128::from(units.max(1));
        if scaled % units != 0 {
            return Err(DecimalError::TooFine { text: shown(text), decimals_max: RATE_DECIMALS });
        }
        Ok(Self(scaled / units))
    }

    /// As [`Rate::per`], rounded half to even to 24 decimals where the rate of one unit has more: a
    /// price by the hour seldom is a whole number of anything by the second.
    ///
    /// # Errors
    /// When the text is no decimal or is negative.
    pub fn per_rounded(text: &str, units: u64) -> Result<Self, DecimalError> {
        let scaled = Self::unsigned(text, Finer::Round)?;
        let units = u128::from(units.max(1));
        let (whole, rest) = (scaled / units, scaled % units);
        let twice = rest * 2;
        let up = twice > units || (twice == units && whole % 2 == 1);
        Ok(Self(whole + u128::from(up)))
    }

    /// The rate in whole units of 10^-24 dollars.
    #[must_use]
    pub const fn scaled(self) -> u128 {
        self.0
    }

    /// The rate in whole units of 10^-24 dollars, as [`Rate::scaled`] gave it.
    #[must_use]
    pub const fn from_scaled(scaled: u128) -> Self {
        Self(scaled)
    }

    /// This rate times `numerator / denominator`, or `None` where that is no exact rate.
    #[must_use]
    pub fn checked_mul_ratio(self, numerator: Self, denominator: Self) -> Option<Self> {
        let product = Product::of(self.0, numerator.0);
        product.checked_div_exact(denominator.0).map(Self)
    }

    /// How many decimals the rate has: prices of providers have at most 12, more is float noise.
    #[must_use]
    pub fn decimals(self) -> u32 {
        let mut decimals = RATE_DECIMALS;
        let mut scaled = self.0;
        while decimals > 0 && scaled.is_multiple_of(10) {
            scaled /= 10;
            decimals -= 1;
        }
        decimals
    }

    fn unsigned(text: &str, finer: Finer) -> Result<u128, DecimalError> {
        let scaled = parse_scaled(text, RATE_DECIMALS, finer)?;
        u128::try_from(scaled).map_err(|_| DecimalError::Negative(shown(text)))
    }
}

impl FromStr for Rate {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::unsigned(text, Finer::Refuse).map(Self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(out, false, self.0, RATE_DECIMALS)
    }
}

/// How much of a meter: a decimal of its unit, kept to 12 decimals, signed in adjustments only.
///
/// ```
/// use centime_core::money::Quantity;
///
/// assert_eq!(Quantity::whole(1200).to_string(), "1200");
/// assert_eq!("7.25".parse::<Quantity>()?.to_string(), "7.25");
/// # Ok::<(), centime_core::decimal::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i128);

impl Quantity {
    /// None of it.
    pub const ZERO: Self = Self(0);
    /// Scaled units in a whole one.
    const ONE: i128 = 1_000_000_000_000;

    /// A whole number of units.
    #[must_use]
    pub const fn whole(units: u64) -> Self {
        Self(units as i128 * Self::ONE)
    }

    /// A quantity from whole units of 10^-12, as [`Quantity::scaled`] gave it.
    #[must_use]
    pub const fn from_scaled(scaled: i128) -> Self {
        Self(scaled)
    }

    /// The quantity in whole units of 10^-12.
    #[must_use]
    pub const fn scaled(self) -> i128 {
        self.0
    }

    /// The whole units, when there is no fraction and they fit.
    #[must_use]
    pub fn as_whole(self) -> Option<i64> {
        (self.0 % Self::ONE == 0).then(|| i64::try_from(self.0 / Self::ONE).ok()).flatten()
    }

    /// The whole units, any fraction dropped, held to what 64 bits hold.
    #[must_use]
    pub fn floor(self) -> i64 {
        let units = self.0.div_euclid(Self::ONE);
        i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX })
    }

    /// Whether there is none of it.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is below zero, as only the quantities of an adjustment may be.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, or `None` beyond what a quantity holds.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::bounded(self.0.checked_add(other.0)?)
    }

    /// The difference, or `None` beyond what a quantity holds.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::bounded(self.0.checked_sub(other.0)?)
    }

    /// Quantities are held to the whole units of 64 bits, so that every store can keep them.
    fn bounded(scaled: i128) -> Option<Self> {
        (scaled.abs() <= i64::MAX as i128 * Self::ONE).then_some(Self(scaled))
    }
}

impl FromStr for Quantity {
    type Err = DecimalError;

    /// Digits beyond the twelfth decimal are rounded half to even: clocks that count seconds in
    /// floats write more of them than they measure.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let scaled = parse_scaled(text, QUANTITY_DECIMALS, Finer::Round)?;
        Self::bounded(scaled).ok_or_else(|| DecimalError::TooLarge(shown(text)))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(out, self.0 < 0, self.0.unsigned_abs(), QUANTITY_DECIMALS)
    }
}

/// An exact sum of products of a rate and a quantity: 256 bits of 10^-36 dollars.
///
/// ```
/// use centime_core::money::{PicoUsd, Product, Quantity, Rate};
///
/// let rate: Rate = "0.0000000000005".parse()?; // half a picodollar
/// let one = Product::new(rate, Quantity::whole(1)).unwrap();
/// assert_eq!(one.round(), Some(PicoUsd::ZERO)); // half to even
/// assert_eq!(one.checked_add(one).unwrap().round(), Some(PicoUsd::from_pico(1)));
/// # Ok::<(), centime_core::decimal::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Product {
    high: u128,
    low: u128,
}

/// A remainder below one picodollar, in 10^-36 dollars: what decides who gets the odd picodollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remainder(u128);

impl Product {
    /// Nothing at all.
    pub const ZERO: Self = Self { high: 0, low: 0 };
    /// Products in one picodollar.
    const PER_PICO: u128 = 10_u128.pow(24);
    /// The same as 2^24 · 5^24: shifting by the one leaves a division by the other, which fits 64
    /// bits and is several times as fast.
    const TWOS: u32 = 24;
    const FIVES: u128 = 5_u128.pow(24);

    /// The exact product, or `None` for a negative quantity, which nobody is charged for.
    #[must_use]
    pub fn new(rate: Rate, quantity: Quantity) -> Option<Self> {
        Some(Self::of(rate.0, u128::try_from(quantity.0).ok()?))
    }

    /// The full product of two 128-bit numbers.
    fn of(left: u128, right: u128) -> Self {
        if let Some(low) = left.checked_mul(right) {
            return Self { high: 0, low };
        }
        const HALF: u32 = 64;
        const MASK: u128 = u64::MAX as u128;
        let (left_high, left_low) = (left >> HALF, left & MASK);
        let (right_high, right_low) = (right >> HALF, right & MASK);
        let (cross, carried) = (left_high * right_low).overflowing_add(left_low * right_high);
        let (low, carry) = (left_low * right_low).overflowing_add(cross << HALF);
        let high = left_high * right_high
            + (cross >> HALF)
            + (u128::from(carried) << HALF)
            + u128::from(carry);
        Self { high, low }
    }

    /// The sum, or `None` beyond 256 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (low, carry) = self.low.overflowing_add(other.low);
        let high = self.high.checked_add(other.high)?.checked_add(u128::from(carry))?;
        Some(Self { high, low })
    }

    /// The amount, rounded half to even to whole picodollars; `None` beyond [`PicoUsd::MAX`].
    ///
    /// This is the one rounding of Centime.
    #[must_use]
    pub fn round(self) -> Option<PicoUsd> {
        let (floor, Remainder(rest)) = self.floor()?;
        let half = Self::PER_PICO / 2;
        let up = rest > half || (rest == half && floor.pico() % 2 == 1);
        floor.checked_add(PicoUsd(i64::from(up)))
    }

    /// The whole picodollars in it and what is left; `None` beyond [`PicoUsd::MAX`].
    #[must_use]
    pub fn floor(self) -> Option<(PicoUsd, Remainder)> {
        if self.high == 0 {
            let (shifted, low_bits) = (self.low >> Self::TWOS, self.low % (1 << Self::TWOS));
            let (whole, rest) = (shifted / Self::FIVES, shifted % Self::FIVES);
            let rest = (rest << Self::TWOS) | low_bits;
            return Some((PicoUsd(i64::try_from(whole).ok()?), Remainder(rest)));
        }
        let (whole, rest) = self.div_rem_wide(Self::PER_PICO)?;
        Some((PicoUsd(i64::try_from(whole).ok()?), Remainder(rest)))
    }

    /// The quotient and remainder of a division whose quotient fits 128 bits, bit by bit: only
    /// amounts far beyond any real call's come here.
    fn div_rem_wide(self, divisor: u128) -> Option<(u128, u128)> {
        if self.high >= divisor {
            return None;
        }
        let mut rest = self.high;
        let mut quotient = 0_u128;
        for bit in (0..u128::BITS).rev() {
            let overflow = rest >> (u128::BITS - 1) == 1;
            rest = (rest << 1) | ((self.low >> bit) & 1);
            quotient <<= 1;
            if overflow || rest >= divisor {
                rest = rest.wrapping_sub(divisor);
                quotient |= 1;
            }
        }
        Some((quotient, rest))
    }

    /// The quotient, where the division leaves nothing and the quotient fits 128 bits.
    fn checked_div_exact(self, divisor: u128) -> Option<u128> {
        if divisor == 0 {
            return None;
        }
        let (quotient, rest) = self.div_rem_wide(divisor)?;
        (rest == 0).then_some(quotient)
    }
}

/// Splits `total`, the rounded sum of `products`, over them by largest remainder.
///
/// Every part is its product's whole picodollars, and the picodollars still missing go one each to
/// the largest remainders (ties in order): the parts add up to `total` exactly and each is within
/// one picodollar of its product.
///
/// Returns `None` where `total` is not the rounded sum of `products`.
#[must_use]
pub fn apportion(total: PicoUsd, products: &[Product]) -> Option<Vec<PicoUsd>> {
    let floors: Option<Vec<_>> = products.iter().map(|product| product.floor()).collect();
    let floors = floors?;
    let sum: TotalPicoUsd = floors.iter().map(|(floor, _)| *floor).sum();
    let missing = i128::from(total.pico()) - sum.pico();
    let missing = usize::try_from(missing).ok().filter(|&missing| missing <= floors.len())?;
    let mut parts: Vec<PicoUsd> = floors.iter().map(|(floor, _)| *floor).collect();
    if missing > 0 {
        let mut order: Vec<usize> = (0..floors.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(floors[index].1));
        for &index in &order[..missing] {
            parts[index] = parts[index].checked_add(PicoUsd(1))?;
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn ten_thousand_charges_of_nine_million_dollars_add_up_exactly() {
        let charge: PicoUsd = "9000000.000000000001".parse().unwrap();
        let total: TotalPicoUsd = std::iter::repeat_n(charge, 10_000).sum();
        assert_eq!(total.to_string(), "90000000000.00000001");
    }

    #[test]
    fn an_amount_beyond_the_largest_is_refused() {
        assert_eq!("9223372.036854775807".parse::<PicoUsd>(), Ok(PicoUsd::MAX));
        assert!("9223372.036854775808".parse::<PicoUsd>().is_err());
        let product = Product::new(rate("1"), Quantity::whole(9_300_000)).unwrap();
        assert_eq!(product.round(), None);
        let huge = Product::new(rate("100000000000"), Quantity::whole(u64::MAX / 4)).unwrap();
        assert_eq!(huge.round(), None);
    }

    #[test]
    fn money_prints_all_its_digits_and_no_exponent() {
        for text in ["0", "0.00001875", "-0.000000000001", "12.34", "9223372.036854775807"] {
            assert_eq!(text.parse::<PicoUsd>().unwrap().to_string(), text);
        }
        assert_eq!(rate("5.0000000000000004E-8").to_string(), "0.000000050000000000000004");
        assert_eq!(rate("5.0000000000000004E-8").decimals(), 24);
        assert_eq!(rate("0.00000125").decimals(), 8);
    }

    #[test]
    fn prices_by_the_hour_are_rounded_far_below_a_picodollar() {
        for (text, units, expected) in [
            ("0.36", 3600, "0.0001"),
            ("0.111", 3600, "0.000030833333333333333333"),
            ("0.000000000000000000000003", 2, "0.000000000000000000000002"),
            ("0.000000000000000000000001", 2, "0"),
        ] {
            assert_eq!(Rate::per_rounded(text, units).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn ratios_are_exact_or_nothing() {
        let half = rate("0.0000025").checked_mul_ratio(rate("1.25"), rate("2.5"));
        assert_eq!(half, Some(rate("0.00000125")));
        assert_eq!(rate("1").checked_mul_ratio(rate("1"), rate("3")), None);
        assert_eq!(rate("1").checked_mul_ratio(rate("1"), Rate::FREE), None);
    }

    fn rates() -> impl Strategy<Value = Rate> {
        prop_oneof![
            (0_u64..20_000_000).prop_map(|micro| Rate(u128::from(micro) * 10_u128.pow(12))),
            (0_u128..10_u128.pow(20)).prop_map(Rate),
        ]
    }

    fn quantities() -> impl Strategy<Value = Quantity> {
        prop_oneof![
            (0_u64..2_000_000).prop_map(Quantity::whole),
            (0_i128..10_i128.pow(18)).prop_map(Quantity),
        ]
    }

    proptest! {
        #[test]
        fn wide_products_agree_with_schoolbook_division(left: u128, right: u128, divisor in 1_u128..) {
            let product = Product::of(left, right);
            if let Some((quotient, rest)) = product.div_rem_wide(divisor) {
                prop_assert!(rest < divisor);
                let back = Product::of(quotient, divisor).checked_add(Product { high: 0, low: rest });
                prop_assert_eq!(back, Some(product));
            }
            prop_assert_eq!(Product::of(right, left), product);
        }

        #[test]
        fn the_quick_division_is_the_division(low: u128) {
            let low = low % (Product::PER_PICO * 1_000_000_000_000);
            let (whole, Remainder(rest)) = Product { high: 0, low }.floor().unwrap();
            prop_assert_eq!(u128::try_from(whole.pico()).unwrap(), low / Product::PER_PICO);
            prop_assert_eq!(rest, low % Product::PER_PICO);
        }

        #[test]
        fn parts_add_up_and_stay_within_a_picodollar(
            lines in proptest::collection::vec((rates(), quantities()), 0..12),
        ) {
            let products: Vec<Product> =
                lines.iter().map(|&(rate, quantity)| Product::new(rate, quantity).unwrap()).collect();
            let sum = products
                .iter()
                .try_fold(Product::ZERO, |sum, product| sum.checked_add(*product))
                .unwrap();
            let total = sum.round().unwrap();
            let parts = apportion(total, &products).unwrap();
            prop_assert_eq!(parts.iter().copied().sum::<TotalPicoUsd>(), total.into());
            for (part, product) in parts.iter().zip(&products) {
                let (floor, _) = product.floor().unwrap();
                let above = part.checked_sub(floor).unwrap().pico();
                prop_assert!((0..=1).contains(&above));
            }
        }

        #[test]
        fn text_and_amount_mean_the_same(pico: i64, wide: i128, scaled in 0_u128..10_u128.pow(36)) {
            let amount = PicoUsd(pico);
            prop_assert_eq!(amount.to_string().parse::<PicoUsd>(), Ok(amount));
            prop_assert!(!TotalPicoUsd(wide).to_string().contains('e'));
            prop_assert_eq!(Rate(scaled).to_string().parse::<Rate>(), Ok(Rate(scaled)));
        }

        #[test]
        fn quantities_survive_their_text(scaled in -10_i128.pow(30)..10_i128.pow(30)) {
            let quantity = Quantity(scaled);
            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
        }
    }
}
