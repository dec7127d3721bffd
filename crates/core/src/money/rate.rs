//! Rates: the price of one unit.

use std::fmt;
use std::str::FromStr;

use super::product::Product;
use crate::decimal::{self, DecimalError, DecimalText, Finer, parse_scaled, shown};

/// Decimals of a rate.
const RATE_DECIMALS: u32 = 24;

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

    /// The rate as JSON has it, made on the stack.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(false, self.0, RATE_DECIMALS)
    }

    /// Appends the rate to a text as JSON has it.
    pub fn append_to(self, out: &mut Vec<u8>) {
        decimal::append(out, false, self.0, RATE_DECIMALS);
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
        self.text().fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
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
}
