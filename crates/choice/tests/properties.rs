//! What holds of every choice, whatever is asked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what failed by panicking")]

use centime_choice::{Ask, Catalogue, Features, Kind, NoModel, Offer, Qualities};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity};
use centime_core::price::PriceBook;
use centime_core::rating::{Terms, rate};
use centime_core::score::Score;
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use proptest::prelude::*;
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let book = centime_prices::embedded().unwrap();
    Catalogue::of(&book, &Qualities::embedded().unwrap(), |_| true)
});

fn now() -> Timestamp {
    "2026-11-22".parse().unwrap()
}

fn offer<'a>(provider: &str, model: &str) -> &'a Offer {
    let is_it = |offer: &&Offer| offer.provider == provider && offer.model.name == model;
    CATALOGUE.offers().iter().find(is_it).unwrap()
}

/// What core rates a call of so many tokens at.
fn rated(offer: &Offer, input_tokens: u64, output: Meter, output_tokens: u64) -> PicoUsd {
    let mut usage = Usage::default();
    usage.add(Meter::Input, Quantity::whole(input_tokens)).unwrap();
    usage.add(output, Quantity::whole(output_tokens)).unwrap();
    let (card, _) = offer.model.card_at(now()).unwrap();
    let charge = rate(&usage, card, Terms::at(now())).unwrap();
    assert!(charge.missing.is_empty());
    charge.amount
}

fn tasks() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{1,40}",
        Just("Analyze this critical contract".to_owned()),
        Just("Translate 東京は晴れです into English".to_owned()),
        Just("Quick summary".to_owned()),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Every candidate is on sale, takes the prompt and the answer, and costs at its worst no more than the
    /// budget; both costs are those of core; and the first of them is the one chosen.
    #[test]
    fn every_candidate_fits(
        task in tasks(),
        input_tokens in proptest::option::of(0_u64..3_000_000),
        output_tokens_max in proptest::option::of(1_u64..200_000),
        budget in proptest::option::of(0_i64..2_000_000_000_000),
        kind in proptest::option::of(0..Kind::ALL.len()),
        needed in proptest::option::of(0_u32..=1_000_000),
        limits_output in any::<bool>(),
    ) {
        let ask = Ask {
            input_tokens,
            output_tokens_max,
            budget: budget.map(PicoUsd::from_pico),
            kind: kind.map(|index| Kind::ALL[index]),
            quality_min: needed.and_then(Score::from_millionths),
            limits_output,
            ..Ask::new(&task, now())
        };
        let choice = match CATALOGUE.choose(&ask, |_| true) {
            Ok(choice) => choice,
            Err(NoModel::NoneFits { .. }) => {
                // Only what no window holds.
                prop_assert!(input_tokens.unwrap_or(0) > 100_000 || output_tokens_max.is_some());
                return Ok(());
            }
            Err(NoModel::NoneOffered) => panic!("there are models"),
        };
        prop_assert_eq!(choice.fits, !choice.candidates.is_empty());
        for (place, candidate) in choice.candidates.iter().enumerate() {
            let offer = offer(&candidate.provider, &candidate.model);
            prop_assert!(offer.is_sold(now()));
            let limits = offer.model.limits;
            prop_assert!(limits.input_tokens_max.is_none_or(|max| candidate.input_tokens_max <= max));
            let expected = choice.task.kind.output_tokens_expected();
            let expected = output_tokens_max.map_or(expected, |max| max.min(expected));
            prop_assert!(limits.output_tokens_max.is_none_or(|max| expected <= max));
            if place < 20 || place % 50 == 0 {
                let cost = rated(offer, candidate.input_tokens, Meter::Output, expected);
                prop_assert_eq!(candidate.estimated_cost, cost);
                let most = match (output_tokens_max, limits_output) {
                    (Some(said), _) => Some(said),
                    (None, true) => limits.output_tokens_max.map(|own| own.min(2 * expected)).or(Some(2 * expected)),
                    (None, false) => limits.output_tokens_max,
                };
                let worst = most.map(|most| {
                    let of = |meter| rated(offer, candidate.input_tokens_max, meter, most);
                    of(Meter::Output).max(of(Meter::Reasoning))
                });
                prop_assert_eq!(candidate.worst_cost, worst);
            }
            if let Some(budget) = ask.budget {
                prop_assert!(candidate.worst_cost.is_some_and(|worst| worst <= budget));
                prop_assert!(candidate.estimated_cost <= budget);
            }
        }
        if let Some(first) = choice.candidates.first() {
            prop_assert_eq!(&choice.chosen, first);
            let needed = choice.task.needed;
            let good: Vec<_> = choice.candidates.iter().filter(|it| it.quality >= needed).collect();
            match good.iter().map(|it| it.estimated_cost).min() {
                Some(cheapest) => prop_assert_eq!(choice.chosen.estimated_cost, cheapest),
                None => {
                    let best = choice.candidates.iter().map(|it| it.quality).max();
                    prop_assert_eq!(Some(choice.chosen.quality), best);
                }
            }
        }
    }
}

#[test]
fn what_is_chosen_from_converses_in_text_and_is_sold() {
    let is_there = |provider: &str, model: &str| {
        CATALOGUE.offers().iter().any(|it| it.provider == provider && it.model.name == model)
    };
    for (provider, model) in
        [("openai", "gpt-5"), ("anthropic", "claude-opus-4-6"), ("gemini", "gemini-2.5-pro")]
    {
        assert!(is_there(provider, model), "{model}");
    }
    for (provider, model) in [
        ("openai", "text-embedding-3-small"),
        ("openai", "dall-e-3"),
        ("openai", "gpt-audio"),
        ("openai", "whisper-1"),
        ("openai", "moderation"),
        ("openai", "davinci"),
        ("openai", "gpt-oss-120b"),
        ("openai", "ft:gpt-4o-2024-08-06"),
        ("cohere", "rerank-v3.5"),
    ] {
        assert!(!is_there(provider, model), "{model}");
    }
    let choice = CATALOGUE.choose(&Ask::new("hello", now()), |_| true).unwrap();
    for candidate in &choice.candidates {
        let until = offer(&candidate.provider, &candidate.model).model.until;
        assert!(until.is_none_or(|until| now() < until), "{}", candidate.model);
    }
    assert!(choice.candidates.len() > 1000);
}

#[test]
fn models_that_everybody_knows_are_in_their_order() {
    let quality =
        |provider: &str, model: &str, kind: Kind| offer(provider, model).quality.at(kind).0;
    for kind in Kind::ALL {
        let of = |provider: &str, model: &str| quality(provider, model, *kind);
        assert!(of("anthropic", "claude-opus-4-6") > of("anthropic", "claude-haiku-4-5"), "{kind}");
        assert!(of("openai", "gpt-5") > of("openai", "gpt-5-nano"), "{kind}");
        assert!(of("openai", "gpt-4.1") > of("openai", "gpt-4o-mini"), "{kind}");
        assert!(of("gemini", "gemini-2.5-pro") > of("gemini", "gemini-2.5-flash-lite"), "{kind}");
    }
}

#[test]
fn what_is_asked_of_a_model_beside_text_is_kept_apart() {
    let text = Features::NONE;
    let images = Features { vision: true, ..text };
    assert!(images.have(text) && !text.have(images) && images.have(images));
    let ask = Ask { features: images, ..Ask::new("What is in this picture?", now()) };
    let choice = CATALOGUE.choose(&ask, |_| true).unwrap();
    for candidate in &choice.candidates {
        let features = offer(&candidate.provider, &candidate.model).features;
        assert!(features.is_none_or(|features| features.vision), "{}", candidate.model);
    }
}

#[test]
fn a_book_without_models_has_nothing_to_choose_from() {
    let book = PriceBook::from_texts("test", ["provider a\n"]).unwrap();
    let empty = Catalogue::of(&book, &Qualities::embedded().unwrap(), |_| true);
    let chosen = empty.choose(&Ask::new("hi", now()), |_| true);
    assert_eq!(chosen, Err(NoModel::NoneOffered));
}
