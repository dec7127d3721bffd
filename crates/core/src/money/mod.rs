//! Exact money: picodollars, exact rates and quantities, and the one function that rounds.
//!
//! A [`Rate`] is a whole number of 10^-24 dollars and a [`Quantity`] a whole number of 10^-12
//! units, so a product is a whole number of 10^-36 dollars. [`Product`] holds it in 256 bits and
//! loses nothing; [`Product::round`] is the only place where a digit is ever dropped.

mod amount;
mod product;
mod quantity;
mod rate;

pub use amount::{PicoUsd, TotalPicoUsd};
pub use product::{Product, Remainder, apportion};
pub use quantity::Quantity;
pub use rate::Rate;

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

    proptest! {
        #[test]
        fn text_and_amount_mean_the_same(pico: i64, wide: i128, scaled in 0_u128..10_u128.pow(36)) {
            let amount = PicoUsd::from_pico(pico);
            prop_assert_eq!(amount.to_string().parse::<PicoUsd>(), Ok(amount));
            prop_assert!(!TotalPicoUsd::from_pico(wide).to_string().contains('e'));
            prop_assert_eq!(Rate::from_scaled(scaled).to_string().parse::<Rate>(), Ok(Rate::from_scaled(scaled)));
        }
    }
}
