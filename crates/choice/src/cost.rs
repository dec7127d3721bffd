//! What one call costs: the rating of core without its lines, for thousands of models at once.

use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Product, Quantity};
use centime_core::price::{Circumstances, Options, RateCard, ServiceTier};
use centime_core::time::Timestamp;

/// What a call of so many tokens costs; `None` where a token has no rate, or the charge is larger than an
/// entry can hold. The amount is that of [`centime_core::rating::rate`] to the picodollar.
pub(crate) fn of_call(
    card: &RateCard,
    at: Timestamp,
    input_tokens: u64,
    (output, output_tokens): (Meter, u64),
) -> Option<PicoUsd> {
    let circumstances = Circumstances {
        tier: ServiceTier::Standard,
        input_tokens,
        at,
        region: None,
        options: Options::none(),
    };
    let request = card.charges_requests().then_some((Meter::Request, 1));
    let used = [Some((Meter::Input, input_tokens)), Some((output, output_tokens)), request];
    let mut sum = Product::ZERO;
    for (meter, tokens) in used.into_iter().flatten().filter(|(_, tokens)| *tokens > 0) {
        let rate = card.rate(meter, &circumstances)?.rate;
        sum = sum.checked_add(Product::new(rate, Quantity::whole(tokens))?)?;
    }
    sum.round()
}

/// What it costs at most: the answer is charged as output or as reasoning, whichever is dearer.
pub(crate) fn at_most(
    card: &RateCard,
    at: Timestamp,
    input_tokens: u64,
    output_tokens: u64,
) -> Option<PicoUsd> {
    let as_output = of_call(card, at, input_tokens, (Meter::Output, output_tokens))?;
    let as_reasoning = of_call(card, at, input_tokens, (Meter::Reasoning, output_tokens))?;
    Some(as_output.max(as_reasoning))
}
