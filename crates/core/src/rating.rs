//! Rating: a usage and a rate card make a charge.

use crate::meter::Meter;
use crate::money::{PicoUsd, Product, Quantity, Rate, apportion};
use crate::price::{Circumstances, Options, RateCard, ServiceTier};
use crate::time::Timestamp;
use crate::usage::Usage;

/// The terms of a call that its price depends on, beside what was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms<'a> {
    /// The tier it was served in.
    pub tier: ServiceTier,
    /// When it was made.
    pub at: Timestamp,
    /// Where it was served, in the provider's word.
    pub region: Option<&'a str>,
    /// What its caller chose.
    pub options: &'a Options,
    /// How many calls the usage stands for; more than one in an aggregate, none in an adjustment.
    pub requests: u32,
}

impl Terms<'_> {
    /// One call at the standard tier, served anywhere, nothing chosen.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        let (tier, options) = (ServiceTier::Standard, Options::none());
        Self { tier, at, region: None, options, requests: 1 }
    }
}

/// One meter of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChargeLine {
    /// What was used.
    pub meter: Meter,
    /// How much of it.
    pub quantity: Quantity,
    /// The price of one unit.
    pub rate: Rate,
    /// The meter whose rate it is: `meter`, or the ancestor that stands in for it.
    pub rate_of: Meter,
    /// Whether the rate was worked out, not listed.
    pub derived: bool,
    /// What the line costs: whole picodollars, the line's part of the rounded sum.
    pub amount: PicoUsd,
}

/// What a call cost: lines that add up to the amount exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Charge {
    /// The sum of all lines.
    pub amount: PicoUsd,
    /// A line a meter, in the order of [`Meter`].
    pub lines: Vec<ChargeLine>,
    /// Meters that were used and have no rate: their cost is not in the amount.
    pub missing: Vec<(Meter, Quantity)>,
}

/// Why a usage has no charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// The charge is beyond what one entry can hold.
    #[error("the charge is above {} USD, the most that one call can be charged", PicoUsd::MAX)]
    TooLarge,
}

/// Rates a usage: each meter by the card, the exact products summed and rounded once, half to even,
/// and the rounded sum apportioned over the lines by largest remainder.
///
/// The context tier looks at the whole prompt of one call; of an aggregate, at the average prompt.
///
/// # Errors
/// When the charge is larger than [`PicoUsd::MAX`].
///
/// ```
/// use centime_core::meter::Meter;
/// use centime_core::money::{Quantity, Rate};
/// use centime_core::price::{Certainty, RateCard, RateRule};
/// use centime_core::rating::{Terms, rate};
/// use centime_core::{time::Timestamp, usage::Usage};
///
/// let rule = |meter, rate| RateRule::standard(meter, Rate::per(rate, 1_000_000).unwrap());
/// let rules = vec![rule(Meter::Input, "1.25"), rule(Meter::Output, "10")];
/// let card = RateCard::new(Timestamp::EARLIEST, Certainty::Exact, "example".into(), rules);
///
/// let mut usage = Usage::default();
/// usage.add(Meter::Input, Quantity::whole(200))?;
/// usage.add(Meter::Output, Quantity::whole(50))?;
/// let charge = rate(&usage, &card, Terms::at("2026-11-01".parse()?))?;
/// assert_eq!(charge.amount.to_string(), "0.00075");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn rate(usage: &Usage, card: &RateCard, terms: Terms<'_>) -> Result<Charge, RatingError> {
    let circumstances = Circumstances {
        tier: terms.tier,
        input_tokens: prompt_of_one_call(usage, terms.requests),
        at: terms.at,
        region: terms.region,
        options: terms.options,
    };
    let mut charge =
        Charge { lines: Vec::with_capacity(usage.meters().len()), ..Charge::default() };
    let mut products = Vec::with_capacity(usage.meters().len());
    let mut sum = Product::ZERO;
    for (meter, quantity) in metered(usage, card, terms.requests) {
        let Some(resolved) = card.rate(meter, &circumstances) else {
            charge.missing.push((meter, quantity));
            continue;
        };
        let product = Product::new(resolved.rate, quantity).ok_or(RatingError::TooLarge)?;
        sum = sum.checked_add(product).ok_or(RatingError::TooLarge)?;
        products.push(product);
        charge.lines.push(ChargeLine {
            meter,
            quantity,
            rate: resolved.rate,
            rate_of: resolved.of,
            derived: resolved.derived,
            amount: PicoUsd::ZERO,
        });
    }
    charge.amount = sum.round().ok_or(RatingError::TooLarge)?;
    let parts = apportion(charge.amount, &products).ok_or(RatingError::TooLarge)?;
    for (line, part) in charge.lines.iter_mut().zip(parts) {
        line.amount = part;
    }
    Ok(charge)
}

/// The meters to charge for: those used, and the call itself where the card charges for it.
fn metered(
    usage: &Usage,
    card: &RateCard,
    requests: u32,
) -> impl Iterator<Item = (Meter, Quantity)> {
    let counts_itself = usage.quantity(Meter::Request).is_zero();
    let request = (counts_itself && requests > 0 && card.charges_requests())
        .then(|| (Meter::Request, Quantity::whole(u64::from(requests))));
    usage.meters().iter().copied().chain(request)
}

fn prompt_of_one_call(usage: &Usage, requests: u32) -> u64 {
    let prompt_tokens = u64::try_from(usage.input_tokens().floor()).unwrap_or(0);
    match requests {
        0 | 1 => prompt_tokens,
        many => prompt_tokens / u64::from(many),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::TotalPicoUsd;
    use crate::price::{Certainty, RateRule};
    use crate::time::Timestamp;
    use proptest::prelude::*;

    const TERMS: Terms<'_> = Terms::at(Timestamp::EARLIEST);

    fn card(rules: &[(Meter, &str)]) -> RateCard {
        let rule =
            |&(meter, rate): &(Meter, &str)| RateRule::standard(meter, rate.parse().unwrap());
        let rules = rules.iter().map(rule).collect();
        RateCard::new(Timestamp::EARLIEST, Certainty::Exact, "test".into(), rules)
    }

    fn usage(meters: &[(Meter, u64)]) -> Usage {
        let mut usage = Usage::default();
        for &(meter, units) in meters {
            usage.add(meter, Quantity::whole(units)).unwrap();
        }
        usage
    }

    #[test]
    fn charges_line_by_line_and_names_what_has_no_rate() {
        use Meter::{CacheRead, Input, Output, Request, Seconds};
        let card = card(&[
            (Input, "0.00000125"),
            (CacheRead, "0.000000125"),
            (Output, "0.00001"),
            (Request, "0.005"),
        ]);
        let used = usage(&[(Input, 200), (CacheRead, 1000), (Output, 50), (Seconds, 3)]);
        let charge = rate(&used, &card, TERMS).unwrap();
        let amounts: Vec<(Meter, String)> =
            charge.lines.iter().map(|line| (line.meter, line.amount.to_string())).collect();
        let expected =
            [(Input, "0.00025"), (CacheRead, "0.000125"), (Output, "0.0005"), (Request, "0.005")];
        assert_eq!(amounts, expected.map(|(meter, amount)| (meter, amount.to_owned())));
        assert_eq!(charge.amount.to_string(), "0.005875");
        assert_eq!(charge.missing, [(Seconds, Quantity::whole(3))]);
    }

    #[test]
    fn odd_picodollars_go_to_the_largest_remainders() {
        use Meter::{CacheRead, Input, Output};
        // Three products of 0.4 picodollars: the sum 1.2 rounds to 1, the first of equals gets it.
        let rate_text = "0.0000000000004";
        let card = card(&[(Input, rate_text), (CacheRead, rate_text), (Output, rate_text)]);
        let charge = rate(&usage(&[(Input, 1), (CacheRead, 1), (Output, 1)]), &card, TERMS);
        let amounts: Vec<i64> =
            charge.unwrap().lines.iter().map(|line| line.amount.pico()).collect();
        assert_eq!(amounts, [1, 0, 0]);
    }

    #[test]
    fn a_charge_beyond_the_largest_is_an_error() {
        let card = card(&[(Meter::Input, "1")]);
        let over = usage(&[(Meter::Input, 9_223_373)]);
        assert_eq!(rate(&over, &card, TERMS), Err(RatingError::TooLarge));
        assert!(rate(&usage(&[(Meter::Input, 9_223_372)]), &card, TERMS).is_ok());
    }

    fn cards() -> impl Strategy<Value = RateCard> {
        let rule = (0..Meter::ALL.len(), 0_u128..10_u128.pow(21), 0_u64..3).prop_map(
            |(index, scaled, threshold)| RateRule {
                above_input_tokens: threshold * 1000,
                ..RateRule::standard(Meter::ALL[index], Rate::from_scaled(scaled))
            },
        );
        proptest::collection::vec(rule, 0..30).prop_map(|rules| {
            RateCard::new(Timestamp::EARLIEST, Certainty::Exact, "test".into(), rules)
        })
    }

    fn usages() -> impl Strategy<Value = Usage> {
        proptest::collection::vec((0..Meter::ALL.len(), 0_i128..10_i128.pow(17)), 0..12).prop_map(
            |meters| {
                let mut usage = Usage::default();
                for (index, scaled) in meters {
                    usage.add(Meter::ALL[index], Quantity::from_scaled(scaled)).unwrap();
                }
                usage
            },
        )
    }

    proptest! {
        #[test]
        fn lines_add_up_and_nothing_used_disappears(card in cards(), usage in usages()) {
            let charge = rate(&usage, &card, Terms { requests: 0, ..TERMS }).unwrap();
            let sum: TotalPicoUsd = charge.lines.iter().map(|line| line.amount).sum();
            prop_assert_eq!(sum, charge.amount.into());
            let mut met = Usage::default();
            let lines = charge.lines.iter().map(|line| (line.meter, line.quantity));
            for (meter, quantity) in lines.chain(charge.missing.iter().copied()) {
                met.add(meter, quantity).unwrap();
            }
            prop_assert_eq!(met, usage);
        }

        #[test]
        fn the_same_usage_gives_the_same_charge_on_every_thread(card in cards(), usage in usages()) {
            let once = rate(&usage, &card, TERMS);
            let again = std::thread::scope(|scope| {
                let threads: Vec<_> =
                    (0..3).map(|_| scope.spawn(|| rate(&usage, &card, TERMS))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            for charge in again {
                prop_assert_eq!(&charge, &once);
            }
        }
    }
}
