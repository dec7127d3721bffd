//! The usage of one call: disjoint meters.

use crate::meter::Meter;
use crate::money::Quantity;

/// The meters of one call, disjoint, each above zero and at most once, in the order of [`Meter`].
///
/// ```
/// use centime_core::{meter::Meter, money::Quantity, usage::Usage};
///
/// let mut usage = Usage::default();
/// usage.add(Meter::CacheRead, Quantity::whole(1000))?;
/// usage.add(Meter::Input, Quantity::whole(200))?;
/// usage.add(Meter::Output, Quantity::whole(50))?;
/// assert_eq!(usage.input_tokens(), Quantity::whole(1200));
/// assert_eq!(usage.output_tokens(), Quantity::whole(50));
/// # Ok::<(), centime_core::usage::UsageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    meters: Vec<(Meter, Quantity)>,
}

/// Why meters make no usage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// A quantity below zero.
    #[error("`{meter}` is {quantity}: a quantity cannot be negative")]
    Negative {
        /// The meter.
        meter: Meter,
        /// What was given for it.
        quantity: Quantity,
    },
    /// The quantity of a meter, or the sum of a side, beyond 64 bits.
    #[error("`{0}` is too large")]
    TooLarge(Meter),
}

impl Usage {
    /// Adds to a meter; nothing is added for a quantity of zero.
    ///
    /// # Errors
    /// When the quantity is negative or the sum too large.
    pub fn add(&mut self, meter: Meter, quantity: Quantity) -> Result<(), UsageError> {
        if quantity.is_negative() {
            return Err(UsageError::Negative { meter, quantity });
        }
        if quantity.is_zero() {
            return Ok(());
        }
        match self.meters.binary_search_by_key(&meter, |(meter, _)| *meter) {
            Ok(at) => {
                let sum = self.meters[at].1.checked_add(quantity);
                self.meters[at].1 = sum.ok_or(UsageError::TooLarge(meter))?;
            }
            Err(at) => self.meters.insert(at, (meter, quantity)),
        }
        Ok(())
    }

    /// The meters and their quantities, in order.
    #[must_use]
    pub fn meters(&self) -> &[(Meter, Quantity)] {
        &self.meters
    }

    /// The quantity of a meter, zero where it was not used.
    #[must_use]
    pub fn quantity(&self, meter: Meter) -> Quantity {
        match self.meters.binary_search_by_key(&meter, |(meter, _)| *meter) {
            Ok(at) => self.meters[at].1,
            Err(_) => Quantity::ZERO,
        }
    }

    /// All tokens on the prompt's side, cached ones included.
    #[must_use]
    pub fn input_tokens(&self) -> Quantity {
        self.sum_of(Meter::is_input_token)
    }

    /// All tokens on the answer's side, reasoning included.
    #[must_use]
    pub fn output_tokens(&self) -> Quantity {
        self.sum_of(Meter::is_output_token)
    }

    /// At most two dozen quantities of 64 bits: the sum cannot overflow 128.
    fn sum_of(&self, belongs: impl Fn(Meter) -> bool) -> Quantity {
        let quantities = self.meters.iter().filter(|(meter, _)| belongs(*meter));
        Quantity::from_scaled(quantities.map(|(_, quantity)| quantity.scaled()).sum())
    }

    /// Checks that the sums of both sides fit what a ledger keeps.
    ///
    /// # Errors
    /// [`UsageError::TooLarge`] names the side's first meter.
    pub fn check(&self) -> Result<(), UsageError> {
        let bound = Quantity::ZERO;
        self.input_tokens().checked_add(bound).ok_or(UsageError::TooLarge(Meter::Input))?;
        self.output_tokens().checked_add(bound).ok_or(UsageError::TooLarge(Meter::Output))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_adding_does_not_matter_and_zeros_leave_no_trace() {
        let mut forwards = Usage::default();
        let mut backwards = Usage::default();
        let parts =
            [(Meter::Output, 5), (Meter::Input, 7), (Meter::Reasoning, 0), (Meter::Input, 1)];
        for (meter, units) in parts {
            forwards.add(meter, Quantity::whole(units)).unwrap();
        }
        for (meter, units) in parts.into_iter().rev() {
            backwards.add(meter, Quantity::whole(units)).unwrap();
        }
        assert_eq!(forwards, backwards);
        assert_eq!(
            forwards.meters(),
            [(Meter::Input, Quantity::whole(8)), (Meter::Output, Quantity::whole(5))]
        );
    }

    #[test]
    fn negative_and_enormous_quantities_are_refused() {
        let mut usage = Usage::default();
        let below = "-1".parse().unwrap();
        assert!(matches!(usage.add(Meter::Input, below), Err(UsageError::Negative { .. })));
        let most: Quantity = i64::MAX.to_string().parse().unwrap();
        usage.add(Meter::Input, most).unwrap();
        assert_eq!(
            usage.add(Meter::Input, Quantity::whole(1)),
            Err(UsageError::TooLarge(Meter::Input))
        );
        usage.add(Meter::CacheRead, most).unwrap();
        assert!(usage.check().is_err());
    }
}
