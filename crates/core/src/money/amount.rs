//! Amounts of money, and their sums.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use crate::decimal::{self, DecimalError, DecimalText, Finer, parse_scaled, shown};

/// Decimals of a picodollar.
const PICO_DECIMALS: u32 = 12;

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

    /// The amount as JSON has it, made on the stack.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(self.0 < 0, u128::from(self.0.unsigned_abs()), PICO_DECIMALS)
    }

    /// Appends the amount to a text as JSON has it.
    pub fn append_to(self, out: &mut Vec<u8>) {
        decimal::append(out, self.0 < 0, u128::from(self.0.unsigned_abs()), PICO_DECIMALS);
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
        self.text().fmt(out)
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

    /// The sum as JSON has it, made on the stack.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(self.0 < 0, self.0.unsigned_abs(), PICO_DECIMALS)
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
        self.text().fmt(out)
    }
}
