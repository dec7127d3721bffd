//! Quantities: how much of a meter.

use std::fmt;
use std::str::FromStr;

use crate::decimal::{self, DecimalError, DecimalText, Finer, parse_scaled, shown};

/// Decimals of a quantity.
const QUANTITY_DECIMALS: u32 = 12;

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

    /// The quantity as JSON has it, made on the stack.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(self.0 < 0, self.0.unsigned_abs(), QUANTITY_DECIMALS)
    }

    /// Appends the quantity to a text as JSON has it.
    pub fn append_to(self, out: &mut Vec<u8>) {
        decimal::append(out, self.0 < 0, self.0.unsigned_abs(), QUANTITY_DECIMALS);
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
        self.text().fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantities_survive_their_text(scaled in -10_i128.pow(30)..10_i128.pow(30)) {
            let quantity = Quantity(scaled);
            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
        }
    }
}
