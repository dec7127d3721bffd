//! Exact products of a rate and a quantity, and the one rounding there is.

use super::amount::{PicoUsd, TotalPicoUsd};
use super::quantity::Quantity;
use super::rate::Rate;

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
        Some(Self::of(rate.scaled(), u128::try_from(quantity.scaled()).ok()?))
    }

    /// The full product of two 128-bit numbers.
    pub(super) fn of(left: u128, right: u128) -> Self {
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
        floor.checked_add(PicoUsd::from_pico(i64::from(up)))
    }

    /// The whole picodollars in it and what is left; `None` beyond [`PicoUsd::MAX`].
    #[must_use]
    pub fn floor(self) -> Option<(PicoUsd, Remainder)> {
        if self.high == 0 {
            let (shifted, low_bits) = (self.low >> Self::TWOS, self.low % (1 << Self::TWOS));
            let (whole, rest) = (shifted / Self::FIVES, shifted % Self::FIVES);
            let rest = (rest << Self::TWOS) | low_bits;
            return Some((PicoUsd::from_pico(i64::try_from(whole).ok()?), Remainder(rest)));
        }
        let (whole, rest) = self.div_rem_wide(Self::PER_PICO)?;
        Some((PicoUsd::from_pico(i64::try_from(whole).ok()?), Remainder(rest)))
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
    pub(super) fn checked_div_exact(self, divisor: u128) -> Option<u128> {
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
    let floors = products.iter().map(|product| product.floor().map(|(floor, _)| floor));
    let mut parts: Vec<PicoUsd> = floors.collect::<Option<_>>()?;
    let sum: TotalPicoUsd = parts.iter().copied().sum();
    let missing = i128::from(total.pico()) - sum.pico();
    let missing = usize::try_from(missing).ok().filter(|&missing| missing <= parts.len())?;
    if missing > 0 {
        let rests = products.iter().map(|product| product.floor().map(|(_, rest)| rest));
        let mut order: Vec<(usize, Option<Remainder>)> = rests.enumerate().collect();
        order.sort_by_key(|&(_, rest)| std::cmp::Reverse(rest));
        for &(index, _) in &order[..missing] {
            parts[index] = parts[index].checked_add(PicoUsd::from_pico(1))?;
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates() -> impl Strategy<Value = Rate> {
        prop_oneof![
            (0_u64..20_000_000)
                .prop_map(|micro| Rate::from_scaled(u128::from(micro) * 10_u128.pow(12))),
            (0_u128..10_u128.pow(20)).prop_map(Rate::from_scaled),
        ]
    }

    fn quantities() -> impl Strategy<Value = Quantity> {
        prop_oneof![
            (0_u64..2_000_000).prop_map(Quantity::whole),
            (0_i128..10_i128.pow(18)).prop_map(Quantity::from_scaled),
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
    }
}
