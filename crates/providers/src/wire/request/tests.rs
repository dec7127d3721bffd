//! What is read of calls, and what becomes of them.

use super::*;
use crate::wire::Audio;
use bytes::Bytes;

const CHAT: Endpoint = Endpoint::ChatCompletions;
const MESSAGES: Endpoint = Endpoint::AnthropicMessages;
const GEMINI: Endpoint = Endpoint::Gemini(Gemini::Generate);

/// What is read, as `NAME=VALUE`s.
fn read(endpoint: Endpoint, body: &str) -> String {
    let asked = match Asked::read(endpoint, body.as_bytes()) {
        Ok(asked) => asked,
        Err(error) => return error.to_string(),
    };
    let texts = [
        ("model", asked.model),
        ("user", asked.user),
        ("tier", asked.service_tier),
        ("size", asked.size),
        ("quality", asked.quality),
        ("format", asked.response_format),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some(format!("{name}={}", text?)));
    let counts = [("limit", asked.output_limit_tokens), ("answers", asked.answers)];
    let counts = counts.into_iter().filter_map(|(name, count)| Some(format!("{name}={}", count?)));
    let flags = [
        ("stream", asked.is_stream),
        ("usage", asked.has_usage),
        ("background", asked.is_background),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name.to_owned());
    texts.chain(counts).chain(flags).collect::<Vec<_>>().join(" ")
}

#[test]
fn calls_say_what_they_ask_for() {
    for (endpoint, body, expected) in [
        (CHAT, r#"{}"#, ""),
        (CHAT, r#" {"model" : "gpt-5" , "messages":[{"model":"x","n":9}]} "#, "model=gpt-5"),
        (CHAT, r#"{"mod\u0065l":"gpt\u002d5"}"#, "model=gpt-5"),
        (CHAT, r#"{"model":null,"stream":null,"n":null,"user":null,"stream_options":null}"#, ""),
        (CHAT, r#"{"stream":true,"stream_options":{"include_usage":true}}"#, "stream usage"),
        (CHAT, r#"{"stream":true,"stream_options":{"include_usage":false}}"#, "stream"),
        (CHAT, r#"{"max_tokens":50,"max_completion_tokens":70}"#, "limit=70"),
        (CHAT, r#"{"max_tokens":50,"max_completion_tokens":null}"#, "limit=50"),
        (CHAT, r#"{"max_tokens":50.0}"#, "limit=50"),
        (CHAT, r#"{"max_tokens":50,"max_completion_tokens":-1}"#, ""),
        (CHAT, r#"{"n":3}"#, "answers=3"),
        (CHAT, r#"{"user":"a","safety_identifier":"b","metadata":{"user_id":"c"}}"#, "user=a"),
        (CHAT, r#"{"user":5,"safety_identifier":"b","metadata":{"user_id":"c"}}"#, "user=b"),
        (CHAT, r#"{"user":"","metadata":{"user_id":"c"}}"#, "user="),
        (
            CHAT,
            r#"{"metadata":"c","service_tier":"flex","response_format":{"type":"text"}}"#,
            "tier=flex",
        ),
        (Endpoint::Completions, r#"{"n":2,"best_of":5,"max_tokens":9}"#, "limit=9 answers=5"),
        (
            Endpoint::Responses,
            r#"{"background":true,"max_output_tokens":9,"max_tokens":5}"#,
            "limit=9 background",
        ),
        (
            Endpoint::Images,
            r#"{"n":2,"size":"1024x1024","quality":"high"}"#,
            "size=1024x1024 quality=high answers=2",
        ),
        (Endpoint::Audio(Audio::Speech), r#"{"response_format":"mp3"}"#, "format=mp3"),
        (
            MESSAGES,
            r#"{"model":"claude","max_tokens":9,"metadata":{"user_id":"c"}}"#,
            "model=claude user=c limit=9",
        ),
        (MESSAGES, r#"{"stream_options":5}"#, ""),
        (
            GEMINI,
            r#"{"generationConfig":{"maxOutputTokens":9,"candidateCount":2}}"#,
            "limit=9 answers=2",
        ),
        (GEMINI, r#"{"generation_config":{"max_output_tokens":9}}"#, "limit=9"),
        (GEMINI, r#"{"serviceTier":"flex","max_tokens":5}"#, "tier=flex"),
        (
            Endpoint::Gemini(Gemini::BatchEmbed),
            r#"{"requests":[{"model":"models/e"},{}]}"#,
            "model=models/e",
        ),
    ] {
        assert_eq!(read(endpoint, body), expected, "{body}");
    }
}

#[test]
fn what_decides_the_price_is_said_once_and_well() {
    for (endpoint, body, expected) in [
        (CHAT, "", "the text ends too early at byte 0"),
        (CHAT, "[]", "expected an object, found an array"),
        (CHAT, r#"{"model":"a","model":"b"}"#, "`model`: is there twice; send it once"),
        (CHAT, r#"{"model":"a","mode\u006c":"b"}"#, "`model`: is there twice; send it once"),
        (CHAT, r#"{"model":5}"#, "`model`: expected a string, found a number"),
        (CHAT, r#"{"stream":"true"}"#, "`stream`: expected true or false, found a string"),
        (CHAT, r#"{"n":1.5}"#, "`n`: 1.5 is not whole; expected a whole number"),
        (CHAT, r#"{"max_tokens":"9"}"#, "`max_tokens`: expected a whole number, found a string"),
        (CHAT, r#"{"stream_options":[]}"#, "`stream_options`: expected an object, found an array"),
        (
            CHAT,
            r#"{"stream_options":{"include_usage":1}}"#,
            "`stream_options.include_usage`: expected true or false, found a number",
        ),
        (CHAT, r#"{"model":"a"} {}"#, "something after the end of the value at byte 14"),
        (
            GEMINI,
            r#"{"generationConfig":{},"generation_config":{}}"#,
            "`generationConfig`: is there as `generation_config` too; send it once",
        ),
        (
            GEMINI,
            r#"{"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}}"#,
            "`generationConfig.maxOutputTokens`: is there as `max_output_tokens` too; send it once",
        ),
    ] {
        assert_eq!(read(endpoint, body), expected, "{body}");
    }
    let crowd = format!("{{{}\"a\":1}}", "\"\":1,".repeat(300_000));
    assert_eq!(read(CHAT, &crowd), "has more than 10000 members; send fewer");
    let error = Asked::read(CHAT, b"{\"a\":\"\xff\"}").unwrap_err().to_string();
    assert!(error.starts_with("the body is no UTF-8"), "{error}");
}

#[test]
fn edits_change_what_is_asked_and_nothing_else() {
    let model = Changes { model: Some("new\"er"), ..Changes::default() };
    let usage = Changes { with_usage: true, ..Changes::default() };
    let limit = Changes { output_limit_tokens: Some(7), ..Changes::default() };
    let named = Changes { limit_name: Some("max_tokens"), ..limit };
    let all = Changes { with_usage: true, ..limit };
    for (endpoint, body, changes, expected) in [
        (
            CHAT,
            r#"{"a":1,"model" : "old" ,"b":[]}"#,
            model,
            r#"{"a":1,"model" : "new\"er" ,"b":[]}"#,
        ),
        (CHAT, r#"{"a":1}"#, model, r#"{"a":1}"#),
        (CHAT, r#"{"a":1}"#, Changes::default(), r#"{"a":1}"#),
        (CHAT, r#"{}"#, usage, r#"{"stream_options":{"include_usage":true}}"#),
        (CHAT, r#"{"a":1 }"#, usage, r#"{"a":1 ,"stream_options":{"include_usage":true}}"#),
        (CHAT, r#"{"stream_options":null}"#, usage, r#"{"stream_options":{"include_usage":true}}"#),
        (CHAT, r#"{"stream_options":{}}"#, usage, r#"{"stream_options":{"include_usage":true}}"#),
        (
            CHAT,
            r#"{"stream_options":{"include_obfuscation":false}}"#,
            usage,
            r#"{"stream_options":{"include_obfuscation":false,"include_usage":true}}"#,
        ),
        (
            CHAT,
            r#"{"stream_options":{"include_usage":false}}"#,
            usage,
            r#"{"stream_options":{"include_usage":true}}"#,
        ),
        (
            CHAT,
            r#"{"stream_options":{"include_usage":null}}"#,
            usage,
            r#"{"stream_options":{"include_usage":true}}"#,
        ),
        (
            CHAT,
            r#"{"stream_options":{"include_usage":true}}"#,
            usage,
            r#"{"stream_options":{"include_usage":true}}"#,
        ),
        (MESSAGES, r#"{"a":1}"#, usage, r#"{"a":1}"#),
        (CHAT, r#"{"max_tokens":100}"#, limit, r#"{"max_tokens":7}"#),
        (CHAT, r#"{"max_tokens":null,"a":1}"#, limit, r#"{"max_tokens":7,"a":1}"#),
        (CHAT, r#"{"max_tokens":-1}"#, limit, r#"{"max_tokens":7}"#),
        (
            CHAT,
            r#"{"max_tokens":100,"max_completion_tokens":200}"#,
            limit,
            r#"{"max_tokens":7,"max_completion_tokens":7}"#,
        ),
        (
            CHAT,
            r#"{"max_tokens":null,"max_completion_tokens":200}"#,
            limit,
            r#"{"max_tokens":null,"max_completion_tokens":7}"#,
        ),
        (CHAT, r#"{}"#, limit, r#"{"max_completion_tokens":7}"#),
        (CHAT, r#"{}"#, named, r#"{"max_tokens":7}"#),
        (
            CHAT,
            r#"{}"#,
            all,
            r#"{"stream_options":{"include_usage":true},"max_completion_tokens":7}"#,
        ),
        (Endpoint::Responses, r#"{"a":1}"#, all, r#"{"a":1,"max_output_tokens":7}"#),
        (Endpoint::Embeddings, r#"{"a":1}"#, limit, r#"{"a":1}"#),
        (GEMINI, r#"{"a":1}"#, limit, r#"{"a":1,"generationConfig":{"maxOutputTokens":7}}"#),
        (
            GEMINI,
            r#"{"generationConfig":null}"#,
            limit,
            r#"{"generationConfig":{"maxOutputTokens":7}}"#,
        ),
        (
            GEMINI,
            r#"{"generationConfig": { "topK":1 }}"#,
            limit,
            r#"{"generationConfig": { "topK":1 ,"maxOutputTokens":7}}"#,
        ),
        (
            GEMINI,
            r#"{"generation_config":{"max_output_tokens":70}}"#,
            limit,
            r#"{"generation_config":{"max_output_tokens":7}}"#,
        ),
        (
            Endpoint::Gemini(Gemini::BatchEmbed),
            r#"{"requests":[{"model":"models/a"}, {"x":1,"model":"b"}]}"#,
            Changes { model: Some("e"), ..Changes::default() },
            r#"{"requests":[{"model":"models/e"}, {"x":1,"model":"e"}]}"#,
        ),
    ] {
        let asked = Asked::read(endpoint, body.as_bytes()).unwrap();
        let edits = asked.edits(&changes).unwrap();
        let given = Bytes::from(body);
        let edited = String::from_utf8(edits.apply(&given).concat()).unwrap();
        assert_eq!(edited, expected, "{body}");
        assert_eq!(edits.length(given.len()), expected.len(), "{body}");
    }
}
