//! What passes between a client and a provider, and what does not.

use serde_json::json;

use crate::client::Asked;
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat, content, message};

const CHAT: &str = "POST /v1/chat/completions";
const MESSAGES: &str = "POST /v1/messages";
const GENERATE: &str = "POST /v1beta/models/gemini-2.0-flash:generateContent";

#[test]
fn the_providers_own_errors_pass_as_they_are_and_cost_nothing() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    for (line, body) in [
        (CHAT, chat(json!({}))),
        (CHAT, chat(json!({"stream": true}))),
        (MESSAGES, message(json!({}))),
        (GENERATE, content(json!({}))),
    ] {
        for status in [400, 401, 403, 404, 413, 429, 500, 503, 529] {
            let asked = Asked::new(line, &body).failing(&format!("status={status}"));
            let direct = provider.ask(&asked).is(status);
            let answer = gateway.ask(&asked).is(status);
            assert_eq!(answer.body, direct.body, "{line} {status}");
            for header in ["retry-after", "content-type", "x-request-id", "request-id"] {
                assert_eq!(answer.header(header), direct.header(header), "{line} {status}");
            }
            let entry = gateway.entry_of(&answer);
            let told = (entry.text("status"), entry.pico("cost"), entry.whole("total_tokens"));
            assert_eq!(told, ("error".to_owned(), 0, 0), "{line} {status}");
        }
    }
    gateway.verify();
}

#[test]
fn what_only_we_may_say_is_not_taken_from_a_provider() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    for (body, ours) in [
        (chat(json!({})), vec!["cost", "entry", "model", "price-version", "quote"]),
        (chat(json!({"stream": true})), vec!["entry", "model", "quote"]),
    ] {
        let answer = gateway.ask(&Asked::new(CHAT, &body).failing("headers")).is(200);
        for header in ["set-cookie", "x-hop", "access-control-allow-origin"] {
            assert_eq!(answer.header(header), None, "{answer}");
        }
        let mut names = answer.names("x-centime-");
        names.sort_unstable();
        let expected: Vec<String> = ours.iter().map(|name| format!("x-centime-{name}")).collect();
        assert_eq!(names, expected, "{answer}");
        assert_ne!(answer.must("x-centime-entry"), "forged");
        gateway.entry_of(&answer);
    }
}

#[test]
fn what_is_the_clients_alone_reaches_no_provider() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "");
    let asked = Asked::new(CHAT, chat(json!({}))).with_all(&[
        "cookie: session=secret",
        "x-centime-user: alice",
        "connection: x-hop",
        "x-hop: for one hop",
        "proxy-authorization: Basic c2VjcmV0",
        "te: trailers",
        "x-api-key: sk-other",
        "openai-organization: org-1",
        "x-stainless-lang: python",
    ]);
    gateway.ask(&asked).is(200);
    let sent = provider.last();
    for name in ["cookie", "x-centime-user", "x-hop", "proxy-authorization", "te", "x-api-key"] {
        assert_eq!(sent.header(name), None, "{sent:?}");
    }
    for (name, value) in [("openai-organization", "org-1"), ("x-stainless-lang", "python")] {
        assert_eq!(sent.header(name), Some(value));
    }
    assert_eq!(sent.header("host"), Some(provider.address().to_string().as_str()));
}

#[test]
fn a_redirection_is_passed_on_and_never_followed() {
    let (provider, elsewhere) = (Simulated::recording(), Simulated::recording());
    let gateway = Gateway::start(&provider, "");
    let target = format!("http://{}/v1/chat/completions", elsewhere.address());
    let asked = Asked::new(CHAT, chat(json!({}))).failing(&format!("redirect={target}"));
    let answer = gateway.ask(&asked).is(307);
    assert_eq!(answer.must("location"), target);
    assert_eq!((provider.calls(), elsewhere.calls()), (1, 0));
    assert_eq!(gateway.entry_of(&answer).text("status"), "error");
}

#[test]
fn a_path_of_a_provider_of_ones_own_passes_and_is_metered_where_it_is_understood() {
    let provider = Simulated::recording();
    let local = format!(
        "[providers.local]\nwire = \"openai\"\nbase_url = \"http://{}/some/v1\"\napi_key = \"k\"\n\
         [models.mine]\nroutes = [\"local/llama\"]\n\
         price = {{ input = \"1\", output = \"10\", unit = \"1M\" }}",
        provider.address()
    );
    let gateway = Gateway::start(&provider, &local);
    for (line, path) in [
        ("POST /providers/local/v1/chat/completions", "/some/v1/chat/completions"),
        ("POST /providers/local/chat/completions", "/some/v1/chat/completions"),
    ] {
        let answer = gateway.ask(&Asked::new(line, chat(json!({"model": "llama"})))).is(200);
        assert_eq!(provider.last().path, path);
        let entry = gateway.entry_of(&answer);
        assert_eq!(entry.text("provider"), "local");
        assert_eq!(entry.text("model"), "llama");
        assert!(entry.pico("cost") > 0);
        assert_eq!(provider.last().header("authorization"), Some("Bearer k"));
    }
    // What nobody here understands passes all the same.
    let answer = gateway.ask(&Asked::new("POST /providers/openai/v1/any/thing?a=1&key=k", "{}"));
    assert_eq!(answer.status, 404, "it is the provider's 404: {answer}");
    assert_eq!(provider.last().path, "/v1/any/thing?a=1");
    let models = Asked::bare("GET /v1/models");
    assert_eq!(gateway.ask(&models).is(200).body, provider.ask(&models).body);
    let count = Asked::new("POST /v1/messages/count_tokens", message(json!({})));
    assert_eq!(gateway.ask(&count).is(200).body, provider.ask(&count).body);
}

#[test]
fn a_form_passes_byte_for_byte_and_is_metered() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "");
    let field = |name: &str, more: &str, value: &[u8]| {
        let head = format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        [head.as_bytes(), value, b"\r\n"].concat()
    };
    // Bytes of all kinds, and what looks like an end.
    let wave: Vec<u8> = (0..40_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    let form = [
        field("model", "", b"gpt-4o-transcribe"),
        field("file", "; filename=\"a.wav\"", &wave),
        b"--b--\r\n".to_vec(),
    ]
    .concat();
    let line = "POST /v1/audio/transcriptions";
    let asked = Asked::of_kind(line, "multipart/form-data; boundary=b", form.clone());
    let direct = provider.ask(&asked).is(200);
    let answer = gateway.ask(&asked).is(200);
    assert_eq!(answer.text(), direct.text());
    assert_eq!(provider.last().body, form);
    let entry = gateway.entry_of(&answer);
    assert_eq!(entry.text("model"), "gpt-4o-transcribe");
    assert_eq!(entry.text("usage_source"), "reported");
    assert!(entry.whole("total_tokens") > 0);
}
