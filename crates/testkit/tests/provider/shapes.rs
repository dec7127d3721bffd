//! Every shape, in one piece and as a stream: read back by what reads the real ones, it used exactly
//! what the provider says that it gave.

use centime_core::usage::Usage;
use centime_providers::{StreamMeter, read_answer};
use centime_testkit::{Config, Share};
use serde_json::{Value, json};

use crate::client::{Answered, post, start};

/// A question with tools, for each dialect that has them.
const SCHEMA: &str = r#"{"type":"object","properties":{"city":{"type":"string"},
    "days":{"type":"integer","minimum":1,"maximum":7}},"required":["city","days"]}"#;

fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// What is asked, where, and what must be found in the answer at a path, in one piece.
fn cases() -> Vec<(&'static str, Value, &'static str, Value)> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let chat = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "How much is the fish?"}]});
    let chat = |more: Value| with(chat.clone(), &more);
    let respond = json!({"model": "gpt-5", "input": "How much is the fish?"});
    let respond = |more: Value| with(respond.clone(), &more);
    let message = json!({"model": "claude-sonnet-4-5", "max_tokens": 4000,
                         "messages": [{"role": "user", "content": "How much is the fish?"}]});
    let message = |more: Value| with(message.clone(), &more);
    let content =
        json!({"contents": [{"role": "user", "parts": [{"text": "How much is the fish?"}]}]});
    let content = |more: Value| with(content.clone(), &more);
    let function =
        json!([{"type": "function", "function": {"name": "weather", "parameters": schema}}]);
    let flat = json!([{"type": "function", "name": "weather", "parameters": schema}]);
    let tool = json!([{"name": "weather", "input_schema": schema}]);
    let declared = json!([{"functionDeclarations": [{"name": "weather", "parameters": schema}]}]);
    let image = "data:image/png;base64,iVBORw0KGgo=";
    let gemini = "/v1beta/models/gemini-2.5-flash:generateContent";
    vec![
        ("/v1/chat/completions", chat(json!({})), "/choices/0/finish_reason", json!("stop")),
        ("/v1/chat/completions", chat(json!({"model": "o3"})), "/object", json!("chat.completion")),
        ("/v1/chat/completions", chat(json!({"n": 3})), "/choices/2/index", json!(2)),
        (
            "/v1/chat/completions",
            chat(json!({"max_tokens": 4})),
            "/choices/0/finish_reason",
            json!("length"),
        ),
        (
            "/v1/chat/completions",
            chat(json!({"max_completion_tokens": 4})),
            "/usage/completion_tokens",
            json!(4),
        ),
        (
            "/v1/chat/completions",
            chat(json!({"tools": function})),
            "/choices/0/finish_reason",
            json!("tool_calls"),
        ),
        (
            "/v1/chat/completions",
            chat(json!({"tools": function, "tool_choice": "none"})),
            "/choices/0/finish_reason",
            json!("stop"),
        ),
        (
            "/v1/chat/completions",
            chat(
                json!({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}}),
            ),
            "/choices/0/finish_reason",
            json!("stop"),
        ),
        (
            "/v1/chat/completions",
            chat(
                json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": image}}]}]}),
            ),
            // 3 to prime, 3 and 1 for the message and its role, 765 for the image.
            "/usage/prompt_tokens",
            json!(772),
        ),
        (
            "/v1/completions",
            json!({"model": "gpt-3.5-turbo-instruct", "prompt": "Once upon a time"}),
            "/usage/prompt_tokens",
            json!(4),
        ),
        (
            "/v1/completions",
            json!({"model": "davinci-002", "prompt": ["a", "b"], "n": 2}),
            "/choices/3/index",
            json!(3),
        ),
        ("/v1/responses", respond(json!({})), "/status", json!("completed")),
        (
            "/v1/responses",
            respond(json!({"model": "gpt-4o", "max_output_tokens": 5})),
            "/incomplete_details/reason",
            json!("max_output_tokens"),
        ),
        (
            "/v1/responses",
            respond(json!({"model": "gpt-4o", "tools": flat})),
            "/output/0/type",
            json!("function_call"),
        ),
        (
            "/v1/responses",
            respond(json!({"model": "gpt-4o", "tools": flat, "max_output_tokens": 10})),
            "/output/0/status",
            json!("incomplete"),
        ),
        (
            "/v1/responses",
            respond(json!({"model": "gpt-4o", "tools": [{"type": "web_search"}]})),
            "/output/0/type",
            json!("web_search_call"),
        ),
        (
            "/v1/responses",
            respond(
                json!({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": image}]}]}),
            ),
            "/output/0/type",
            json!("reasoning"),
        ),
        (
            "/v1/embeddings",
            json!({"model": "text-embedding-3-small", "input": ["hello world", "hello"]}),
            "/usage/total_tokens",
            json!(3),
        ),
        (
            "/v1/embeddings",
            json!({"model": "text-embedding-3-large", "input": [[1, 2], [3]], "encoding_format": "base64"}),
            "/usage/prompt_tokens",
            json!(3),
        ),
        (
            "/v1/images/generations",
            json!({"model": "gpt-image-1", "prompt": "a fish", "quality": "high", "n": 2}),
            "/usage/output_tokens",
            json!(8320),
        ),
        (
            "/v1/images/generations",
            json!({"model": "dall-e-3", "prompt": "a fish", "n": 2}),
            "/data/1/url",
            json!("https://example.com/image.png"),
        ),
        ("/v1/messages", message(json!({})), "/stop_reason", json!("end_turn")),
        ("/v1/messages", message(json!({"max_tokens": 3})), "/stop_reason", json!("max_tokens")),
        ("/v1/messages", message(json!({"tools": tool})), "/stop_reason", json!("tool_use")),
        (
            "/v1/messages",
            message(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}})),
            "/content/0/type",
            json!("thinking"),
        ),
        (
            "/v1/messages",
            message(json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]})),
            "/usage/server_tool_use/web_search_requests",
            json!(1),
        ),
        (
            "/v1/messages",
            message(
                json!({"system": [{"type": "text", "text": "Be brief. ", "cache_control": {"type": "ephemeral"}}]}),
            ),
            "/type",
            json!("message"),
        ),
        (
            "/v1/messages",
            message(
                json!({"system": [{"type": "text", "text": "Be very brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]}),
            ),
            "/role",
            json!("assistant"),
        ),
        (gemini, content(json!({})), "/candidates/0/finishReason", json!("STOP")),
        (
            gemini,
            content(json!({"generationConfig": {"maxOutputTokens": 30, "candidateCount": 2}})),
            "/candidates/1/finishReason",
            json!("MAX_TOKENS"),
        ),
        (
            gemini,
            content(json!({"generationConfig": {"thinkingConfig": {"includeThoughts": true}}})),
            "/candidates/0/content/parts/0/thought",
            json!(true),
        ),
        (
            gemini,
            content(json!({"tools": declared})),
            "/candidates/0/content/parts/0/functionCall/name",
            json!("weather"),
        ),
        (
            gemini,
            content(json!({"tools": [{"googleSearch": {}}]})),
            "/candidates/0/finishReason",
            json!("STOP"),
        ),
        (
            "/v1beta/models/gemini-embedding-001:embedContent",
            json!({"content": {"parts": [{"text": "hi"}]}}),
            "/embedding/values/767",
            json!(null),
        ),
        (
            "/v1beta/models/gemini-embedding-001:batchEmbedContents",
            json!({"requests": [{"content": {"parts": [{"text": "hi"}]}}, {"content": {"parts": [{"text": "ho"}]}}]}),
            "/embeddings/1/values/767",
            json!(null),
        ),
        (
            "/v1/rerank",
            json!({"model": "jina-reranker-v2", "query": "fish", "documents": ["cod", "eel"], "top_n": 1}),
            "/object",
            json!("list"),
        ),
        (
            "/v2/rerank",
            json!({"model": "rerank-v3.5", "query": "fish", "documents": vec!["cod"; 101]}),
            "/meta/billed_units/search_units",
            json!(2),
        ),
    ]
}

fn streams(path: &str) -> bool {
    ["completions", "responses", "messages", "generateContent"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// What a stream comes to, event by event.
fn metered(answered: &Answered) -> Usage {
    let mut meter = StreamMeter::default();
    for event in answered.events() {
        meter.event(&event).unwrap();
    }
    meter.finish().expect("a stream says what was used").usage
}

#[tokio::test]
async fn every_shape_used_what_the_provider_says_it_gave() {
    for share in [Share::NEVER, Share::ALWAYS] {
        for (path, body, pointer, expected) in cases() {
            let provider = start(Config { cache_share: share, ..Config::default() });
            let given = || {
                let counts = provider.counts();
                let mut models = counts.models.into_values();
                let model = models.next().unwrap();
                assert_eq!((model.served, model.answered), (1, 1), "{path}");
                model.given
            };
            let whole = post(&provider, path, &[], &body).await;
            assert_eq!(whole.status, 200, "{path} {body}: {whole:?}");
            let read = read_answer(&whole.text()).unwrap();
            assert_eq!(read.usage, given(), "{path} {body}");
            let found = whole.json();
            let found = found.pointer(pointer);
            if expected.is_null() {
                assert!(found.is_some_and(Value::is_number), "{path} {body}: no {pointer}");
            } else {
                assert_eq!(found, Some(&expected), "{path} {body}: {}", whole.text());
            }
            if !streams(path) {
                continue;
            }
            // A provider of its own, so that what it gave is what the stream gave.
            let provider = start(Config { cache_share: share, ..Config::default() });
            let stream = if path.ends_with("generateContent") {
                let path = path.replace(":generate", ":streamGenerate").replace("generateC", "C");
                post(&provider, &format!("{path}?alt=sse"), &[], &body).await
            } else {
                let more = json!({"stream": true, "stream_options": {"include_usage": true}});
                post(&provider, path, &[], with(body.clone(), &more)).await
            };
            assert_eq!(stream.header("content-type"), Some("text/event-stream; charset=utf-8"));
            assert_eq!(metered(&stream), read.usage, "the stream of {path} {body}");
            let counts = provider.counts();
            assert_eq!(counts.models.into_values().next().unwrap().given, read.usage, "{path}");
        }
    }
}

#[tokio::test]
async fn a_cache_is_read_where_the_share_says_so() {
    let body =
        json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "fish ".repeat(400)}]});
    for (share, expected) in [(Share::NEVER, false), (Share::ALWAYS, true)] {
        let provider = start(Config { cache_share: share, ..Config::default() });
        let answer = post(&provider, "/v1/chat/completions", &[], &body).await.json();
        let cached = answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
        assert_eq!(cached > 0, expected, "{share:?}");
    }
}

#[tokio::test]
async fn a_stream_says_what_the_answer_in_one_piece_says() {
    let provider = start(Config::default());
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Why?"}]});
    let whole = post(&provider, "/v1/chat/completions", &[], &body).await.json();
    let stream = with(body, &json!({"stream": true}));
    let stream = post(&provider, "/v1/chat/completions", &[], stream).await;
    let events = stream.events();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|it| serde_json::from_str(it).unwrap()).collect();
    let text: String =
        chunks.iter().filter_map(|it| it["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(whole["choices"][0]["message"]["content"], text);
    assert!(chunks.iter().all(|it| it["id"] == whole["id"]));
    // Usage is told where it is asked for, and nowhere else.
    assert!(chunks.iter().all(|it| it.get("usage").is_none()));
    let tokens = whole["usage"]["completion_tokens"].as_u64().unwrap();
    assert_eq!(centime_tokens::count("openai", "gpt-4o", &text).tokens, tokens);
}

#[tokio::test]
async fn structured_answers_keep_to_their_schema() {
    let provider = start(Config::default());
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let ask = |seed: u32| format!("Where to, number {seed}?");
    for seed in 0..20 {
        let chat = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": ask(seed)}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}});
        let chat = post(&provider, "/v1/chat/completions", &[], chat).await.json();
        let response = json!({"model": "gpt-5", "input": ask(seed),
            "text": {"format": {"type": "json_schema", "name": "a", "schema": schema}}});
        let response = post(&provider, "/v1/responses", &[], response).await.json();
        let gemini = json!({"contents": [{"parts": [{"text": ask(seed)}]}], "generationConfig":
            {"responseMimeType": "application/json", "responseSchema": schema}});
        let gemini =
            post(&provider, "/v1beta/models/gemini-2.0-flash:generateContent", &[], gemini);
        let gemini = gemini.await.json();
        let message = response["output"].as_array().unwrap().last().unwrap();
        for text in [
            &chat["choices"][0]["message"]["content"],
            &message["content"][0]["text"],
            &gemini["candidates"][0]["content"]["parts"][0]["text"],
        ] {
            let value: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            assert!(value["city"].is_string(), "{text}");
            assert!((1..=7).contains(&value["days"].as_i64().unwrap()), "{text}");
        }
    }
}

#[tokio::test]
async fn a_stream_of_gemini_is_an_array_unless_events_are_asked_for() {
    let provider = start(Config::default());
    let body = json!({"contents": [{"parts": [{"text": "Why?"}]}]});
    let path = "/v1beta/models/gemini-2.5-pro:streamGenerateContent";
    let array = post(&provider, path, &[], &body).await;
    let usage = read_answer(&array.text()).unwrap().usage;
    let events = post(&provider, &format!("{path}?alt=sse"), &[], &body).await;
    assert_eq!(metered(&events), usage);
    assert_eq!(array.json().as_array().unwrap().len(), events.events().len());
}

#[tokio::test]
async fn forms_are_understood() {
    let provider = start(Config::default());
    let form = |fields: &[(&str, &str)], file: &str, content: &str| {
        let field = |(name, value): &(&str, &str)| {
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = format!(
            "--B\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"f\"\r\n\r\n{content}\r\n"
        );
        fields.iter().map(field).collect::<String>() + &file + "--B--\r\n"
    };
    let kind = ["content-type: multipart/form-data; boundary=B"];
    let sound = "x".repeat(80_000);
    for (path, body, expected) in [
        (
            "/v1/audio/transcriptions",
            form(&[("model", "whisper-1")], "file", &sound),
            "input_seconds=3",
        ),
        (
            "/v1/audio/transcriptions",
            form(&[("model", "whisper-1"), ("response_format", "verbose_json")], "file", &sound),
            "input_seconds=3",
        ),
        (
            "/v1/audio/transcriptions",
            form(&[("model", "gpt-4o-transcribe")], "file", &sound),
            "input_audio=30 output=6",
        ),
        (
            "/v1/images/edits",
            form(&[("model", "gpt-image-1"), ("prompt", "blue")], "image[]", "png"),
            "input=1 input_image=323 output_image=1056",
        ),
    ] {
        let answer = post(&provider, path, &kind, &body).await;
        let usage = read_answer(&answer.text()).unwrap().usage;
        let meters: Vec<_> =
            usage.meters().iter().map(|(meter, quantity)| format!("{meter}={quantity}")).collect();
        assert_eq!(meters.join(" "), expected, "{path}: {}", answer.text());
    }
    let subtitles = form(&[("model", "whisper-1"), ("response_format", "srt")], "file", &sound);
    let subtitles = post(&provider, "/v1/audio/transcriptions", &kind, subtitles).await.text();
    assert!(subtitles.starts_with("1\n00:00:00,000 --> 00:00:03,000\n"), "{subtitles}");
}

#[tokio::test]
async fn what_says_nothing_of_its_use_is_answered_too() {
    let provider = start(Config::default());
    let speech = json!({"model": "tts-1", "voice": "alloy", "input": "Bonjour"});
    let speech = post(&provider, "/v1/audio/speech", &[], speech).await;
    assert_eq!(speech.header("content-type"), Some("audio/mpeg"));
    assert!(speech.bytes().len() > 1000);
    let characters = provider.counts().models["tts-1"].given.meters()[0].1;
    assert_eq!(characters.to_string(), "7");
    let moderation = post(&provider, "/v1/moderations", &[], json!({"input": ["a", "b"]})).await;
    assert_eq!(moderation.json()["results"].as_array().unwrap().len(), 2);
    assert!(read_answer(&moderation.text()).unwrap().usage.meters().is_empty());
    let messages = json!({"model": "claude-sonnet-4-5", "max_tokens": 1000,
                          "messages": [{"role": "user", "content": "Why?"}]});
    let counted = post(&provider, "/v1/messages/count_tokens", &[], &messages).await.json();
    let asked = post(&provider, "/v1/messages", &[], &messages).await.json();
    assert_eq!(counted["input_tokens"], asked["usage"]["input_tokens"]);
    let contents = json!({"contents": [{"parts": [{"text": "Why?"}]}]});
    let model = "/v1beta/models/gemini-2.5-pro";
    let counted = post(&provider, &format!("{model}:countTokens"), &[], &contents).await.json();
    let asked = post(&provider, &format!("{model}:generateContent"), &[], &contents).await.json();
    assert_eq!(counted["totalTokens"], asked["usageMetadata"]["promptTokenCount"]);
}
