//! Canned answers: made once, sent to all.

use std::time::{Duration, Instant};

use centime_providers::{StreamMeter, read_answer};
use centime_testkit::{Config, Mode, Pace};
use serde_json::json;

use crate::client::{post, start};

fn canned() -> Config {
    Config { mode: Mode::Canned, text_tokens: 30..=30, ..Config::default() }
}

#[tokio::test]
async fn canned_answers_are_counted_as_they_say() {
    let provider = start(canned());
    let mut expected = 0;
    for (path, model) in [
        ("/v1/chat/completions", "gpt-4o"),
        ("/v1/responses", "gpt-4o"),
        ("/v1/messages", "claude-sonnet-4-5"),
        ("/v1/embeddings", "text-embedding-3-small"),
        ("/v1beta/models/gemini-2.0-flash:generateContent", "gemini-2.0-flash"),
        ("/v1/rerank", "rerank-v3.5"),
    ] {
        let body = json!({"model": model, "anything": "else"}).to_string();
        let before = provider.counts();
        let first = post(&provider, path, &[], &body).await;
        let second = post(&provider, path, &[], body.replace("else", "other")).await;
        assert_eq!((first.status, first.text()), (200, second.text()), "{path}");
        let usage = read_answer(&first.text()).unwrap().usage;
        let now = provider.counts();
        expected += 2;
        assert_eq!((now.calls, now.answered), (expected, expected), "{path}");
        let output = |counts: &centime_testkit::Counts| {
            counts.models.get(model).map_or(0, |it| it.given.output_tokens().floor())
        };
        let given = output(&now) - output(&before);
        assert_eq!(given, 2 * usage.output_tokens().floor(), "{path}");
    }
}

#[tokio::test]
async fn canned_streams_have_as_many_events_and_gaps_as_is_set() {
    let pace = Pace { token_time: Duration::from_millis(5), ..Pace::default() };
    for (config, least) in [(canned(), 0), (Config { pace, ..canned() }, 150)] {
        let provider = start(config);
        let body = r#"{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}}"#;
        let started = Instant::now();
        let answer = post(&provider, "/v1/chat/completions", &[], body).await;
        assert!(started.elapsed() >= Duration::from_millis(least));
        // 30 of content, one to begin, one to end, the usage and the mark.
        assert_eq!(answer.events().len(), 34);
        let mut meter = StreamMeter::default();
        for event in answer.events() {
            meter.event(&event).unwrap();
        }
        let usage = meter.finish().unwrap().usage;
        assert_eq!(usage.output_tokens().floor(), 30);
        assert_eq!(provider.counts().models["gpt-4o"].given, usage);
    }
}

#[tokio::test]
async fn a_path_that_is_none_is_refused_canned_too() {
    let provider = start(canned());
    assert_eq!(post(&provider, "/v1/nothing", &[], "{}").await.status, 404);
}
