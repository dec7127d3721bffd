//! Streams as the providers send them, event by event and as one text: the same usage as the answer
//! would have had in one piece.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use centime_core::entry::Status;
use centime_providers::event::{Constants, read_event};
use centime_providers::{Metered, StreamMeter};
use jiff::tz::TimeZone;

fn meters(metered: &Metered) -> String {
    let meters = metered.usage.meters().iter();
    let words: Vec<_> = meters.map(|(meter, quantity)| format!("{meter}={quantity}")).collect();
    words.join(" ")
}

/// The provider, the data of its events, and what they come to: meters, model, id.
const STREAMS: &[(&str, &[&str], &str, &str, &str)] = &[
    (
        "openai_chat",
        &[
            r#"{"id":"chatcmpl-1","model":"gpt-5","choices":[{"delta":{"content":"Hi"}}],"usage":null}"#,
            r#"{"id":"chatcmpl-1","model":"gpt-5","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}}"#,
            "[DONE]",
        ],
        "input=10 output=2",
        "gpt-5",
        "chatcmpl-1",
    ),
    (
        "openai_responses",
        &[
            r#"{"type":"response.created","response":{"id":"resp_1","model":"gpt-5","usage":null,"metadata":{}}}"#,
            r#"{"type":"response.output_text.delta","delta":"Hi"}"#,
            r#"{"type":"response.completed","response":{"id":"resp_1","model":"gpt-5","output":[{"type":"web_search_call","status":"completed"}],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":2}}}"#,
        ],
        "input=6 cache_read=4 output=2 web_search=1",
        "gpt-5",
        "resp_1",
    ),
    (
        "xai: each chunk has the usage so far",
        &[
            r#"{"id":"x","model":"grok-4","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11}}"#,
            r#"{"id":"x","model":"grok-4","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#,
        ],
        "input=10 output=5",
        "grok-4",
        "x",
    ),
    (
        "anthropic: the prompt at the start, the answer at the end",
        &[
            r#"{"type":"message_start","message":{"id":"msg_1","model":"claude-sonnet-4-5","usage":{"input_tokens":25,"cache_read_input_tokens":5,"cache_creation_input_tokens":90,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":90},"output_tokens":1,"service_tier":"standard"}}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        "input=25 cache_read=5 cache_write_1h=90 output=15",
        "claude-sonnet-4-5",
        "msg_1",
    ),
    (
        "anthropic: the end says all of it again, and what was searched",
        &[
            r#"{"type":"message_start","message":{"id":"msg_2","model":"claude-sonnet-4-5","usage":{"input_tokens":25,"cache_creation_input_tokens":90,"cache_creation":{"ephemeral_1h_input_tokens":90},"output_tokens":1}}}"#,
            r#"{"type":"message_delta","delta":{},"usage":{"input_tokens":925,"cache_creation_input_tokens":90,"cache_read_input_tokens":0,"output_tokens":15,"server_tool_use":{"web_search_requests":2}}}"#,
        ],
        "input=925 cache_write_1h=90 output=15 web_search=2",
        "claude-sonnet-4-5",
        "msg_2",
    ),
    (
        "anthropic on bedrock: the metrics at the end say less",
        &[
            r#"{"type":"message_start","message":{"id":"msg_3","model":"claude-3-5-sonnet","usage":{"input_tokens":9,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_1h_input_tokens":50},"output_tokens":1}}}"#,
            r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":12}}"#,
            r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":12,"cacheWriteInputTokenCount":50}}"#,
        ],
        "input=9 cache_write_1h=50 output=12",
        "claude-3-5-sonnet",
        "msg_3",
    ),
    (
        "gemini: what was searched is told once, what was used in every chunk",
        &[
            r#"{"candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"]}}],"usageMetadata":{"promptTokenCount":10,"totalTokenCount":10},"modelVersion":"gemini-3-pro-preview","responseId":"g1"}"#,
            r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":7,"totalTokenCount":17},"modelVersion":"gemini-3-pro-preview","responseId":"g1"}"#,
        ],
        "input=10 output=7 web_search=2",
        "gemini-3-pro-preview",
        "g1",
    ),
    (
        "cohere",
        &[
            r#"{"type":"message-start","id":"c1","delta":{"message":{"role":"assistant"}}}"#,
            r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}}"#,
            r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":17,"output_tokens":12},"tokens":{"input_tokens":215,"output_tokens":12}}}}"#,
        ],
        "input=17 output=12",
        "",
        "",
    ),
    (
        "ollama",
        &[
            r#"{"model":"llama3.2","message":{"role":"assistant","content":"Hi"},"done":false}"#,
            r#"{"model":"llama3.2","message":{"role":"assistant","content":""},"done":true,"prompt_eval_count":26,"eval_count":2}"#,
        ],
        "input=26 output=2",
        "llama3.2",
        "",
    ),
];

/// As server-sent events, as lines, and as an array.
fn texts(events: &[&str]) -> [String; 3] {
    let named = events.iter().map(|data| format!("event: x\ndata: {data}\n\n"));
    let json = events.iter().filter(|data| data.starts_with('{')).copied().collect::<Vec<_>>();
    [named.collect(), json.join("\n"), format!("[{}]", json.join(","))]
}

#[test]
fn every_stream_has_its_meters() {
    for (name, events, expected, model, id) in STREAMS {
        let mut meter = StreamMeter::default();
        for data in *events {
            meter.event(data).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let metered = meter.finish().unwrap();
        assert_eq!(meters(&metered), *expected, "{name}");
        assert_eq!(metered.model.as_deref().unwrap_or_default(), *model, "{name}");
        assert_eq!(metered.response_id.as_deref().unwrap_or_default(), *id, "{name}");
        assert_eq!(metered.status, Status::Ok, "{name}");

        for text in texts(events) {
            let quoted = serde_json::to_string(&text).unwrap();
            let given = if text.starts_with('[') { &text } else { &quoted };
            let line = format!(r#"{{"model":"m","response":{given}}}"#);
            let event = read_event(&line, &Constants::default(), &TimeZone::UTC);
            let event = event.unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
            assert_eq!(event.usage, metered.usage, "{name}: {text}");
        }
    }
}

#[test]
fn a_stream_that_breaks_keeps_what_was_metered() {
    let start = r#"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":25,"cache_read_input_tokens":0,"output_tokens":1}}}"#;
    let mut meter = StreamMeter::default();
    meter.event(start).unwrap();
    meter.event(r#"{"type":"error","error":{"type":"overloaded_error"}}"#).unwrap();
    let error = meter.event(r#"{"type":"message_del"#).unwrap_err();
    assert_eq!(error.to_string(), "a string without an end at byte 20");
    let error = meter.event(r#"{"type":"message_delta","usage":{"output_tokens":-1}}"#);
    assert_eq!(
        error.unwrap_err().to_string(),
        "`usage.output_tokens`: -1 is negative; expected zero or more"
    );
    let metered = meter.finish().unwrap();
    assert_eq!(meters(&metered), "input=25 output=1");
    assert_eq!(metered.status, Status::Error);
}

#[test]
fn a_stream_without_usage_says_so() {
    for text in ["", "data: [DONE]\n\n", "data: {\"choices\":[]}\n\n", "hello"] {
        let quoted = serde_json::to_string(text).unwrap();
        let line = format!(r#"{{"model":"m","response":{quoted}}}"#);
        let error = read_event(&line, &Constants::default(), &TimeZone::UTC).unwrap_err();
        let expected =
            "`response.usage`: there is no usage in the answer; send `usage` or `meters`";
        assert_eq!(error.to_string(), expected, "{text}");
    }
}
