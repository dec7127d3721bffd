//! What was had for the money: figures for one request and for a thousand tokens.

use centime_core::money::{Quantity, TotalPicoUsd};
use centime_ledger::Sums;

/// Ratios of sums. `None` where there is nothing to divide by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Efficiency {
    /// US dollars for a thousand tokens of both sides.
    pub cost_per_1k_tokens: Option<TotalPicoUsd>,
    /// US dollars for a request.
    pub cost_per_request: Option<TotalPicoUsd>,
    /// Tokens of both sides in a request.
    pub tokens_per_request: Option<Quantity>,
    /// Which part of the prompts' tokens was read from a cache: 0 to 1.
    pub cache_hit_share: Option<Quantity>,
}

impl Efficiency {
    /// Of some sums. Every ratio is rounded half to even: money to whole picodollars, others to six
    /// decimals.
    ///
    /// ```
    /// use centime_core::money::TotalPicoUsd;
    /// use centime_insight::Efficiency;
    /// use centime_ledger::Sums;
    ///
    /// let cost = TotalPicoUsd::from_pico(30_000_000_000); // 3 cents
    /// let sums = Sums { cost, requests: 4, input_tokens: 1500, output_tokens: 500, ..Sums::default() };
    /// let efficiency = Efficiency::of(&sums);
    /// assert_eq!(efficiency.cost_per_request.unwrap().to_string(), "0.0075");
    /// assert_eq!(efficiency.cost_per_1k_tokens.unwrap().to_string(), "0.015");
    /// assert_eq!(efficiency.tokens_per_request.unwrap().to_string(), "500");
    /// ```
    #[must_use]
    pub fn of(sums: &Sums) -> Self {
        let requests = i128::from(sums.requests);
        let tokens = sums.total_tokens();
        let money = |times: i128, by: i128| {
            let pico = sums.cost.pico().checked_mul(times)?;
            ratio(pico, by).map(TotalPicoUsd::from_pico)
        };
        Self {
            cost_per_1k_tokens: money(1000, tokens),
            cost_per_request: money(1, requests),
            tokens_per_request: share(tokens, requests),
            cache_hit_share: share(sums.cache_read_tokens, sums.input_tokens),
        }
    }
}

/// Which part of something something is, rounded half to even to six decimals; `None` where there is
/// nothing that it could be a part of.
///
/// ```
/// assert_eq!(centime_insight::share(1, 3).unwrap().to_string(), "0.333333");
/// assert_eq!(centime_insight::share(0, 0), None);
/// ```
#[must_use]
pub fn share(part: i128, of: i128) -> Option<Quantity> {
    let millionths = ratio(part.checked_mul(1_000_000)?, of)?;
    Some(Quantity::from_scaled(millionths.checked_mul(1_000_000)?))
}

/// `part / of`, rounded half to even; `None` where `of` is not above zero.
pub(crate) fn ratio(part: i128, of: i128) -> Option<i128> {
    if of <= 0 {
        return None;
    }
    let (whole, rest) = (part.div_euclid(of), part.rem_euclid(of));
    let up = rest > of - rest || (rest == of - rest && whole % 2 != 0);
    Some(whole + i128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_half_to_even() {
        for (part, of, expected) in [
            (1, 2, Some(0)),
            (3, 2, Some(2)),
            (5, 2, Some(2)),
            (5, 3, Some(2)),
            (4, 3, Some(1)),
            (-1, 2, Some(0)),
            (-3, 2, Some(-2)),
            (0, 7, Some(0)),
            (i128::MAX, 1, Some(i128::MAX)),
            (i128::MAX, i128::MAX, Some(1)),
            (1, 0, None),
            (1, -1, None),
        ] {
            assert_eq!(ratio(part, of), expected, "{part} / {of}");
        }
    }

    #[test]
    fn nothing_has_no_efficiency() {
        assert_eq!(Efficiency::of(&Sums::default()), Efficiency::default());
        let free = Sums { requests: 2, input_tokens: 3, cache_read_tokens: 1, ..Sums::default() };
        let efficiency = Efficiency::of(&free);
        assert_eq!(efficiency.cost_per_request, Some(TotalPicoUsd::ZERO));
        assert_eq!(efficiency.cache_hit_share.unwrap().to_string(), "0.333333");
        assert_eq!(efficiency.tokens_per_request.unwrap().to_string(), "1.5");
    }
}
