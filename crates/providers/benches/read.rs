//! How long an answer and an event take to read.

use centime_providers::event::{Constants, read_event};
use centime_providers::{read_answer, read_usage};
use divan::{Bencher, black_box};
use jiff::tz::TimeZone;

fn main() {
    divan::main();
}

const USAGE: &str = r#"{"prompt_tokens":1200,"completion_tokens":250,"total_tokens":1450,"prompt_tokens_details":{"cached_tokens":1000,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":192,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#;

/// An answer of about one kilobyte.
fn answer() -> String {
    let content = "The kettle boils at a hundred degrees. ".repeat(12);
    format!(
        r#"{{"id":"chatcmpl-CQ2x7Yb1","object":"chat.completion","created":1793534400,"model":"gpt-5-2025-08-07","choices":[{{"index":0,"message":{{"role":"assistant","content":"{content}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{USAGE},"service_tier":"default","system_fingerprint":null}}"#
    )
}

#[divan::bench]
fn usage_alone(bencher: Bencher<'_, '_>) {
    bencher.bench(|| read_usage(black_box(USAGE)));
}

#[divan::bench]
fn answer_of_1_kb(bencher: Bencher<'_, '_>) {
    let answer = answer();
    bencher
        .counter(divan::counter::BytesCount::of_str(&answer))
        .bench(|| read_answer(black_box(&answer)));
}

#[divan::bench]
fn event_of_1_kb(bencher: Bencher<'_, '_>) {
    let answer = answer();
    let event = format!(
        r#"{{"id":"req-1","at":"2026-11-01T12:00:00Z","model":"gpt-5","response":{answer},"user":"alice","tags":{{"app":"bot"}}}}"#
    );
    let constants = Constants::default();
    bencher
        .counter(divan::counter::BytesCount::of_str(&event))
        .bench(|| read_event(black_box(&event), &constants, &TimeZone::UTC));
}

#[divan::bench]
fn event_of_meters(bencher: Bencher<'_, '_>) {
    let event = r#"{"id":"req-1","at":"2026-11-01T12:00:00Z","model":"gpt-5","meters":{"input":200,"cache_read":1000,"output":50},"user":"alice","team":"search"}"#;
    let constants = Constants::default();
    bencher.bench(|| read_event(black_box(event), &constants, &TimeZone::UTC));
}
