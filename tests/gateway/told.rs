//! What the log tells those who run the gateway.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Asked;
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat};

const CHAT: &str = "POST /v1/chat/completions";

/// The events of one kind, once there are so many.
fn events(gateway: &Gateway, event: &str, count: usize) -> Vec<Value> {
    for _ in 0..50 {
        let log = gateway.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let found: Vec<Value> = lines.filter(|line| line["event"] == event).collect();
        if found.len() >= count {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{count} `{event}` are not in the log:\n{}", gateway.log());
}

#[test]
fn what_fails_is_told_with_where_to_look() {
    let provider = Simulated::recording();
    let mut gateway = Gateway::start(
        &provider,
        &format!(
            "{ROUND_PRICES}\n[providers.away]\nwire = \"openai\"\n\
             base_url = \"http://127.0.0.1:1/v1\"\napi_key = \"sk-never-told\""
        ),
    );
    assert!(events(&gateway, "started", 1)[0]["version"].is_string());

    let body = chat(json!({"user": "prompt-never-told"}));
    let failed = gateway.ask(&Asked::new(CHAT, &body).failing("status=500")).is(500);
    let told = &events(&gateway, "call_failed", 1)[0];
    assert_eq!(told["entry"], failed.must("x-centime-entry"));
    assert_eq!(told["provider"], "openai");

    gateway.ask(&Asked::new("POST /providers/away/v1/chat/completions", &body)).is(502);
    let told = &events(&gateway, "provider_failed", 1)[0];
    assert_eq!(told["provider"], "away");
    assert!(told["why"].as_str().unwrap().contains("127.0.0.1:1"), "{told}");

    gateway.ask(&Asked::new(CHAT, &body).with("origin: http://evil.example")).is(403);
    assert_eq!(events(&gateway, "refused", 1)[0]["code"], "foreign_origin");

    gateway.ask(&Asked::new(CHAT, &body)).is(200);
    gateway.stop();
    events(&gateway, "stopped", 1);
    let log = gateway.log();
    assert_eq!(log.matches("call_failed").count(), 1, "{log}");
    assert!(!log.contains("never-told"), "{log}");
}
