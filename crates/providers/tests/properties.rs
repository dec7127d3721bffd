//! What holds for every usage: its token meters add up to the provider's totals, and no text,
//! however damaged, stops the reader.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use std::fs;
use std::path::Path;

use centime_core::meter::Meter;
use centime_providers::event::{Constants, read_event};
use centime_providers::{Metered, read_answer, read_usage};
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn sides(metered: &Metered) -> (i64, i64) {
    let usage = &metered.usage;
    (usage.input_tokens().as_whole().unwrap(), usage.output_tokens().as_whole().unwrap())
}

/// Up to three parts that fit together into a whole.
fn whole_and_parts() -> impl Strategy<Value = (i64, [i64; 3])> {
    prop::array::uniform4(0_i64..1_000_000)
        .prop_map(|[rest, one, two, three]| (rest + one + two + three, [one, two, three]))
}

proptest! {
    #[test]
    fn openai_adds_up((prompt, [cached, audio, written]) in whole_and_parts(),
                      (completion, [reasoning, spoken, _]) in whole_and_parts()) {
        let total = prompt + completion;
        let metered = read_usage(&format!(
            r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total},
                "prompt_tokens_details":{{"cached_tokens":{cached},"audio_tokens":{audio},"cache_write_tokens":{written}}},
                "completion_tokens_details":{{"reasoning_tokens":{reasoning},"audio_tokens":{spoken}}}}}"#
        )).unwrap();
        prop_assert_eq!(sides(&metered), (prompt, completion));
        prop_assert_eq!(metered.usage.quantity(Meter::CacheRead).as_whole(), Some(cached));
        prop_assert_eq!(metered.usage.quantity(Meter::Reasoning).as_whole(), Some(reasoning));
    }

    #[test]
    fn openai_adds_up_even_where_kinds_and_cache_overlap(
        prompt in 0_i64..10_000, cached in 0_i64..10_000, image in 0_i64..10_000) {
        let metered = read_usage(&format!(
            r#"{{"prompt_tokens":{prompt},"prompt_tokens_details":{{"cached_tokens":{cached},"image_tokens":{image}}}}}"#
        ));
        match metered {
            Ok(metered) => prop_assert_eq!(sides(&metered), (prompt, 0)),
            Err(_) => prop_assert!(cached > prompt || image > prompt),
        }
    }

    #[test]
    fn reasoning_beside_the_completion_is_in_the_total(prompt in 0_i64..9999, completion in 0_i64..9999, reasoning in 1_i64..9999) {
        let total = prompt + completion + reasoning;
        let metered = read_usage(&format!(
            r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total},
                "completion_tokens_details":{{"reasoning_tokens":{reasoning}}}}}"#
        )).unwrap();
        prop_assert_eq!(sides(&metered), (prompt, completion + reasoning));
    }

    #[test]
    fn anthropic_adds_up(input in 0_i64..1_000_000, read in 0_i64..1_000_000, output in 0_i64..1_000_000,
                         (written, [short, long, _]) in whole_and_parts()) {
        let metered = read_usage(&format!(
            r#"{{"input_tokens":{input},"cache_read_input_tokens":{read},"cache_creation_input_tokens":{written},
                "cache_creation":{{"ephemeral_5m_input_tokens":{short},"ephemeral_1h_input_tokens":{long}}},"output_tokens":{output}}}"#
        )).unwrap();
        prop_assert_eq!(sides(&metered), (input + read + written, output));
        prop_assert_eq!(metered.usage.quantity(Meter::CacheWrite1h).as_whole(), Some(long));
    }

    #[test]
    fn gemini_adds_up((text, [audio, image, video]) in whole_and_parts(), tools in 0_i64..9999,
                      cached in prop::array::uniform3(0_i64..=100), candidates in 0_i64..9999, thoughts in 0_i64..9999) {
        let part = |all: i64, percent: i64| all * percent / 100;
        let (cached_audio, cached_image, cached_video) = (part(audio, cached[0]), part(image, cached[1]), part(video, cached[2]));
        let cached = cached_audio + cached_image + cached_video;
        let total = text + tools + candidates + thoughts;
        let metered = read_usage(&format!(
            r#"{{"promptTokenCount":{text},"cachedContentTokenCount":{cached},"candidatesTokenCount":{candidates},
                "thoughtsTokenCount":{thoughts},"toolUsePromptTokenCount":{tools},"totalTokenCount":{total},
                "promptTokensDetails":[{{"modality":"AUDIO","tokenCount":{audio}}},{{"modality":"IMAGE","tokenCount":{image}}},{{"modality":"VIDEO","tokenCount":{video}}}],
                "cacheTokensDetails":[{{"modality":"AUDIO","tokenCount":{cached_audio}}},{{"modality":"IMAGE","tokenCount":{cached_image}}},{{"modality":"VIDEO","tokenCount":{cached_video}}}]}}"#
        )).unwrap();
        prop_assert_eq!(sides(&metered), (text + tools, candidates + thoughts));
        prop_assert_eq!(metered.usage.quantity(Meter::CacheReadVideo).as_whole(), Some(cached_video));
    }
}

fn fixtures() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// One damage of a text: characters taken out, doubled, or replaced by others that JSON knows.
#[derive(Debug, Clone)]
struct Damage {
    at: prop::sample::Index,
    length: usize,
    put: &'static str,
}

fn damage() -> impl Strategy<Value = Damage> {
    let put = prop::sample::select(vec![
        "",
        "-",
        "1e999",
        "null",
        "{}",
        "[]",
        "\"",
        "\\",
        "{\"usage\":",
        "\u{0}",
        "0.5",
        "-0",
        ",",
        "}",
        "é",
        "99999999999999999999",
        "\"usage\":{},",
        "18446744073709551616",
    ]);
    (any::<prop::sample::Index>(), 0_usize..12, put).prop_map(|(at, length, put)| Damage {
        at,
        length,
        put,
    })
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for damage in damages {
        let start = damage.at.index(letters.len() + 1);
        let end = (start + damage.length).min(letters.len());
        letters.splice(start..end, damage.put.chars());
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn damage_never_stops_the_reader(which in any::<prop::sample::Index>(), damages in prop::collection::vec(damage(), 1..4)) {
        let fixtures = fixtures();
        let answer = damaged(&fixtures[which.index(fixtures.len())], &damages);
        if let Ok(metered) = read_answer(&answer) {
            prop_assert!(metered.usage.meters().iter().all(|(_, quantity)| !quantity.is_negative()));
        }
        let _ = read_usage(&answer);
        let event = format!(r#"{{"model":"m","tags":{{"a":"b"}},"response":{answer}}}"#);
        let _ = read_event(&damaged(&event, &damages), &Constants::default(), &TimeZone::UTC);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        let _ = read_answer(&text);
        let _ = read_usage(&text);
        let _ = read_event(&text, &Constants::default(), &TimeZone::UTC);
    }
}
