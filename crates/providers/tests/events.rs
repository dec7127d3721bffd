//! Usage events: what each field means, what wins, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use centime_core::entry::Status;
use centime_providers::event::{Constants, Event, event_from_fields, read_event};
use jiff::tz::TimeZone;

fn read(line: &str) -> Event {
    read_event(line, &Constants::default(), &TimeZone::UTC)
        .unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refusal(line: &str) -> String {
    read_event(line, &Constants::default(), &TimeZone::UTC).expect_err(line).to_string()
}

fn constants(fields: &[(&str, &str)]) -> Constants {
    Constants::new(fields.iter().copied(), &TimeZone::UTC).unwrap()
}

fn meters(event: &Event) -> String {
    let meters = event.usage.meters().iter();
    let words: Vec<_> = meters.map(|(meter, quantity)| format!("{meter}={quantity}")).collect();
    words.join(" ")
}

#[test]
fn every_field_is_read() {
    let event = read(
        r#"{"id":"req-1","at":"2026-11-01T12:00:00Z","provider":"openai","model":"gpt-5",
            "meters":{"input":200,"cache_read":1000,"output":50,"seconds":1.25},
            "service_tier":"flex","region":"eu","batch":true,"key":"ci","user":"alice","team":"search",
            "project":"ranker","session":"s1","tags":{"app":"bot","build":7,"beta":true,"none":null},
            "metadata":{"a": [1, 2.50]},"status":"aborted","latency_ms":812.9,"requests":3,
            "options":{"size":"1024-X-1792","steps":30,"quality":null},
            "reported_cost":0.0011,"something":"else"}"#,
    );
    assert_eq!(event.options.to_string(), "size=1024x1792 steps=30");
    assert_eq!(event.id.as_deref(), Some("req-1"));
    assert_eq!(event.at.unwrap().to_string(), "2026-11-01T12:00:00Z");
    assert_eq!(event.provider.as_deref(), Some("openai"));
    assert_eq!(event.model, "gpt-5");
    assert_eq!(event.served_model, None);
    assert_eq!(meters(&event), "input=200 cache_read=1000 output=50 seconds=1.25");
    assert_eq!(event.service_tier.as_deref(), Some("flex"));
    assert_eq!(event.region.as_deref(), Some("eu"));
    assert!(event.batch);
    assert_eq!(event.attribution.key.as_deref(), Some("ci"));
    assert_eq!(event.attribution.session.as_deref(), Some("s1"));
    let tags: Vec<_> = event.attribution.tags.iter().collect();
    assert_eq!(format!("{tags:?}"), r#"[("app", "bot"), ("beta", "true"), ("build", "7")]"#);
    assert_eq!(event.attribution.metadata.as_deref(), Some(r#"{"a": [1, 2.50]}"#));
    assert_eq!(event.status, Status::Aborted);
    assert_eq!(event.latency_ms, Some(812));
    assert_eq!(event.requests, 3);
    assert_eq!(event.reported_cost.unwrap().to_string(), "0.0011");
}

#[test]
fn what_the_answer_says_beats_what_was_asked_for() {
    let event = read(
        r#"{"model":"gpt-5","service_tier":"auto","response":{"id":"chatcmpl-1","model":"gpt-5-2025-08-07",
            "service_tier":"flex","usage":{"prompt_tokens":3,"completion_tokens":4,"cost":0.5}}}"#,
    );
    assert_eq!(event.model, "gpt-5");
    assert_eq!(event.served_model.as_deref(), Some("gpt-5-2025-08-07"));
    assert_eq!(event.service_tier.as_deref(), Some("flex"));
    assert_eq!(event.response_id.as_deref(), Some("chatcmpl-1"));
    assert_eq!(event.reported_cost.unwrap().to_string(), "0.5");
    assert_eq!(meters(&event), "input=3 output=4");

    let event = read(
        r#"{"region":"eu","response":{"model":"claude-opus-4-6","usage":{"input_tokens":1,"output_tokens":2,
            "service_tier":"batch","inference_geo":"us"}}}"#,
    );
    assert_eq!((event.model.as_str(), event.served_model), ("claude-opus-4-6", None));
    assert_eq!(event.region.as_deref(), Some("us"));
    assert!(event.batch);

    let event = read(
        r#"{"model":"gpt-image-1","options":{"size":"1x1","quality":"low","resolution":"2k"},
            "response":{"data":[{}],"size":"1024x1536","quality":"auto",
            "usage":{"input_tokens":1,"output_tokens":2,"input_tokens_details":{"text_tokens":1}}}}"#,
    );
    assert_eq!(event.options.to_string(), "size=1024x1536 quality=low resolution=2k");
}

#[test]
fn a_failed_call_needs_no_usage() {
    for line in [
        r#"{"model":"m","status":"error"}"#,
        r#"{"model":"m","status":"error","usage":null}"#,
        r#"{"model":"m","status":"error","response":{"detail":"overloaded"}}"#,
        r#"{"model":"m","response":{"error":{"message":"overloaded"}}}"#,
    ] {
        let event = read(line);
        assert_eq!((event.status, meters(&event).as_str()), (Status::Error, ""), "{line}");
    }
    let event = read(r#"{"model":"m","meters":{}}"#);
    assert_eq!(event.status, Status::Ok);
}

#[test]
fn a_secret_is_never_kept() {
    for key in ["sk-proj-abc", "ck-abc", "AIzaSyabc", " sk-ant-abc", "Bearer abc"] {
        let event = read(&format!(r#"{{"model":"m","key":"{key}","meters":{{}}}}"#));
        assert_eq!(event.attribution.key, None, "{key}");
        let own = key.trim().trim_start_matches("Bearer ");
        assert_eq!(event.own_key.unwrap().expose(), own);
    }
    for key in [
        "ci",
        "sha256:abc",
        "skunk",
        "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    ] {
        let event = read(&format!(r#"{{"model":"m","key":"{key}","meters":{{}}}}"#));
        assert_eq!((event.attribution.key.as_deref(), event.own_key), (Some(key), None));
    }
}

#[test]
fn damage_is_named() {
    for (line, expected) in [
        ("", "not JSON: the text ends too early at byte 0"),
        (r#"{"model":"#, "not JSON: the text ends too early at byte 9"),
        ("[]", "expected an event, a JSON object; found an array"),
        (r#"{"meters":{"input":1}}"#, "`model`: is missing; name the model that was asked for"),
        (r#"{"model":"","meters":{}}"#, "`model`: is missing; name the model that was asked for"),
        (r#"{"model":5,"meters":{}}"#, "`model`: expected a string, found a number"),
        (
            r#"{"model":"m"}"#,
            "nothing says what was used; expected one of `response`, `usage` and `meters`",
        ),
        (
            r#"{"model":"m","meters":{},"usage":{}}"#,
            "`meters`: there is `usage` too; send one of them",
        ),
        (r#"{"model":"m","meters":{},"meters":{}}"#, "`meters`: is there twice; send it once"),
        (r#"{"model":"m","model":"n","meters":{}}"#, "`model`: is there twice; send it once"),
        (
            r#"{"model":"m","meters":[]}"#,
            "`meters`: expected an object of meters and quantities, found an array",
        ),
        (
            r#"{"model":"m","meters":{"input":-5}}"#,
            "`meters.input`: -5 is negative; expected zero or more",
        ),
        (
            r#"{"model":"m","meters":{"input":1.5}}"#,
            "`meters.input`: 1.5 is not whole; expected a whole number",
        ),
        (
            r#"{"model":"m","meters":{"input":"5"}}"#,
            "`meters.input`: expected a whole number of tokens, found a string",
        ),
        (r#"{"model":"m","meters":{"input":1e400}}"#, "`meters.input`: `1e400` is too large"),
        (
            r#"{"model":"m","meters":{"input":1,"input":2}}"#,
            "`meters.input`: is there twice; send it once",
        ),
        (
            r#"{"model":"m","meters":{"cache_write":1,"cache_write_5m":2}}"#,
            "`meters.cache_write_5m`: is there twice; send it once",
        ),
        (
            r#"{"model":"m","meters":{"seconds":-1}}"#,
            "`meters.seconds`: -1 is negative; expected zero or more",
        ),
        (
            r#"{"model":"m","meters":{"input":9223372036854775807,"cache_read":1}}"#,
            "`input` is too large",
        ),
        (
            r#"{"model":"m","usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}}"#,
            "`usage.prompt_tokens_details.cached_tokens`: 2 is more than `prompt_tokens`, 1, which it is part of",
        ),
        (
            r#"{"model":"m","response":{"usage":{"prompt_tokens":"1"}}}"#,
            "`response.usage.prompt_tokens`: expected a whole number, found a string",
        ),
        (
            r#"{"model":"m","response":{}}"#,
            "`response.usage`: there is no usage in the answer; send `usage` or `meters`",
        ),
        (r#"{"model":"m","response":5}"#, "`response`: expected an answer, found a number"),
        (
            r#"{"model":"m","meters":{},"at":5}"#,
            "`at`: expected a time such as `2026-11-01T12:00:00Z`, found a number",
        ),
        (
            r#"{"model":"m","meters":{},"batch":"yes"}"#,
            "`batch`: expected true or false, found a string",
        ),
        (
            r#"{"model":"m","meters":{},"requests":0}"#,
            "`requests`: expected a whole number from 1 to 4294967295",
        ),
        (
            r#"{"model":"m","meters":{},"requests":4294967296}"#,
            "`requests`: expected a whole number from 1 to 4294967295",
        ),
        (
            r#"{"model":"m","meters":{},"latency_ms":-1}"#,
            "`latency_ms`: -1 is negative; expected zero or more",
        ),
        (
            r#"{"model":"m","meters":{},"reported_cost":"1"}"#,
            "`reported_cost`: expected an amount in US dollars, found a string",
        ),
        (
            r#"{"model":"m","meters":{},"status":"done"}"#,
            "`status`: `done` is not a status; expected one of ok, error, aborted, in_doubt, cached",
        ),
        (
            r#"{"model":"m","meters":{},"tags":["a"]}"#,
            "`tags`: expected an object of names and values, found an array",
        ),
        (
            r#"{"model":"m","meters":{},"tags":{"a":{}}}"#,
            "`tags.a`: expected a string, found an object",
        ),
        (r#"{"model":"m","meters":{},"tags":{"":"b"}}"#, "a tag needs a name"),
        (
            r#"{"model":"m","meters":{},"options":"hd"}"#,
            "`options`: expected an object of options and values, found a string",
        ),
        (
            r#"{"model":"m","meters":{},"options":{"colour":"red"}}"#,
            "`options.colour`: is no option; the options are size, quality, resolution, \
             search_context, steps, results",
        ),
        (
            r#"{"model":"m","meters":{},"options":{"steps":"few"}}"#,
            "`options.steps`: `few` is no steps: write a whole number, or a range such as `0-50` or \
             `51-`",
        ),
        (
            r#"{"model":"m","meters":{},"options":{"size":"1x1","size":"2x2"}}"#,
            "`options.size`: `size` is there twice",
        ),
        (
            r#"{"model":"m","meters":{},"metadata":"{}"}"#,
            "`metadata`: expected a JSON object, found a string",
        ),
        (
            r#"{"model":"m","meters":{},"user":"a\u0000"}"#,
            "`user`: has a NUL character, which no ledger keeps",
        ),
    ] {
        assert_eq!(refusal(line), expected, "{line}");
    }
    let unknown = refusal(r#"{"model":"m","meters":{"inputs":1}}"#);
    assert!(
        unknown.starts_with("`meters.inputs`: `inputs` is not a meter; the meters are input, "),
        "{unknown}"
    );
    let time = refusal(r#"{"model":"m","meters":{},"at":"yesterday"}"#);
    assert!(time.starts_with("`at`: `yesterday` is not a time"), "{time}");
    let long = format!(r#"{{"model":"{}","meters":{{}}}}"#, "m".repeat(513));
    assert_eq!(refusal(&long), "`model`: is 513 bytes long: at most 512 are kept");
    let long = format!(r#"{{"model":"m","user":"{}","meters":{{}}}}"#, "u".repeat(129));
    assert_eq!(refusal(&long), "`user` is 129 bytes long: at most 128 are kept");
    let long =
        format!(r#"{{"model":"m","metadata":{{"a":"{}"}},"meters":{{}}}}"#, "u".repeat(4096));
    assert_eq!(refusal(&long), "`metadata` is 4104 bytes long: at most 4096 are kept");
    let deep = format!(r#"{{"model":"m","metadata":{}}}"#, r#"{"a":"#.repeat(200_000));
    assert!(refusal(&deep).contains("nested deeper than 128 levels"));
}

#[test]
fn an_error_names_the_event() {
    let line = r#"{"meters":{"input":-1},"id":"req-7"}"#;
    let error = read_event(line, &Constants::default(), &TimeZone::UTC).unwrap_err();
    assert_eq!(error.id.as_deref(), Some("req-7"));
    assert_eq!(error.field.as_deref(), Some("meters.input"));

    let row = [("model", "m"), ("input", "x"), ("id", "row-1")];
    let error = event_from_fields(row, &Constants::default(), &TimeZone::UTC).unwrap_err();
    assert_eq!(error.id.as_deref(), Some("row-1"));
    assert_eq!(error.to_string(), "`input`: `x` is not a decimal number");
}

#[test]
fn a_constant_takes_the_place_of_the_record() {
    let set = constants(&[
        ("model", "gpt-5"),
        ("service_tier", "flex"),
        ("batch", "false"),
        ("input", "7"),
        ("tags.app", "import"),
        ("options.quality", "hd"),
        ("at", "2026-11-01"),
    ]);
    let line = r#"{"at":"nonsense","model":"x","tags":{"app":"bot","env":"dev"},"batch":true,
        "options":{"quality":"low","size":"1x1"},"response":{"model":"gpt-5","service_tier":"default","usage":{"prompt_tokens":3,"completion_tokens":4}}}"#;
    let event = read_event(line, &set, &TimeZone::UTC).unwrap();
    assert_eq!((event.model.as_str(), event.served_model.as_deref()), ("gpt-5", None));
    assert_eq!(event.service_tier.as_deref(), Some("flex"));
    assert!(!event.batch);
    assert_eq!(meters(&event), "input=7 output=4");
    assert_eq!(event.attribution.tags["app"], "import");
    assert_eq!(event.attribution.tags["env"], "dev");
    assert_eq!(event.options.to_string(), "size=1x1 quality=hd");
    assert_eq!(event.at.unwrap().to_string(), "2026-11-01T00:00:00Z");

    let row = [("model", "x"), ("output", "4"), ("tag:app", "bot")];
    let event = event_from_fields(row, &set, &TimeZone::UTC).unwrap();
    assert_eq!((event.model.as_str(), meters(&event).as_str()), ("gpt-5", "input=7 output=4"));
    assert_eq!(event.attribution.tags["app"], "import");

    let usage = constants(&[("request", "1")]);
    let event = read_event(r#"{"model":"m"}"#, &usage, &TimeZone::UTC).unwrap();
    assert_eq!(meters(&event), "request=1");
}

#[test]
fn constants_are_checked_once_at_the_start() {
    for (fields, expected) in [
        (vec![("model", "")], "`model`: needs a value"),
        (vec![("input", "-1")], "`input`: -1 is negative; expected zero or more"),
        (vec![("model", "a"), ("model", "b")], "`model`: is there twice; send it once"),
        (vec![("tags", "a")], "`tags`: name one tag, as in `tags.app`"),
        (vec![("options", "hd")], "`options`: name one option, as in `options.size`"),
        (vec![("requests", "0")], "`requests`: expected a whole number from 1 to 4294967295"),
        (vec![("batch", "maybe")], "`batch`: expected `true` or `false`, found `maybe`"),
    ] {
        let error = Constants::new(fields, &TimeZone::UTC).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let error = Constants::new([("modle", "a")], &TimeZone::UTC).unwrap_err();
    let words = error.to_string();
    assert!(
        words.starts_with("`modle`: is not a field; the fields are id, at, provider, "),
        "{words}"
    );
}

#[test]
fn a_row_is_read_as_an_event() {
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let row = [
        ("at", "2026-07-01 12:00:00"),
        ("model", "gpt-5"),
        ("input", " 200 "),
        ("output", "50.0"),
        ("cache_read", ""),
        ("seconds", "1.5"),
        ("user", "alice"),
        ("tags.app", "bot"),
        ("batch", "FALSE"),
        ("metadata", r#"{"a":1}"#),
        ("latency_ms", "12.7"),
        ("reported_cost", "1.5e-3"),
    ];
    let event = event_from_fields(row, &Constants::default(), &paris).unwrap();
    assert_eq!(event.at.unwrap().to_string(), "2026-07-01T10:00:00Z");
    assert_eq!(meters(&event), "input=200 output=50 seconds=1.5");
    assert_eq!(event.latency_ms, Some(12));
    assert_eq!(event.reported_cost.unwrap().to_string(), "0.0015");

    for (row, expected) in [
        (
            vec![("model", "m")],
            "nothing says what was used; expected a column of a meter, such as `input`",
        ),
        (vec![("model", "m"), ("input", "1,000")], "`input`: `1,000` is not a decimal number"),
        (
            vec![("model", "m"), ("input", "1"), ("input", "2")],
            "`input`: is there twice; send it once",
        ),
        (
            vec![("metadata", "{")],
            "`metadata`: expected a JSON object: the text ends too early at byte 1",
        ),
    ] {
        let error = event_from_fields(row, &Constants::default(), &TimeZone::UTC).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn the_fingerprint_is_of_the_content() {
    let one = read(r#"{"id":"1","at":"2026-11-01","model":"m","meters":{"input":1}}"#);
    let two = read(r#"{"meters":{"input":1.0},"model":"m","id":"2"}"#);
    let other = read(r#"{"model":"m","meters":{"input":2}}"#);
    assert_eq!(one.content, two.content);
    assert_ne!(one.content, other.content);

    let set = constants(&[("user", "alice"), ("at", "2026-11-02")]);
    let line = r#"{"model":"m","meters":{"input":1}}"#;
    let with = read_event(line, &set, &TimeZone::UTC).unwrap();
    assert_ne!(with.content, one.content);

    let row = [("id", "1"), ("model", "m"), ("input", "1")];
    let shuffled = [("input", "1"), ("user", ""), ("model", "m"), ("id", "2")];
    let row = event_from_fields(row, &Constants::default(), &TimeZone::UTC).unwrap();
    let shuffled = event_from_fields(shuffled, &Constants::default(), &TimeZone::UTC).unwrap();
    assert_eq!(row.content, shuffled.content);
}
