//! Whole answers in the providers' documented shapes, and what they mean.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use std::fs;
use std::path::Path;

use centime_core::entry::Status;
use centime_providers::{Metered, read_answer};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.json"));
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn meters(metered: &Metered) -> String {
    let meters = metered.usage.meters().iter();
    let words: Vec<_> = meters.map(|(meter, quantity)| format!("{meter}={quantity}")).collect();
    words.join(" ")
}

/// The fixture, and its meters.
const METERS: &[(&str, &str)] = &[
    ("openai_chat", "input=200 cache_read=1000 output=58 reasoning=192"),
    ("openai_chat_audio", "input=17 input_audio=102 output=20 output_audio=64"),
    // 1408 + 765 do not fit into 1500: at least 673 tokens of the image were cached.
    ("openai_chat_cached_image", "cache_read=735 cache_read_image=673 input_image=92 output=20"),
    ("openai_completion", "input=5 output=7"),
    ("openai_embeddings", "input=8"),
    ("openai_zero", ""),
    ("openai_error", ""),
    ("openai_batch_line", "input=22 output=2"),
    (
        "openai_responses",
        "input=500 cache_read=1500 output=172 reasoning=128 web_search=2 file_search=1 code_session=1",
    ),
    ("openai_responses_counted", "input=10 output=5 web_search=3"),
    (
        "openai_realtime",
        "input=63 cache_read=56 input_audio=5 cache_read_audio=8 output=30 output_audio=91",
    ),
    ("openai_image", "input=10 input_image=40 output_image=4160"),
    ("openai_transcription", "input_audio=14 output=45"),
    ("openai_transcription_seconds", "input_seconds=9.47"),
    ("voyage_embeddings", "input=10"),
    ("deepseek", "input=40 cache_read=960 output=10"),
    ("deepseek_split", "input=40 cache_read=960 output=10"),
    ("xai", "input=26 cache_read=6 output=9 reasoning=94"),
    ("gemini_openai", "input=9 output=12 reasoning=100"),
    ("perplexity", "input=33 output=7163 reasoning=73997 citation=20016 web_search=18"),
    ("openrouter", "input=94 cache_write_5m=100 output=2 web_search=1"),
    (
        "anthropic",
        "input=50 cache_read=100000 cache_write_5m=148 cache_write_1h=100 output=503 web_search=2",
    ),
    ("anthropic_empty_split", "input=3 cache_write_5m=1000 output=7"),
    ("anthropic_fast", "input=3 cache_write_5m=6 cache_write_1h=4 output=7"),
    ("anthropic_plain", "input=12 output=6"),
    ("anthropic_message_start", "input=25 cache_read=5 output=1"),
    ("anthropic_message_delta", "output=15"),
    ("anthropic_batch_line", "input=10 output=34"),
    ("anthropic_error", ""),
    ("gemini", "input=420 cache_read=600 output=40 reasoning=200"),
    (
        "gemini_modalities",
        "input=600 input_audio=400 cache_read_audio=300 input_image=500 cache_read_video=600 \
         output=10 output_image=1290",
    ),
    ("gemini_kinds_without_cached", "input=200 input_audio=500 cache_read_audio=300 output=5"),
    ("gemini_thoughts_among", "input=10 output=40 reasoning=60"),
    ("gemini_stream", "input=10 output=7"),
    ("gemini_grounded_2", "input=10 output=7 web_search=1"),
    ("gemini_grounded_3", "input=10 output=7 web_search=2"),
    ("gemini_python", "input=10 output=7 reasoning=3"),
    ("gemini_error", ""),
    ("bedrock", "input=20 cache_read=800 cache_write_5m=200 cache_write_1h=100 output=9"),
];

#[test]
fn every_answer_has_its_meters() {
    for (name, expected) in METERS {
        let metered = read_answer(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut expected: Vec<_> = expected.split_whitespace().collect();
        let found = meters(&metered);
        let mut found: Vec<_> = found.split_whitespace().collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_fixture_is_in_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for file in fs::read_dir(folder).unwrap() {
        let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(METERS.iter().any(|(known, _)| *known == name), "{name}");
    }
}

#[test]
fn what_names_and_prices_the_answer_is_kept() {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    for (name, model, id, tier, region, batch, cost) in [
        ("openai_chat", "gpt-5-2025-08-07", "chatcmpl-CQ2x7Yb1", "flex", "", false, ""),
        ("openai_batch_line", "gpt-4o-mini-2024-07-18", "chatcmpl-b", "", "", true, ""),
        ("openai_responses", "gpt-5-2025-08-07", "resp_68af", "default", "", false, ""),
        ("openai_responses_counted", "gpt-5-mini", "resp_2", "priority", "", false, ""),
        ("xai", "grok-4-0709", "a3d1008e", "", "", false, "0.0037756"),
        ("perplexity", "sonar-deep-research", "f1c2", "", "", false, "0.409"),
        ("openrouter", "anthropic/claude-sonnet-4.5", "gen-1", "", "", false, "0.000095"),
        (
            "anthropic",
            "claude-sonnet-4-5-20250929",
            "msg_01XFDUDYJgAACzvnptvVoYEL",
            "standard",
            "us",
            false,
            "",
        ),
        ("anthropic_empty_split", "claude-haiku-4-5", "msg_2", "batch", "", true, ""),
        ("anthropic_fast", "claude-opus-4-6", "msg_3", "fast", "", false, ""),
        ("anthropic_batch_line", "claude-sonnet-4-5-20250929", "msg_6", "", "", true, ""),
        ("gemini", "gemini-2.5-pro", "x1", "on_demand", "", false, ""),
        ("gemini_modalities", "gemini-2.5-flash-image", "", "flex", "", false, ""),
        ("gemini_python", "gemini-2.5-flash", "p1", "", "", false, ""),
        ("bedrock", "", "", "flex", "", false, ""),
    ] {
        let metered = read_answer(&fixture(name)).unwrap();
        let cost = (!cost.is_empty()).then(|| cost.parse().unwrap());
        assert_eq!(text(&metered.model), model, "{name}");
        assert_eq!(text(&metered.response_id), id, "{name}");
        assert_eq!(text(&metered.service_tier), tier, "{name}");
        assert_eq!(text(&metered.region), region, "{name}");
        assert_eq!(metered.batch, batch, "{name}");
        assert_eq!(metered.reported_cost, cost, "{name}");
        assert_eq!(metered.status, Status::Ok, "{name}");
    }
    let limit = read_answer(&fixture("openai_responses")).unwrap().output_limit_tokens;
    assert_eq!(limit, Some(2048));
}

#[test]
fn an_error_without_usage_is_a_call_that_used_nothing() {
    for name in ["openai_error", "anthropic_error", "gemini_error"] {
        let metered = read_answer(&fixture(name)).unwrap();
        assert_eq!(metered.status, Status::Error, "{name}");
    }
}
