//! What a call used that its provider did not say: counted, and marked as such.

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::usage::Usage;
use centime_providers::wire::{self, Audio, Endpoint};

use super::settle::Attempt;
use crate::pricer::Pricer;

/// The usage of an attempt whose answer was cut or said nothing of it: what the provider did say,
/// and where that is less than was seen, what was seen.
///
/// The prompt is counted from the texts of the request, an answer from what came of it; what was not
/// kept of a very long one is taken to be like the rest.
pub(super) fn usage(
    pricer: &mut Pricer,
    attempt: &Attempt,
    reported: &Usage,
    seen: &str,
    unseen_bytes: u64,
) -> Usage {
    let mut usage = reported.clone();
    let (provider, model) = (attempt.provider.name.as_str(), attempt.intent.model.as_str());
    if attempt.endpoint == Endpoint::Images {
        raise(&mut usage, Meter::Images, Quantity::ZERO, attempt.answers.unwrap_or(1));
        return usage;
    }
    if attempt.endpoint == Endpoint::Audio(Audio::Speech) && is_by_character(pricer, attempt) {
        let characters = wire::spoken_characters(&attempt.request);
        raise(&mut usage, Meter::Characters, Quantity::ZERO, characters);
        return usage;
    }
    if usage.input_tokens().is_zero() {
        let prompt = wire::prompt_text(&attempt.request);
        let count = centime_tokens::count(provider, model, &prompt);
        let tokens = count.tokens.saturating_add(count.framing_tokens);
        raise(&mut usage, Meter::Input, Quantity::ZERO, tokens);
    }
    if !seen.is_empty() {
        let count = centime_tokens::count(provider, model, seen);
        let said = usage.output_tokens();
        raise(&mut usage, Meter::Output, said, whole(count.tokens, seen.len(), unseen_bytes));
    }
    usage
}

/// Whether what is charged for is the characters of the text, not its tokens.
fn is_by_character(pricer: &mut Pricer, attempt: &Attempt) -> bool {
    let Ok(found) = pricer.resolve(Some(&attempt.provider.name), &attempt.intent.model) else {
        return false;
    };
    let card = found.model.card_at(attempt.intent.at);
    card.is_some_and(|(card, _)| card.rules().iter().any(|rule| rule.meter == Meter::Characters))
}

/// Adds to a meter what a count is above what was said.
fn raise(usage: &mut Usage, meter: Meter, said: Quantity, count: u64) {
    if let Some(more) = Quantity::whole(count).checked_sub(said)
        && !more.is_negative()
    {
        // A count of a text that was held in memory fits every meter.
        let _ = usage.add(meter, more);
    }
}

/// The tokens of a text of which only a beginning was counted.
fn whole(tokens: u64, counted_bytes: usize, unseen_bytes: u64) -> u64 {
    let counted_bytes = u128::try_from(counted_bytes).unwrap_or(u128::MAX).max(1);
    let all_bytes = counted_bytes.saturating_add(u128::from(unseen_bytes));
    let tokens = u128::from(tokens).saturating_mul(all_bytes) / counted_bytes;
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    use bytes::Bytes;
    use centime_core::attribution::Attribution;
    use centime_core::entry::Uid;
    use centime_core::price::PriceBook;
    use centime_providers::wire::Wire;

    use super::super::provider::Provider;
    use super::super::record::Intent;
    use super::*;

    const BOOK: &str = "\
provider openai
model by-character audio_speech
 from 2024-01-01 exact test
  characters 0.000015
model by-token audio_speech
 from 2024-01-01 exact test
  input 0.6/1M
";

    fn speech(model: &str) -> Attempt {
        Attempt {
            intent: Intent {
                uid: Uid([0; 16]),
                at: "2026-11-01T12:00:00Z".parse().unwrap(),
                provider: "openai".to_owned(),
                model: model.to_owned(),
                attribution: Attribution::default(),
            },
            provider: Arc::new(Provider {
                name: "openai".to_owned(),
                wire: Wire::OpenAi,
                base: "http://127.0.0.1:1/v1".parse().unwrap(),
                headers: Vec::new(),
                has_key: true,
                needs_key: true,
                tells_usage: true,
            }),
            endpoint: Endpoint::Audio(Audio::Speech),
            request: Bytes::from_static(br#"{"input":"Bonjour","voice":"alloy"}"#),
            service_tier: None,
            output_limit_tokens: None,
            answers: None,
            begun: Instant::now(),
            prepared_in: Duration::ZERO,
        }
    }

    #[test]
    fn speech_is_counted_as_its_model_charges_for_it() {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        for (model, meter) in [
            ("by-character", Meter::Characters),
            ("by-token", Meter::Input),
            ("that-nobody-knows", Meter::Input),
        ] {
            let usage = usage(&mut pricer, &speech(model), &Usage::default(), "", 0);
            let meters: Vec<Meter> = usage.meters().iter().map(|(meter, _)| *meter).collect();
            assert_eq!(meters, [meter], "{model}");
        }
        let usage = usage(&mut pricer, &speech("by-character"), &Usage::default(), "", 0);
        assert_eq!(usage.quantity(Meter::Characters), Quantity::whole(7));
    }
}
