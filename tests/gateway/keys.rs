//! Keys of the gateway, made and ended beside it while it runs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::json;

use crate::client::{Answered, Asked};
use crate::support::{Gateway, OUR_KEY, ROUND_PRICES, Simulated, chat, content, message};

const CHAT: &str = "POST /v1/chat/completions";

/// What takes effect within a second does so in this time even on a machine that has much to do.
const SOON: Duration = Duration::from_secs(10);

/// Makes a key, and gives its secret and its id.
fn create(gateway: &Gateway, args: &[&str]) -> (String, String) {
    let made = gateway.json(["key", "create"].iter().chain(args).copied());
    (made.text("key"), made.text("id"))
}

fn call(gateway: &Gateway, key: &str) -> Answered {
    gateway.ask(&Asked::new(CHAT, chat(json!({}))).with(format!("authorization: Bearer {key}")))
}

/// Waits until a call is answered with a status.
fn until(gateway: &Gateway, key: &str, status: u16) -> Answered {
    let started = Instant::now();
    let answer = gateway.wait_for(&format!("a {status}"), || {
        Some(call(gateway, key)).filter(|answer| answer.status == status)
    });
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    answer
}

/// Waits until the gateway lets nobody in without a key, and knows these.
fn until_known(gateway: &Gateway, secrets: &[&str]) {
    until(gateway, "ck-0123", 401);
    for secret in secrets {
        let asked = Asked::bare("GET /api/v1/report");
        let asked = asked.with(format!("authorization: Bearer {secret}"));
        gateway.wait_for("a key", || (gateway.ask(&asked).status != 401).then_some(()));
    }
}

#[test]
fn the_first_key_ends_open_mode_and_revoking_it_opens_nothing() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    // In open mode a key that nobody made is like any other credential: ignored.
    let answer = call(&gateway, "ck-0123").is(200);
    assert_eq!(gateway.entry_of(&answer).text("key"), "anonymous");
    assert_eq!(provider.last().header("authorization"), Some(&*format!("Bearer {OUR_KEY}")));

    let (secret, id) = create(&gateway, &["--name", "bot"]);
    assert!(secret.starts_with("ck-") && secret.len() == 67, "{secret}");
    let refused = until(&gateway, "ck-0123", 401);
    assert_eq!(refused.json()["error"]["code"], "invalid_key");
    assert!(refused.text().contains("not known"), "{refused}");
    let told = gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(401);
    assert!(told.text().contains("centime key create"), "{told}");
    // Where a browser or a scraper would look, too.
    for path in ["GET /metrics", "GET /api/v1/report"] {
        gateway.ask(&Asked::bare(path)).is(401);
        gateway.ask(&Asked::bare(path).with(format!("authorization: Bearer {secret}"))).is(403);
    }
    gateway.ask(&Asked::bare("GET /healthz")).is(200);

    let answer = call(&gateway, &secret).is(200);
    assert_eq!(gateway.entry_of(&answer).text("key"), "bot");
    let calls = provider.calls();
    gateway.run(["key", "revoke", &id]);
    let revoked = until(&gateway, &secret, 401);
    assert!(revoked.text().contains("was revoked"), "{revoked}");
    let after = provider.calls();
    for _ in 0..3 {
        call(&gateway, &secret).is(401);
    }
    gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(401);
    assert_eq!(provider.calls(), after, "what is refused reaches nobody");
    assert!(after >= calls);
    gateway.verify();
}

#[test]
fn every_sdk_puts_its_key_where_it_does_and_no_provider_sees_it() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let (secret, _) = create(&gateway, &["--name", "bot", "--user", "alice"]);
    until_known(&gateway, &[&secret]);
    let gemini = "POST /v1beta/models/gemini-2.0-flash:generateContent";
    for asked in [
        Asked::new(CHAT, chat(json!({}))).with(format!("authorization: Bearer {secret}")),
        Asked::new(CHAT, chat(json!({}))).with(format!("api-key: {secret}")),
        Asked::new("POST /v1/messages", message(json!({}))).with(format!("x-api-key: {secret}")),
        Asked::new(gemini, content(json!({}))).with(format!("x-goog-api-key: {secret}")),
        Asked::new(&format!("{gemini}?key={secret}"), content(json!({}))),
    ] {
        let answer = gateway.ask(&asked).is(200);
        let entry = gateway.entry_of(&answer);
        assert_eq!((entry.text("key"), entry.text("user")), ("bot".into(), "alice".into()));
        let seen = provider.last();
        assert!(!seen.path.contains(&secret), "{}", seen.path);
        for (name, value) in &seen.headers {
            assert!(!value.contains(&secret), "{name}: {value}");
        }
    }
    // Refusals are in the format of the path.
    let refused = gateway.ask(&Asked::new("POST /v1/messages", message(json!({})))).is(401);
    assert_eq!(refused.json()["error"]["type"], "authentication_error");

    // A key of the provider's own goes on beside ours, and the call is our key's.
    let answer = gateway
        .ask(
            &Asked::new(CHAT, chat(json!({})))
                .with("authorization: Bearer sk-their-own")
                .with(format!("x-api-key: {secret}"))
                .with("x-centime-passthrough: true"),
        )
        .is(200);
    assert_eq!(gateway.entry_of(&answer).text("key"), "bot");
    let seen = provider.last();
    assert_eq!(seen.header("authorization"), Some("Bearer sk-their-own"));
    assert!(seen.headers.iter().all(|(_, value)| !value.contains(&secret)), "{:?}", seen.headers);
    let alone = Asked::new(CHAT, chat(json!({}))).with("authorization: Bearer sk-their-own");
    gateway.ask(&alone.with("x-centime-passthrough: true")).is(401);
}

#[test]
fn what_a_key_is_bound_to_holds_and_it_calls_what_it_may() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let bound = ["--user", "alice", "--team", "search", "--tag", "app=bot", "--model", "gpt-4o"];
    let (secret, id) = create(&gateway, &bound);
    let (looks, _) = create(&gateway, &["--role", "read-only"]);
    let (admin, _) = create(&gateway, &["--role", "admin"]);
    until_known(&gateway, &[&secret, &looks, &admin]);
    let by = |asked: Asked, key: &str| asked.with(format!("authorization: Bearer {key}"));
    let says_else = Asked::new(CHAT, chat(json!({"user": "mallory"}))).with_all(&[
        "x-centime-user: mallory",
        "x-centime-team: other",
        "x-centime-project: p",
        "x-centime-tags: app=other,env=prod",
    ]);
    let answer = call(&gateway, &secret).is(200);
    assert_eq!(gateway.entry_of(&answer).text("key"), id);
    let answer = gateway.ask(&by(says_else, &secret)).is(200);
    let entry = gateway.entry_of(&answer);
    for (field, expected) in [
        ("key", id.as_str()),
        ("user", "alice"),
        ("team", "search"),
        ("project", "p"),
        ("tags.app", "bot"),
        ("tags.env", "prod"),
    ] {
        assert_eq!(entry.text(field), expected, "{field}");
    }
    let calls = provider.calls();
    for model in ["gpt-4o-mini", "o3", "released-today"] {
        let asked = Asked::new(CHAT, chat(json!({"model": model})));
        let refused = gateway.ask(&by(asked, &secret)).is(403);
        assert_eq!(refused.json()["error"]["code"], "forbidden");
        assert!(refused.text().contains(model) && refused.text().contains("`gpt-4o`"), "{refused}");
    }
    call(&gateway, &looks).is(403);
    assert_eq!(provider.calls(), calls);
    // An alias of what it may call is that.
    let fast = Asked::new(CHAT, chat(json!({"model": "fast"})));
    gateway.ask(&by(fast, &secret)).is(200);

    let event = r#"{"id":"e","at":"2026-11-01","model":"gpt-4o","meters":{"input":1}}"#;
    for (line, key, status) in [
        ("GET /api/v1/report", &looks, 200),
        ("GET /metrics", &looks, 200),
        ("POST /api/v1/events", &looks, 403),
        ("POST /api/v1/events", &secret, 403),
        ("GET /api/v1/report", &admin, 200),
        ("POST /api/v1/events", &admin, 200),
    ] {
        let asked = match line.starts_with("POST") {
            true => Asked::new(line, event),
            false => Asked::bare(line),
        };
        gateway.ask(&by(asked, key)).is(status);
    }
    call(&gateway, &admin).is(200);
}

#[test]
fn who_calls_too_often_is_told_when_to_come_again() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let (often, _) = create(&gateway, &["--name", "often", "--requests-per-minute", "3"]);
    let (much, _) = create(&gateway, &["--name", "much", "--tokens-per-minute", "1"]);
    until_known(&gateway, &[&often, &much]);
    for _ in 0..3 {
        call(&gateway, &often).is(200);
    }
    let refused = call(&gateway, &often).is(429);
    assert_eq!(refused.json()["error"]["code"], "rate_limited");
    let wait: u64 = refused.must("retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait), "{refused}");
    // The tokens of a call are known at its end.
    let answer = call(&gateway, &much).is(200);
    gateway.entry_of(&answer);
    let refused = call(&gateway, &much).is(429);
    assert!(refused.text().contains("1 tokens a minute"), "{refused}");
    assert!(refused.header("retry-after").is_some());
}

#[test]
fn a_rotated_key_has_a_new_secret_and_the_old_one_its_grace() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let (first, id) = create(&gateway, &["--name", "bot", "--user", "alice"]);
    until_known(&gateway, &[&first]);
    let rotated = gateway.json(["key", "rotate", "bot", "--grace", "1h"]);
    let second = rotated.text("key");
    assert_eq!(rotated.text("id"), id);
    let answer = until(&gateway, &second, 200);
    assert_eq!(gateway.entry_of(&answer).text("user"), "alice");
    call(&gateway, &first).is(200);
    let third = gateway.json(["key", "rotate", &id]).text("key");
    until(&gateway, &third, 200);
    let refused = call(&gateway, &second).is(401);
    assert!(refused.text().contains("was rotated"), "{refused}");
    call(&gateway, &first).is(401);
}

#[test]
fn keys_are_known_after_a_restart_and_their_secrets_are_in_no_file() {
    fn files(folder: &Path, visit: &mut dyn FnMut(&Path, &[u8])) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files(&path, visit),
                false => visit(&path, &fs::read(&path).unwrap()),
            }
        }
    }
    let provider = Simulated::recording();
    let mut gateway = Gateway::start(&provider, ROUND_PRICES);
    let (first, _) = create(&gateway, &["--name", "bot"]);
    until_known(&gateway, &[&first]);
    call(&gateway, &first).is(200);
    let second = gateway.json(["key", "rotate", "bot", "--grace", "1h"]).text("key");
    until(&gateway, &second, 200);
    gateway.entries_once(2);
    let clean = |gateway: &Gateway, when: &str| {
        let mut seen = 0;
        files(gateway.folder(), &mut |path, bytes| {
            seen += 1;
            for secret in [&first, &second] {
                let found = memmem::find(bytes, secret.trim_start_matches("ck-").as_bytes());
                assert!(found.is_none(), "{when}: a secret is in {}", path.display());
            }
        });
        assert!(seen >= 3, "{when}");
        assert!(!gateway.log().contains(&second), "{when}: {}", gateway.log());
    };
    clean(&gateway, "while it runs");
    gateway.kill();
    clean(&gateway, "after it was killed");
    gateway.run_again();
    // From its first moment.
    gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(401);
    call(&gateway, &second).is(200);
    let listed = gateway.run(["key", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("bot") && !listed.contains("ck-"), "{listed}");
    gateway.stop();
    clean(&gateway, "after it was stopped");
    gateway.verify();
}

#[test]
fn keys_are_made_and_revoked_from_afar_and_hold_at_once() {
    let provider = Simulated::recording();
    let toml = format!("admin_key = \"a-long-admin-secret\"\n{ROUND_PRICES}");
    let gateway = Gateway::start(&provider, &toml);
    let admin = "authorization: Bearer a-long-admin-secret";
    let wanted = json!({"name": "bot", "user": "alice"});
    gateway.ask(&Asked::new("POST /api/v1/keys", &wanted)).is(403);
    let made = gateway.ask(&Asked::new("POST /api/v1/keys", &wanted).with(admin)).is(200).json();
    gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(401);
    let secret = made["key"].as_str().unwrap();
    let answer = call(&gateway, secret).is(200);
    assert_eq!(gateway.entry_of(&answer).text("user"), "alice");

    let listed = gateway.ask(&Asked::bare("GET /api/v1/keys").with(admin)).is(200);
    let beside = gateway.run(["key", "list", "--format", "json"]);
    let beside: serde_json::Value = serde_json::from_slice(&beside.stdout).unwrap();
    assert_eq!(listed.json(), beside);
    let id = made["id"].as_str().unwrap();
    let delete = Asked::bare(&format!("DELETE /api/v1/keys/{id}"));
    gateway.ask(&delete).is(401);
    gateway.ask(&delete.with(admin)).is(200);
    let refused = call(&gateway, secret).is(401);
    assert!(refused.text().contains("was revoked"), "{refused}");
}
