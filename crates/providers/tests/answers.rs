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
    ("ai21", "input=107 output=5"),
    ("alibaba_native", "input=33 input_image=1247 output=20 reasoning=64"),
    ("alibaba_cached", "input=459 cache_read=2048 cache_write_5m=512 output=104"),
    ("alibaba_compatible", "input=10 cache_write_5m=1648 output=9"),
    ("alibaba_image", "images=2"),
    ("alibaba_film", "output_seconds=10"),
    ("alibaba_speech", "characters=18"),
    ("anthropic_thinking", "input=40 output=20 reasoning=100"),
    ("anthropic_compaction", "input=203000 output=4500"),
    ("anthropic_fetch", "input=25039 output=931 web_search=1"),
    ("assemblyai", "input_seconds=281"),
    ("azure_openai", "input=158 cache_read=1408 output=10"),
    ("bedrock_anthropic", "input=12 cache_read=1024 output=8"),
    ("bedrock_stream_end", "input=9 cache_read=100 cache_write_5m=50 output=12"),
    ("bedrock_titan", "input=5 output=55"),
    ("bedrock_titan_stream", "input=5 output=128"),
    ("bedrock_titan_embedding", "input=8"),
    ("bedrock_llama", "input=25 output=11"),
    ("bedrock_nova", "input=18 cache_read=200 output=33"),
    ("bedrock_mistral", "input=11 output=9"),
    ("bedrock_images", "images=2"),
    ("cloudflare", "input=26 output=4"),
    ("cohere_chat", "cache_read=5 output=418"),
    ("cohere_chat_stream_end", "input=17 output=12"),
    ("cohere_chat_1", "input=7 output=30 searches=1"),
    ("cohere_embed", "input=2 input_images=1"),
    ("cohere_embed_image_tokens", "input=3 input_image=1536"),
    ("cohere_rerank", "searches=1"),
    ("cohere_classify", "classifications=3"),
    ("databricks", "input=50 cache_read=1000 cache_write_5m=50 output=30"),
    ("deepgram", "input_seconds=51.866626"),
    ("deepinfra", "input=15 output=16"),
    ("fireworks", "input=26 cache_read=1984 output=30"),
    ("gemini_maps", "input=91 output=180 maps_search=1"),
    ("gemini_python_grounded", "input=10 output=7 web_search=2"),
    ("gemini_embedding", "input=9"),
    ("gemini_live", "input=20 input_audio=100 output_audio=60"),
    ("groq", "input=46 output=21"),
    ("groq_stream_end", "input=16 cache_read=64 output=20 reasoning=30"),
    ("images_fal", "images=1"),
    ("images_stability", "images=1"),
    ("images_together", "images=2"),
    ("jina_embeddings", "input=6"),
    ("jina_rerank", "input=815"),
    ("minimax", "input=26 output=9 reasoning=214"),
    ("minimax_speech", "characters=101"),
    ("mistral", "input=64 cache_read=1536 output=34"),
    ("mistral_conversation", "input=7300 output=55 web_search=1"),
    ("mistral_ocr", "pages=29"),
    ("mistral_ocr_annotated", "annotated_pages=8"),
    ("mistral_transcription", "input=4 output=635 input_seconds=203"),
    ("moonshot", "input=9 cache_read=10 output=21"),
    ("ollama_chat", "input=26 output=282"),
    ("ollama_generate_stream", "input=26 output=290"),
    ("ollama_embed", "input=8"),
    ("openai_image_dalle", "images=2"),
    ("openai_image_split", "input=28 output=16 output_image=1056"),
    ("openai_responses_image", "input=300 output=40 images=1"),
    ("openai_moderation", ""),
    ("openai_video", "output_seconds=8"),
    ("openai_whisper", "input_seconds=8.470000267029"),
    ("openai_realtime_transcription", "input=10 input_audio=28 output=10"),
    ("openrouter_byok", "input=100 output=10"),
    ("perplexity_sonar", "input=14 output=300 web_search=1"),
    ("perplexity_sonar_unsearched", "input=14 output=3"),
    ("perplexity_responses", "input=2657 cache_read=1024 output=780 web_search=2"),
    ("replicate_seconds", "seconds=3.742916"),
    ("replicate_tokens", "input=25 output=139"),
    ("together", "input=31 output=7"),
    ("vertex_embeddings", "input=10"),
    ("vertex_embeddings_characters", "characters=40"),
    ("vertex_images", "images=2"),
    ("voyage_multimodal", "input=5 input_pixels=2000000"),
    ("watsonx", "input=12 output=4"),
    ("watsonx_embeddings", "input=10"),
    ("xai_images", "images=1"),
    ("xai_live_search", "input=40 output=20 web_search=6"),
    ("xai_responses", "input=388 cache_read=512 output=50 reasoning=150 web_search=3"),
    ("xai_voice", "input_seconds=7.5 messages=1"),
    ("zhipu", "input=100 cache_read=1100 output=50 reasoning=250"),
    (
        "gemini_interaction",
        "input=400 cache_read=600 input_image=300 output=30 reasoning=200 web_search=2",
    ),
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
fn what_was_chosen_is_kept() {
    for (name, expected) in [
        ("openai_video", "resolution=720p"),
        ("openai_image_split", "size=1024x1024 quality=high"),
        ("perplexity_sonar", "search_context=low"),
        ("openai_chat", ""),
    ] {
        let options = read_answer(&fixture(name)).unwrap().options;
        assert_eq!(options.to_string(), expected, "{name}");
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
        ("alibaba_native", "", "902fee3b", "", "", false, ""),
        ("assemblyai", "universal", "9ea68fd3", "", "", false, ""),
        ("cohere_chat_1", "", "g1", "", "", false, ""),
        ("deepgram", "", "2479c8c8", "", "", false, ""),
        (
            "deepinfra",
            "meta-llama/Llama-3.3-70B-Instruct",
            "chatcmpl-di",
            "",
            "",
            false,
            "0.0000268",
        ),
        ("gemini_python_grounded", "gemini-3-flash-preview", "p2", "", "", false, ""),
        ("groq_stream_end", "openai/gpt-oss-120b", "req_2", "", "", false, ""),
        ("openrouter_byok", "openai/gpt-5", "gen-2", "", "", false, "0.00023625"),
        ("ollama_chat", "llama3.2", "", "", "", false, ""),
        ("perplexity_responses", "openai/gpt-5.1", "resp_p", "", "", false, "0.0224"),
        ("watsonx", "ibm/granite-3-8b-instruct", "", "", "", false, ""),
        ("xai_responses", "grok-4-1-fast", "x3", "", "", false, "0.01875"),
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
