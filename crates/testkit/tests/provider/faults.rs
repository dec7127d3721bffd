//! Faults do what they say.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centime_providers::{StreamMeter, read_answer};
use centime_testkit::{Config, SimulatedProvider};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::client::{Answered, post, start};

const CHAT: &str = "/v1/chat/completions";

async fn chat(provider: &SimulatedProvider, fault: &str, is_stream: bool) -> Answered {
    let body = json!({"model": "gpt-4o", "stream": is_stream, "max_tokens": 12,
                      "stream_options": {"include_usage": true},
                      "messages": [{"role": "user", "content": "Why?"}]});
    post(provider, CHAT, &[&format!("x-sim-fault: {fault}")], body).await
}

#[tokio::test]
async fn errors_are_of_each_providers_own_shape() {
    let provider = start(Config::default());
    let gemini = "/v1beta/models/gemini-2.5-pro:generateContent";
    for (path, status, pointer, expected) in [
        (CHAT, 400, "/error/type", "invalid_request_error"),
        (CHAT, 401, "/error/code", "invalid_api_key"),
        (CHAT, 404, "/error/code", "model_not_found"),
        (CHAT, 429, "/error/code", "rate_limit_exceeded"),
        (CHAT, 500, "/error/type", "server_error"),
        (CHAT, 502, "/error/type", "server_error"),
        (CHAT, 503, "/error/type", "server_error"),
        ("/v1/messages", 400, "/error/type", "invalid_request_error"),
        ("/v1/messages", 401, "/error/type", "authentication_error"),
        ("/v1/messages", 429, "/error/type", "rate_limit_error"),
        ("/v1/messages", 500, "/error/type", "api_error"),
        ("/v1/messages", 529, "/error/type", "overloaded_error"),
        (gemini, 400, "/error/status", "INVALID_ARGUMENT"),
        (gemini, 429, "/error/status", "RESOURCE_EXHAUSTED"),
        (gemini, 503, "/error/status", "UNAVAILABLE"),
        ("/v2/rerank", 429, "/message", "Rate limit reached. Please try again later."),
    ] {
        let fault = format!("x-sim-fault: status={status}");
        let answer = post(&provider, path, &[&fault], "{}").await;
        assert_eq!(answer.status, status);
        let found = answer.json().pointer(pointer).cloned();
        assert_eq!(found, Some(json!(expected)), "{path} {status}");
        let after = (status == 429).then_some("1");
        assert_eq!(answer.header("retry-after"), after, "{path} {status}");
    }
    let counts = provider.counts();
    assert_eq!((counts.calls, counts.answered), (16, 16));
    assert!(counts.models.is_empty(), "errors are no model's: {counts:?}");
}

#[tokio::test]
async fn retries_are_answered_in_the_end() {
    let provider = start(Config::default());
    for _ in 0..2 {
        for expected in [503, 503, 200] {
            let answer = chat(&provider, "status=503, retry-after=30ms, times=2", false).await;
            assert_eq!(answer.status, expected);
            let after = (expected == 503).then_some("30");
            assert_eq!(answer.header("retry-after-ms"), after);
        }
    }
    // Another request has turns of its own.
    assert_eq!(chat(&provider, "status=503, times=2", true).await.status, 503);
}

#[tokio::test]
async fn cuts_come_where_they_are_asked_for() {
    for (fault, is_stream, frames, bytes) in [
        ("cut=0", true, Some(0), None),
        ("cut=3", true, Some(3), None),
        ("reset=3", true, Some(3), None),
        ("cut=10", false, None, Some(10)),
        ("reset=0", false, None, Some(0)),
    ] {
        let provider = start(Config::default());
        let answer = chat(&provider, fault, is_stream).await;
        assert!(!answer.is_whole, "{fault}");
        assert_eq!(answer.status, 200, "{fault}");
        if let Some(frames) = frames {
            assert_eq!(answer.events().len(), frames, "{fault}: {}", answer.text());
        }
        if let Some(bytes) = bytes {
            assert_eq!(answer.bytes().len(), bytes, "{fault}");
            let promised: usize = answer.header("content-length").unwrap().parse().unwrap();
            assert!(promised > 100, "{fault} promises {promised}");
        }
        let counts = provider.counts();
        assert_eq!((counts.calls, counts.answered), (1, 0), "{fault}");
        let model = &counts.models["gpt-4o"];
        assert_eq!((model.served, model.answered), (1, 0), "{fault}");
    }
}

#[tokio::test]
async fn a_reset_is_one_to_the_client() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let provider = start(Config::default());
    for (fault, is_reset) in [("cut=1", false), ("reset=1", true)] {
        let mut client = tokio::net::TcpStream::connect(provider.address()).await.unwrap();
        let body = r#"{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"a"}]}"#;
        let head = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nx-sim-fault: {fault}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        client.write_all(head.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        let end = client.read_to_end(&mut text).await;
        let kind = end.as_ref().err().map(std::io::Error::kind);
        let expected = is_reset.then_some(std::io::ErrorKind::ConnectionReset);
        assert_eq!(kind, expected, "{fault}");
        assert!(String::from_utf8_lossy(&text).contains("data: {"), "{fault}");
    }
}

#[tokio::test]
async fn what_is_missing_or_broken_is_that_and_nothing_else() {
    let provider = start(Config::default());
    let silent = chat(&provider, "no-usage", false).await;
    assert!(silent.json()["choices"][0]["message"]["content"].is_string());
    assert!(read_answer(&silent.text()).is_err());
    let silent = chat(&provider, "no-usage", true).await;
    let mut meter = StreamMeter::default();
    for event in silent.events() {
        meter.event(&event).unwrap();
    }
    assert_eq!(meter.finish(), None);

    let broken = chat(&provider, "malformed", false).await;
    assert!(broken.is_whole);
    assert!(serde_json::from_str::<Value>(&broken.text()).is_err());
    let broken = chat(&provider, "malformed", true).await;
    let read: Vec<bool> = broken
        .events()
        .iter()
        .map(|event| serde_json::from_str::<Value>(event).is_ok() || event == "[DONE]")
        .collect();
    assert!(broken.is_whole);
    assert_eq!(read.iter().position(|is_read| !is_read), Some(1));
    assert_eq!(read.iter().filter(|is_read| !**is_read).count(), 1);
}

#[tokio::test]
async fn packed_answers_are_the_same_unpacked() {
    let provider = start(Config::default());
    for is_stream in [false, true] {
        let plain = chat(&provider, "times=0", is_stream).await;
        let packed = chat(&provider, "gzip", is_stream).await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        let mut unpacked = String::new();
        GzDecoder::new(&packed.bytes()[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.text());
    }
}

#[tokio::test]
async fn slow_answers_are_slow_and_whole() {
    let provider = start(Config::default());
    let quick = chat(&provider, "times=0", true).await;
    for (fault, is_stream, least) in [
        ("latency=120ms", false, 120),
        // A piece for each token, one to begin, one to end, the usage and the mark.
        ("gap=10ms", true, 160),
        ("drip=1ms", false, 300),
    ] {
        let started = Instant::now();
        let answer = chat(&provider, fault, is_stream).await;
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(least), "{fault}: {took:?}");
        assert!(answer.is_whole, "{fault}");
        if is_stream {
            assert_eq!(answer.text(), quick.text());
        } else {
            assert!(answer.json()["usage"].is_object(), "{fault}");
        }
    }
}

#[tokio::test]
async fn what_hangs_does_not_come() {
    let provider = Arc::new(start(Config::default()));
    for (calls, fault, is_stream) in [(1, "hang", false), (2, "hang=2", true)] {
        let asked = Arc::clone(&provider);
        let call = tokio::spawn(async move { chat(&asked, fault, is_stream).await });
        while provider.counts().calls < calls {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let waiting = tokio::time::timeout(Duration::from_millis(100), call).await;
        assert!(waiting.is_err(), "{fault}");
        assert_eq!(provider.counts().answered, 0, "{fault}");
    }
}

#[tokio::test]
async fn what_hangs_does_not_keep_a_provider_from_its_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let provider = start(Config::default());
    let mut client = tokio::net::TcpStream::connect(provider.address()).await.unwrap();
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\n");
    let rest = "x-sim-fault: hang\r\ncontent-length: 2\r\n\r\n{}";
    client.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    while provider.counts().calls == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    provider.shutdown().await;
    // Not a byte, and the end.
    assert_eq!(client.read(&mut [0; 64]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn answers_of_any_length_cost_no_memory_and_say_what_was_used() {
    let provider = start(Config::default());
    let huge = chat(&provider, "huge=8MiB", false).await;
    assert!(huge.is_whole);
    assert!(huge.bytes().len() > 8 << 20);
    assert_eq!(huge.header("content-length"), Some(huge.bytes().len().to_string().as_str()));
    let plain = chat(&provider, "times=0", false).await;
    assert_eq!(read_answer(&huge.text()).unwrap(), read_answer(&plain.text()).unwrap());
    let huge = chat(&provider, "huge=1MiB", true).await;
    assert!(huge.text().len() > 1_000_000);
    assert!(huge.text().ends_with("data: [DONE]\n\n"));
    let counts = provider.counts();
    assert_eq!((counts.calls, counts.answered), (3, 3));
}

#[tokio::test]
async fn a_line_without_an_end_goes_on() {
    use http_body_util::BodyExt;
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    let provider = start(Config::default());
    for is_stream in [false, true] {
        let body = json!({"model": "gpt-4o", "stream": is_stream,
                          "messages": [{"role": "user", "content": "Why?"}]});
        let request = hyper::Request::post(format!("{}{CHAT}", provider.base_url()))
            .header("authorization", "Bearer k")
            .header("x-sim-fault", "endless")
            .body(http_body_util::Full::new(bytes::Bytes::from(body.to_string())))
            .unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut body = client.request(request).await.unwrap().into_body();
        let (mut length, mut newlines) = (0, 0);
        while length < 4 << 20 {
            let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
            newlines += data.iter().filter(|byte| **byte == b'\n').count();
            length += data.len();
        }
        // The first event has its line and the blank one.
        assert_eq!(newlines, if is_stream { 2 } else { 0 });
    }
}

#[tokio::test]
async fn heads_bring_what_must_not_pass() {
    let provider = start(Config::default());
    let moved = chat(&provider, "redirect=http://127.0.0.1:9/elsewhere", false).await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (307, Some("http://127.0.0.1:9/elsewhere"))
    );
    let hostile = chat(&provider, "headers", false).await;
    assert_eq!(hostile.status, 200);
    assert_eq!(hostile.header("x-centime-cost"), Some("1"));
    assert!(hostile.header("set-cookie").is_some());
    assert!(read_answer(&hostile.text()).is_ok());
}

#[tokio::test]
async fn a_fault_that_is_none_is_a_bad_request() {
    let provider = start(Config::default());
    let answer = chat(&provider, "explode", false).await;
    assert_eq!(answer.status, 400);
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("x-sim-fault: `explode` is no fault; the faults are"), "{message}");
}
