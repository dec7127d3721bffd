//! The provider as a service: keys, counts, records, HTTP/2, paces, its end.

use std::time::{Duration, Instant};

use centime_testkit::{Config, Latency, Pace, Recording};
use serde_json::json;

use crate::client::{post, send, start};

const CHAT: &str = "/v1/chat/completions";

fn chat() -> String {
    json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Why?"}]}).to_string()
}

#[tokio::test]
async fn only_those_with_a_key_are_let_in() {
    let gemini = "/v1beta/models/gemini-2.5-pro:generateContent";
    for (expected_key, path, header, status) in [
        (None, CHAT, "accept: */*", 401),
        (None, CHAT, "authorization: Bearer anything", 200),
        (None, CHAT, "x-api-key: anything", 401),
        (Some("sk-1"), CHAT, "authorization: Bearer sk-1", 200),
        (Some("sk-1"), CHAT, "authorization: Bearer sk-2", 401),
        (Some("sk-1"), "/v1/messages", "x-api-key: sk-1", 200),
        (Some("sk-1"), "/v1/messages", "x-api-key: sk-2", 401),
        (Some("sk-1"), gemini, "x-goog-api-key: sk-1", 200),
        (Some("sk-1"), gemini, "authorization: Bearer sk-2", 401),
    ] {
        let api_key = expected_key.map(str::to_owned);
        let provider = start(Config { api_key, ..Config::default() });
        let body = json!({"model": "gpt-4o", "max_tokens": 9, "messages": [{"role": "user", "content": "a"}],
                          "contents": [{"parts": [{"text": "a"}]}]});
        let answer = send(&provider, "POST", path, &[header], body.to_string(), false).await;
        assert_eq!(answer.status, status, "{path} {header}: {}", answer.text());
    }
}

#[tokio::test]
async fn requests_are_refused_as_providers_do() {
    let provider = start(Config::default());
    for (path, body, status, message) in [
        (CHAT, "{", 400, "We could not parse the JSON body of your request"),
        (CHAT, "{}", 400, "Missing required parameter: 'model'."),
        (CHAT, r#"{"model":"a"}"#, 400, "Missing required parameter: 'messages'."),
        (CHAT, r#"{"model":"a","messages":[]}"#, 400, "Missing required parameter: 'messages'."),
        (CHAT, r#"{"model":"a","messages":[{}],"max_tokens":0}"#, 400, "Invalid 'max_tokens'"),
        (
            "/v1/messages",
            r#"{"model":"a","messages":[{}]}"#,
            400,
            "Missing required parameter: 'max_tokens'.",
        ),
        ("/v1/batches", "{}", 404, "Invalid URL (POST /v1/batches)"),
    ] {
        let answer = post(&provider, path, &[], body).await;
        assert_eq!(answer.status, status, "{path} {body}");
        let found = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(found.starts_with(message), "{path} {body}: {found}");
    }
}

#[tokio::test]
async fn the_last_requests_are_kept_up_to_their_bounds() {
    let recording = Recording { calls_max: 2, body_bytes_max: 10 };
    let provider = start(Config { recording, ..Config::default() });
    for number in ["one", "two", "three"] {
        post(&provider, &format!("{CHAT}?n={number}"), &[&format!("x-number: {number}")], chat())
            .await;
    }
    let received = provider.received();
    let numbers: Vec<_> = received.iter().map(|it| it.header("x-number").unwrap()).collect();
    assert_eq!(numbers, ["two", "three"]);
    assert_eq!(received[1].path, format!("{CHAT}?n=three"));
    assert_eq!(received[1].method, "POST");
    assert_eq!(received[1].body, &chat().as_bytes()[..10]);
    assert_eq!(provider.counts().calls, 3);
    let forgetful = start(Config::default());
    post(&forgetful, CHAT, &[], chat()).await;
    assert!(forgetful.received().is_empty());
}

#[tokio::test]
async fn both_versions_of_http_get_the_same() {
    let provider = start(Config::default());
    for is_stream in [false, true] {
        let body = chat().replace("{\"m", &format!("{{\"stream\":{is_stream},\"m"));
        let key = ["authorization: Bearer k"];
        let one = send(&provider, "POST", CHAT, &key, body.clone(), false).await;
        let two = send(&provider, "POST", CHAT, &key, body, true).await;
        assert_eq!((one.status, one.text()), (200, two.text()));
    }
}

#[tokio::test]
async fn models_are_listed_as_their_provider_lists_them() {
    let provider = start(Config::default());
    for (path, headers, pointer, expected) in [
        ("/v1/models", &["authorization: Bearer k"][..], "/data/0/object", "model"),
        ("/v1/models", &["x-api-key: k", "anthropic-version: 2023-06-01"], "/data/0/type", "model"),
        ("/v1beta/models", &["x-goog-api-key: k"], "/models/0/name", "models/gemini-2.5-pro"),
    ] {
        let answer = send(&provider, "GET", path, headers, String::new(), false).await;
        assert_eq!(answer.json().pointer(pointer), Some(&json!(expected)), "{path} {headers:?}");
    }
}

#[tokio::test]
async fn answers_come_at_their_pace() {
    let first_byte = Latency::Fixed(Duration::from_millis(100));
    let pace = Pace { first_byte, ..Pace::tokens_per_second(100) };
    let provider = start(Config { pace, text_tokens: 20..=20, ..Config::default() });
    for is_stream in [false, true] {
        let body = chat().replace("{\"m", &format!("{{\"stream\":{is_stream},\"m"));
        let started = Instant::now();
        let answer = post(&provider, CHAT, &[], body).await;
        let took = started.elapsed().as_millis();
        // 100 ms to the head, and 20 tokens at 10 ms.
        assert!(took >= 295, "{took} ms: {}", answer.text());
    }
}

#[tokio::test]
async fn a_provider_that_is_stopped_listens_no_more() {
    let provider = start(Config::default());
    let address = provider.address();
    post(&provider, CHAT, &[], chat()).await;
    provider.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
