//! A quote: what a call is expected to cost, and at most, before it is made.

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::price::{Found, RateCard};
use centime_core::rating::{self, Charge, RatingError, Terms};
use centime_core::usage::Usage;
use centime_tokens::Count;

/// The answer that is expected where nobody says how long: about a page.
pub const OUTPUT_TOKENS_EXPECTED: u64 = 500;

/// What a quote depends on, beside the model and the prompt.
#[derive(Debug, Clone, Copy)]
pub struct QuoteTerms<'a> {
    /// The terms of the one call.
    pub terms: Terms<'a>,
    /// How long the answer is expected to be; [`OUTPUT_TOKENS_EXPECTED`] where nobody says.
    pub output_tokens_expected: Option<u64>,
    /// How long the caller lets it become; the model's own limit holds all the same.
    pub output_tokens_max: Option<u64>,
}

/// What a call may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The tokens of the prompt, framing included.
    pub input_tokens: u64,
    /// The most they can be, where they are an estimate.
    pub input_tokens_max: u64,
    /// The tokens of the answer, as expected.
    pub output_tokens_expected: u64,
    /// The most they can be; `None` where nobody limits them.
    pub output_tokens_max: Option<u64>,
    /// Whether the model can take a prompt this long; `None` where its limit is not known.
    pub fits_context: Option<bool>,
    /// What the call is expected to cost.
    pub expected: Option<Charge>,
    /// What it costs at most; `None` where the answer has no limit, or a token no rate.
    pub at_most: Option<Charge>,
    /// Whether the rates are assumed, the call being outside the card's known dates.
    pub assumed: bool,
}

/// What a model answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Text.
    Text,
    /// Nothing that is charged for: vectors, scores, verdicts.
    Free,
    /// Pictures, sound, films: what they cost is not a matter of tokens of text.
    Other,
}

/// Quotes one call that sends a text: as a message where the model converses, else as it is.
///
/// A token without a rate leaves no charge rather than one too low. The answer at most is charged
/// as output or as reasoning, whichever is dearer: nobody knows what it will be.
///
/// # Errors
/// When a charge is larger than one entry can hold.
pub fn quote(found: &Found, count: &Count, asked: &QuoteTerms<'_>) -> Result<Quote, RatingError> {
    let mode = found.model.mode.as_str();
    let count = if converses(mode) { *count } else { count.unframed() };
    let limits = found.model.limits;
    let output_max = match answer_of(mode) {
        Answer::Text => smaller(asked.output_tokens_max, limits.output_tokens_max),
        Answer::Free => Some(0),
        Answer::Other => None,
    };
    let output_expected = match answer_of(mode) {
        Answer::Text => asked.output_tokens_expected.unwrap_or(OUTPUT_TOKENS_EXPECTED),
        Answer::Free | Answer::Other => 0,
    };
    let mut quote = Quote {
        input_tokens: count.tokens.saturating_add(count.framing_tokens),
        input_tokens_max: count.at_most().saturating_add(count.framing_tokens),
        output_tokens_expected: output_max.map_or(output_expected, |max| max.min(output_expected)),
        output_tokens_max: output_max,
        fits_context: None,
        expected: None,
        at_most: None,
        assumed: false,
    };
    quote.fits_context = limits.input_tokens_max.map(|max| quote.input_tokens <= max);
    let card = found.model.card_at(asked.terms.at).filter(|(card, _)| !card.rules().is_empty());
    let Some((card, assumed)) = card else {
        return Ok(quote);
    };
    quote.assumed = assumed;
    if is_quotable(mode) {
        let output = (Meter::Output, quote.output_tokens_expected);
        quote.expected = whole(card, asked.terms, quote.input_tokens, output)?;
    }
    if let Some(max) = output_max {
        let as_output = whole(card, asked.terms, quote.input_tokens_max, (Meter::Output, max))?;
        let as_reasoning =
            whole(card, asked.terms, quote.input_tokens_max, (Meter::Reasoning, max))?;
        quote.at_most = as_output.zip(as_reasoning).map(|(output, reasoning)| {
            if reasoning.amount > output.amount { reasoning } else { output }
        });
    }
    Ok(quote)
}

/// Whether what a model of this mode answers with is a matter of tokens of text, or free.
#[must_use]
pub fn is_quotable(mode: &str) -> bool {
    answer_of(mode) != Answer::Other
}

fn converses(mode: &str) -> bool {
    matches!(mode, "chat" | "responses")
}

fn answer_of(mode: &str) -> Answer {
    match mode {
        "chat" | "responses" | "completion" => Answer::Text,
        "embedding" | "rerank" | "moderation" => Answer::Free,
        _ => Answer::Other,
    }
}

fn smaller(left: Option<u64>, right: Option<u64>) -> Option<u64> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    }
}

/// The charge for a prompt and an answer, where both have rates.
fn whole(
    card: &RateCard,
    terms: Terms<'_>,
    input_tokens: u64,
    output: (Meter, u64),
) -> Result<Option<Charge>, RatingError> {
    let mut usage = Usage::default();
    for (meter, tokens) in [(Meter::Input, input_tokens), output] {
        usage.add(meter, Quantity::whole(tokens)).map_err(|_| RatingError::TooLarge)?;
    }
    let charge = rating::rate(&usage, card, terms)?;
    Ok(Some(charge).filter(|charge| charge.missing.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::{ModelRef, PriceBook};
    use centime_core::time::Timestamp;
    use centime_tokens::{Method, Vocabulary};

    const BOOK: &str = "\
provider acme
maker

model bare chat

model big chat input_max=1000 output_max=4000
 from 2020-01-01 exact test
  input 10/1M
  input 20/1M above=500
  output 40/1M
  output 20/1M tier=batch

model deaf chat
 from 2020-01-01 exact test
  output 40/1M

model open completion
 from 2020-01-01 exact test
  input 10/1M
  output 40/1M

model painter image_generation
 from 2020-01-01 exact test
  input 10/1M

model thinker chat output_max=1000
 from 2020-01-01 exact test
  input 10/1M
  output 40/1M
  reasoning 60/1M

model vectors embedding input_max=100
 from 2020-01-01 exact test
  input 10/1M
";

    fn counted(tokens: u64, margin_percent: u64) -> Count {
        let method = match margin_percent {
            0 => Method::Exact { vocabulary: Vocabulary::O200kBase },
            _ => Method::Approximate { margin_percent, basis: "a test" },
        };
        Count { tokens, framing_tokens: 10, method }
    }

    fn asked(expected: Option<u64>, max: Option<u64>) -> QuoteTerms<'static> {
        let at: Timestamp = "2026-11-01".parse().unwrap();
        QuoteTerms {
            terms: Terms::at(at),
            output_tokens_expected: expected,
            output_tokens_max: max,
        }
    }

    fn quoted(model: &str, count: &Count, asked: &QuoteTerms<'_>) -> Quote {
        let book = PriceBook::from_texts("test", [BOOK]).unwrap();
        let found = book.resolve(ModelRef { provider: None, model }).unwrap();
        quote(&found, count, asked).unwrap()
    }

    #[test]
    fn a_quote_is_what_is_expected_and_what_it_can_come_to() {
        // model, tokens, margin, output expected, output max; then input, its most, output, its
        // most, cost, cost at most, whether it fits
        for (model, given, tokens, costs, fits) in [
            ("big", (90, 0, None, None), (100, 100, 500, Some(4000)), ("0.021", "0.161"), "yes"),
            ("big", (90, 0, None, Some(50)), (100, 100, 50, Some(50)), ("0.003", "0.003"), "yes"),
            ("big", (90, 0, Some(9), None), (100, 100, 9, Some(4000)), ("0.00136", "0.161"), "yes"),
            (
                "big",
                (90, 0, Some(9000), None),
                (100, 100, 4000, Some(4000)),
                ("0.161", "0.161"),
                "yes",
            ),
            (
                "big",
                (90, 0, None, Some(9000)),
                (100, 100, 500, Some(4000)),
                ("0.021", "0.161"),
                "yes",
            ),
            // The margin may cross the threshold of a dearer rate.
            (
                "big",
                (490, 20, None, None),
                (500, 598, 500, Some(4000)),
                ("0.025", "0.17196"),
                "yes",
            ),
            (
                "big",
                (991, 0, None, None),
                (1001, 1001, 500, Some(4000)),
                ("0.04002", "0.18002"),
                "no",
            ),
            ("open", (90, 0, None, None), (90, 90, 500, None), ("0.0209", "none"), "unknown"),
            (
                "open",
                (90, 0, None, Some(60)),
                (90, 90, 60, Some(60)),
                ("0.0033", "0.0033"),
                "unknown",
            ),
            (
                "thinker",
                (90, 0, None, None),
                (100, 100, 500, Some(1000)),
                ("0.021", "0.061"),
                "unknown",
            ),
            (
                "vectors",
                (90, 0, Some(7), Some(8)),
                (90, 90, 0, Some(0)),
                ("0.0009", "0.0009"),
                "yes",
            ),
            ("painter", (90, 0, Some(7), Some(8)), (90, 90, 0, None), ("none", "none"), "unknown"),
            ("deaf", (90, 0, None, Some(8)), (100, 100, 8, Some(8)), ("none", "none"), "unknown"),
            ("bare", (90, 0, None, Some(8)), (100, 100, 8, Some(8)), ("none", "none"), "unknown"),
        ] {
            let (count, margin, expected, max) = given;
            let quote = quoted(model, &counted(count, margin), &asked(expected, max));
            let found = (
                quote.input_tokens,
                quote.input_tokens_max,
                quote.output_tokens_expected,
                quote.output_tokens_max,
            );
            assert_eq!(found, tokens, "{model} {given:?}");
            let cost = |charge: &Option<Charge>| {
                charge.as_ref().map_or("none".to_owned(), |charge| charge.amount.to_string())
            };
            let found = (cost(&quote.expected), cost(&quote.at_most));
            assert_eq!((found.0.as_str(), found.1.as_str()), costs, "{model} {given:?}");
            let found = match quote.fits_context {
                Some(true) => "yes",
                Some(false) => "no",
                None => "unknown",
            };
            assert_eq!(found, fits, "{model} {given:?}");
        }
    }

    #[test]
    fn a_quote_knows_tiers_and_dates() {
        let terms = asked(None, Some(1000));
        let batch = Terms { tier: centime_core::price::ServiceTier::Batch, ..terms.terms };
        let cheap = quoted("big", &counted(90, 0), &QuoteTerms { terms: batch, ..terms });
        assert_eq!(cheap.at_most.unwrap().amount.to_string(), "0.021");
        let before = Terms::at("2019-01-01".parse().unwrap());
        let early = quoted("big", &counted(90, 0), &QuoteTerms { terms: before, ..terms });
        assert!(early.assumed && early.expected.is_some());
    }

    #[test]
    fn a_charge_beyond_the_largest_is_an_error() {
        let book = PriceBook::from_texts("test", [BOOK]).unwrap();
        let found = book.resolve(ModelRef { provider: None, model: "big" }).unwrap();
        for tokens in [u64::MAX, u64::MAX / 2] {
            assert!(quote(&found, &counted(tokens, 40), &asked(None, None)).is_err());
        }
    }
}
