//! Names and words: which model is meant, who and what a call is for, and what is refused in whose
//! words.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::client::{Answered, Asked};
use crate::support::{Gateway, OUR_KEY, ROUND_PRICES, Simulated, chat, content, message};

const CHAT: &str = "POST /v1/chat/completions";
const MESSAGES: &str = "POST /v1/messages";
const GENERATE: &str = "POST /v1beta/models/gemini-2.0-flash:generateContent";

#[test]
fn a_model_has_several_names_and_the_provider_hears_its_own() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    for (name, model, pricing_status) in [
        ("gpt-4o", "gpt-4o", "priced"),
        ("openai/gpt-4o", "gpt-4o", "priced"),
        ("fast", "gpt-4o", "priced"),
        ("released-this-morning", "released-this-morning", "unpriced"),
    ] {
        let body = chat(json!({"model": name}));
        let answer = gateway.ask(&Asked::new(CHAT, &body)).is(200);
        assert_eq!(answer.must("x-centime-model"), model);
        let sent = provider.last().body;
        // Nothing but the name is another.
        let expected = body.to_string().replace(&format!("{name:?}"), &format!("{model:?}"));
        assert_eq!(sent, expected, "{name}");
        let entry = gateway.entry_of(&answer);
        assert_eq!(entry.text("model"), model);
        assert_eq!(entry.text("pricing_status"), pricing_status);
        assert_eq!(entry.text("provider"), "openai");
        let has_cost = answer.header("x-centime-cost").is_some();
        assert_eq!(has_cost, pricing_status == "priced", "{answer}");
    }
    // Google's stand in the path, and Anthropic's have aliases as well.
    for asked in [
        Asked::new("POST /v1beta/models/quick:generateContent", content(json!({}))),
        Asked::new(MESSAGES, message(json!({"model": "brief"}))),
    ] {
        let answer = gateway.ask(&asked).is(200);
        let model = answer.must("x-centime-model");
        assert!(matches!(model, "gemini-2.0-flash" | "claude-haiku-4-5"), "{answer}");
        let last = provider.last();
        let said = last.path + std::str::from_utf8(&last.body).unwrap();
        assert!(said.contains(model), "{said}");
        assert_eq!(gateway.entry_of(&answer).text("pricing_status"), "priced");
    }
}

#[test]
fn headers_say_who_and_what_a_call_is_for() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let asked = Asked::new(CHAT, chat(json!({"user": "somebody else"}))).with_all(&[
        "x-centime-user: alice",
        "x-centime-team: search",
        "x-centime-project: ranker",
        "x-centime-session: s1",
        "x-centime-tags: app=bot,env=prod",
        r#"x-centime-metadata: {"ticket": 7}"#,
    ]);
    let entry = gateway.entry_of(&gateway.ask(&asked).is(200));
    for (field, expected) in [
        ("user", "alice"),
        ("team", "search"),
        ("project", "ranker"),
        ("session", "s1"),
        ("tags.app", "bot"),
        ("tags.env", "prod"),
        ("metadata.ticket", "7"),
        ("key", "anonymous"),
    ] {
        assert_eq!(entry.text(field), expected, "{field}");
    }
    assert!(provider.last().headers.iter().all(|(name, _)| !name.starts_with("x-centime")));
    // Where no header says it, the body does.
    for (line, body) in [
        (CHAT, chat(json!({"user": "bob"}))),
        (CHAT, chat(json!({"safety_identifier": "bob"}))),
        (MESSAGES, message(json!({"metadata": {"user_id": "bob"}}))),
    ] {
        let answer = gateway.ask(&Asked::new(line, &body)).is(200);
        assert_eq!(gateway.entry_of(&answer).text("user"), "bob", "{body}");
    }
}

/// The code of an error in the words of the format that the path has.
fn code(line: &str, answer: &Answered) -> String {
    let json = answer.json();
    let error = &json["error"];
    assert!(error["message"].is_string(), "{answer}");
    if line.contains("/v1beta") {
        assert_eq!(error["code"], answer.status, "{answer}");
        assert!(error["status"].is_string(), "{answer}");
        let details = error["details"].as_array().cloned().unwrap_or_default();
        let reason = details.iter().find_map(|detail| detail["reason"].as_str());
        return reason.unwrap_or_default().to_ascii_lowercase();
    }
    if line.contains("/messages") {
        assert_eq!(json["type"], "error", "{answer}");
    }
    assert!(error["type"].is_string(), "{answer}");
    error["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_cannot_be_is_refused_in_the_words_of_the_path_and_reaches_nobody() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "max_body = \"64KiB\"");
    let (many, long) = ("t=x,".repeat(17), "x".repeat(129));
    let many: String = many.split(',').enumerate().map(|(at, tag)| format!("{at}{tag},")).collect();
    let metadata = format!("x-centime-metadata: {{\"a\":\"{}\"}}", "x".repeat(4096));
    let headers = [
        format!("x-centime-tags: {many}"),
        "x-centime-tags: app".to_owned(),
        format!("x-centime-user: {long}"),
        format!("x-centime-tags: app={long}"),
        "x-centime-metadata: [1]".to_owned(),
        "x-centime-metadata: {".to_owned(),
        metadata,
    ];
    for (line, body) in
        [(CHAT, chat(json!({}))), (MESSAGES, message(json!({}))), (GENERATE, content(json!({})))]
    {
        for header in &headers {
            let answer = gateway.ask(&Asked::new(line, &body).with(header)).is(400);
            assert_eq!(code(line, &answer), "invalid_request", "{header}: {answer}");
        }
        for broken in
            ["{", "[]", "\"text\"", "{\"model\":5}", "{\"stream\":\"yes\",\"model\":\"a\"}"]
        {
            if line == GENERATE && broken.contains("model") {
                continue;
            }
            let answer = gateway.ask(&Asked::new(line, broken)).is(400);
            assert_eq!(code(line, &answer), "invalid_request", "{broken}: {answer}");
        }
        let answer = gateway.ask(&Asked::new(line, "x".repeat(65 << 10))).is(413);
        assert_eq!(code(line, &answer), "body_too_large", "{answer}");
        let answer = gateway.ask(&Asked::of_kind(line, "text/plain", body.to_string()));
        assert_eq!(answer.status, 415, "{answer}");
    }
    for line in [
        "POST /v1/nothing",
        "GET /v1/chat/completions",
        "POST /v2/chat/completions",
        "POST /v1/chat/completions/",
        "GET /",
        "POST /providers/openai",
    ] {
        let answer = gateway.ask(&Asked::new(line, "{}")).is(404);
        assert_eq!(code(line, &answer), "not_found", "{line}: {answer}");
    }
    for line in [
        "POST /v1/../v1/chat/completions",
        "POST /v1/%2e%2e/chat/completions",
        "POST //v1/chat/completions",
        "POST /v1\\chat/completions",
        "POST http://elsewhere.example/v1/chat/completions",
    ] {
        let answer = gateway.ask(&Asked::new(line, chat(json!({}))));
        assert!(matches!(answer.status, 400 | 421), "{line}: {answer}");
    }
    assert_eq!(provider.calls(), 0);
    assert!(gateway.entries().is_empty());
}

#[test]
fn a_model_that_nobody_can_serve_is_said_to_be_unknown() {
    let provider = Simulated::recording();
    let gateway = Gateway::before(provider.address(), &["OPENAI"], "");
    for (line, body) in [
        (MESSAGES, message(json!({"model": "claude-of-tomorrow"}))),
        (MESSAGES, message(json!({}))),
        ("POST /v1beta/models/gemini-of-tomorrow:generateContent", content(json!({}))),
        ("POST /providers/groq/v1/chat/completions", chat(json!({}))),
        (CHAT, chat(json!({"model": "command-r-plus"}))),
    ] {
        let answer = gateway.ask(&Asked::new(line, &body)).is(400);
        assert_eq!(code(line, &answer), "unknown_model", "{body}: {answer}");
    }
    // A format is not translated into another.
    let gateway = Gateway::start(&provider, "");
    let answer = gateway.ask(&Asked::new(CHAT, chat(json!({"model": "claude-haiku-4-5"})))).is(400);
    assert!(answer.text().contains("/v1/messages"), "{answer}");
    assert_eq!(provider.calls(), 0);
}

#[test]
fn the_key_is_ours_unless_a_client_asks_that_its_own_be_used() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let own = "sk-theirs-Wb5Jt8Zd1Hq6Xn3Fv0Rk";
    for (line, body, header, ours, theirs) in [
        (
            CHAT,
            chat(json!({})),
            "authorization",
            format!("Bearer {OUR_KEY}"),
            format!("Bearer {own}"),
        ),
        (MESSAGES, message(json!({})), "x-api-key", OUR_KEY.to_owned(), own.to_owned()),
        (GENERATE, content(json!({})), "x-goog-api-key", OUR_KEY.to_owned(), own.to_owned()),
    ] {
        let asked = Asked::new(line, &body).with(format!("{header}: {theirs}"));
        let answer = gateway.ask(&asked).is(200);
        assert_eq!(provider.last().header(header), Some(ours.as_str()));
        assert_eq!(gateway.entry_of(&answer).text("key"), "anonymous");
        let answer = gateway.ask(&asked.with("x-centime-passthrough: true")).is(200);
        let sent = provider.last();
        assert_eq!(sent.header(header), Some(theirs.as_str()));
        assert!(sent.headers.iter().all(|(_, value)| !value.contains(OUR_KEY)), "{sent:?}");
        let key = gateway.entry_of(&answer).text("key");
        assert!(key != "anonymous" && !key.contains(own), "{key}");
    }
    let closed = Gateway::start(&provider, "passthrough_keys = false");
    let asked = Asked::new(CHAT, chat(json!({}))).with("authorization: Bearer x");
    closed.ask(&asked.with("x-centime-passthrough: true")).is(403);
}

#[test]
fn a_provider_that_cannot_be_reached_was_not_called() {
    // Nobody listens there any more.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = Gateway::before(address, &["OPENAI", "ANTHROPIC", "GEMINI"], "");
    for (line, body) in
        [(CHAT, chat(json!({}))), (MESSAGES, message(json!({}))), (GENERATE, content(json!({})))]
    {
        let answer = gateway.ask(&Asked::new(line, &body)).is(502);
        assert_eq!(code(line, &answer), "provider_unreachable", "{answer}");
    }
    let is_left = |it: &Value| it["entries"] != 0;
    assert!(!is_left(&json!({"entries": gateway.entries().len()})));
}
