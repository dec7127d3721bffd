//! What must be nowhere: keys, prompts and answers, after calls that went wrong in every way.

use std::fs;
use std::path::Path;

use memchr::memmem;
use serde_json::{Value, json};

use crate::client::Asked;
use crate::support::{Gateway, OUR_KEY, ROUND_PRICES, Simulated, chat, content, message};

const THEIR_KEY: &str = "sk-proj-Kp4Tq7Zc2Nw9Yx5Rb8Vd3Mj6";
const ANTHROPIC_KEY: &str = "sk-ant-api03-Hs8Lf2Qz6Wm4Bt9Xc7Pn1Vk";
const GOOGLE_KEY: &str = "AIzaSyD3x9Kq7Lm2Nb5Vc8Zt4Rw6Yh1Jg0Fp";
const CENTIME_KEY: &str = "ck-5f2d8a1c9e4b7036f1a2b3c4d5e6f708";
const LOCAL_KEY: &str = "plain-word-as-a-key";
const PROMPT: &str = "the password of the harbour master is marzipan";
const COOKIE: &str = "session=a1b2c3d4e5f6";

/// Everything that was planted.
const PLANTED: &[&str] = &[
    OUR_KEY,
    THEIR_KEY,
    ANTHROPIC_KEY,
    GOOGLE_KEY,
    CENTIME_KEY,
    LOCAL_KEY,
    PROMPT,
    COOKIE,
    // As they are written in JSON and in URLs.
    "harbour%20master",
    "harbour master",
    "marzipan",
];

/// Every file of a folder and what is below it.
fn files(folder: &Path, visit: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, visit);
        } else {
            visit(&path, &fs::read(&path).unwrap());
        }
    }
}

fn assert_clean(place: &str, bytes: &[u8], planted: &[String]) {
    for secret in planted {
        let found = memmem::find(bytes, secret.as_bytes());
        assert!(found.is_none(), "`{secret}` is in {place}, at byte {found:?}");
    }
}

/// The texts of an answer, in pieces that stand in no other place by chance.
fn texts(answer: &Value, into: &mut Vec<String>) {
    match answer {
        Value::String(text) if text.split(' ').count() >= 6 => {
            let words: Vec<&str> = text.split(' ').collect();
            into.extend(words.chunks_exact(6).map(|words| words.join(" ")));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, into)),
        _ => {}
    }
}

#[test]
fn no_key_no_prompt_and_no_answer_is_kept_logged_or_told() {
    let provider = Simulated::recording();
    let toml = format!(
        "{ROUND_PRICES}\n[timeouts]\nfirst_byte = \"300ms\"\nidle = \"300ms\"\n\
         [providers.local]\nwire = \"openai\"\nbase_url = \"http://{}/v1\"\n\
         api_key = \"{LOCAL_KEY}\"\n\
         [providers.gone]\nwire = \"openai\"\nbase_url = \"http://127.0.0.1:9/v1\"\n",
        provider.address()
    );
    let mut gateway = Gateway::start(&provider, &toml);
    let mut planted: Vec<String> = PLANTED.iter().map(|&it| it.to_owned()).collect();
    let mut told = Vec::new();
    let faults = [
        "",
        "status=400",
        "status=401",
        "status=429",
        "status=500",
        "hang",
        "hang=5",
        "cut=3",
        "reset=0",
        "malformed",
        "no-usage",
        "gzip",
        "headers",
        "huge=3MiB",
    ];
    let prompt = |text: &str| json!([{"role": "user", "content": text}]);
    let calls = [
        ("POST /v1/chat/completions", chat(json!({"messages": prompt(PROMPT)}))),
        ("POST /v1/chat/completions", chat(json!({"messages": prompt(PROMPT), "stream": true}))),
        ("POST /v1/messages", message(json!({"messages": prompt(PROMPT)}))),
        ("POST /v1/messages", message(json!({"messages": prompt(PROMPT), "stream": true}))),
        (
            "POST /v1beta/models/gemini-2.0-flash:generateContent",
            content(json!({"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]})),
        ),
        ("POST /providers/local/v1/chat/completions", chat(json!({"messages": prompt(PROMPT)}))),
        ("POST /providers/gone/v1/chat/completions", chat(json!({"messages": prompt(PROMPT)}))),
    ];
    for (line, body) in &calls {
        let whole = gateway.ask(&Asked::new(line, body));
        if whole.status == 200
            && let Ok(answer) = serde_json::from_slice(&whole.body)
        {
            texts(&answer, &mut planted);
        }
        for fault in faults {
            for pass in ["false", "true"] {
                let asked = Asked::new(line, body).failing(fault).with_all(&[
                    &format!("authorization: Bearer {THEIR_KEY}"),
                    &format!("x-api-key: {ANTHROPIC_KEY}"),
                    &format!("x-goog-api-key: {GOOGLE_KEY}"),
                    &format!("api-key: {CENTIME_KEY}"),
                    &format!("cookie: {COOKIE}"),
                    &format!("x-centime-passthrough: {pass}"),
                ]);
                let answer = gateway.ask(&asked);
                // What is ours to say names no secret; the answer itself is the client's.
                if answer.status >= 400 {
                    told.extend_from_slice(&answer.body);
                }
            }
        }
    }
    assert!(planted.len() > PLANTED.len() + 10, "no texts of answers were found");
    // Requests that are wrong, with secrets in every place.
    for asked in [
        Asked::new("POST /v1/chat/completions", format!("{{\"model\": {PROMPT}")),
        Asked::new(
            "POST /v1/chat/completions",
            format!("{{\"model\":\"gpt-4o\",\"stream\":\"{PROMPT}\"}}"),
        ),
        Asked::new("POST /v1/messages", format!("[\"{PROMPT}\"]")),
        Asked::new("POST /v1/chat/completions", chat(json!({})))
            .with(format!("x-centime-metadata: {PROMPT}")),
        Asked::new("POST /api/v1/events", format!("{{\"model\":\"{PROMPT}")),
        Asked::new(&format!("POST /v1/chat/completions?key={GOOGLE_KEY}"), "{"),
        Asked::new(&format!("GET /metrics?key={GOOGLE_KEY}"), "").with("host: evil.example"),
        Asked::new("POST /v1/chat/completions", "{}").with(format!("origin: http://{CENTIME_KEY}")),
        Asked::bare(&format!("GET /api/v1/report?key={GOOGLE_KEY}")),
        Asked::bare(&format!("GET /api/v1/entries?authorization={THEIR_KEY}")),
        Asked::bare(&format!("GET /api/v1/entries/{CENTIME_KEY}")),
        Asked::of_kind("POST /v1/audio/transcriptions", "multipart/form-data; boundary=b", PROMPT),
    ] {
        told.extend_from_slice(&gateway.ask(&asked).body);
    }
    let event = json!({"id": "e", "model": "gpt-4o", "key": CENTIME_KEY, "at": "2026-11-01",
        "response": {"usage": {"prompt_tokens": 1, "completion_tokens": 1},
                     "choices": [{"message": {"content": PROMPT}}]}});
    told.extend_from_slice(&gateway.ask(&Asked::new("POST /api/v1/events", event)).is(200).body);
    told.extend_from_slice(&gateway.ask(&Asked::bare("GET /metrics")).is(200).body);
    let look = |gateway: &Gateway, when: &str| {
        assert_clean(&format!("the log {when}"), gateway.log().as_bytes(), &planted);
        let mut seen = Vec::new();
        files(gateway.folder(), &mut |path, bytes| {
            let name = path.strip_prefix(gateway.folder()).unwrap().display().to_string();
            // The configuration is where its owner wrote the key.
            if name != "centime.toml" {
                assert_clean(&format!("{name} {when}"), bytes, &planted);
                seen.push(name);
            }
        });
        seen.sort();
        seen
    };
    assert_clean("what clients are told", &told, &planted);
    gateway.entries_once(calls.len() * 10);
    for path in ["report?kind=full", "report?by=key,user,session,model", "prices", "openapi.json"] {
        let answer = gateway.ask(&Asked::bare(&format!("GET /api/v1/{path}"))).is(200);
        assert_clean(path, &answer.body, &planted);
    }
    let page = gateway.ask(&Asked::bare("GET /api/v1/entries?limit=1000")).is(200);
    assert_clean("a page of entries", &page.body, &planted);
    for entry in page.json()["entries"].as_array().unwrap() {
        let path = format!("/api/v1/entries/{}", entry["uid"].as_str().unwrap());
        let answer = gateway.ask(&Asked::bare(&format!("GET {path}"))).is(200);
        assert_clean(&path, &answer.body, &planted);
    }
    let seen = look(&gateway, "while it runs");
    for name in ["centime.db", "centime.db-wal", "centime.db.calls/"] {
        assert!(seen.iter().any(|it| it.starts_with(name)), "there is no {name}: {seen:?}");
    }
    gateway.kill();
    look(&gateway, "after it was killed");
    gateway.run_again();
    gateway.stop();
    look(&gateway, "after it was stopped");
    for command in [&["entries", "--limit", "100000"][..], &["report", "keys"], &["config"]] {
        let output = gateway.run([command, &["--format", "json"]].concat());
        assert_clean(&format!("{command:?}"), &output.stdout, &planted);
        assert_clean(&format!("{command:?}"), &output.stderr, &planted);
    }
}
