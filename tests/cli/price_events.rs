//! `centime price --jsonl`: a usage event a line in, a charge a line out.

use crate::exact::{Json, pico};
use crate::support::{Centime, lines};

/// What stands in every event of a case.
const AT: &str = r#""at":"2026-11-20T12:00:00Z""#;

fn price_one(centime: &Centime, event: &str) -> Json {
    let answers = centime.feed(event, ["price", "--jsonl", "-"]).ok().answers();
    assert_eq!(answers.len(), 1, "{event}");
    answers[0].clone()
}

/// `input 200, output 50` of the lines of a charge.
fn meters(answer: &Json) -> String {
    let lines = answer.at("lines").items();
    let meters =
        lines.iter().map(|line| format!("{} {}", line.text("meter"), line.text("quantity")));
    meters.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_shape_of_usage_is_priced_as_by_hand() {
    let centime = Centime::new();
    for (what, fields, expected_meters, expected_cost) in [
        (
            "meters",
            r#""provider":"openai","model":"gpt-5","meters":{"input":200,"cache_read":1000,"output":50}"#,
            "input 200, cache_read 1000, output 50",
            // 200 × 1.25 + 1000 × 0.125 + 50 × 10 millionths
            "0.000875",
        ),
        (
            "an OpenAI chat usage",
            r#""model":"gpt-5","usage":{"prompt_tokens":1200,"completion_tokens":250,"total_tokens":1450,
               "prompt_tokens_details":{"cached_tokens":1000,"audio_tokens":0}}"#,
            "input 200, cache_read 1000, output 250",
            "0.002875",
        ),
        (
            "an OpenAI chat answer, served flex",
            r#""model":"gpt-5","response":{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-5-2025-08-07",
               "choices":[{"index":0,"message":{"role":"assistant","content":"\"usage\": {\"prompt_tokens\": 9}"}}],
               "usage":{"prompt_tokens":1200,"completion_tokens":250,"total_tokens":1450,
               "prompt_tokens_details":{"cached_tokens":1000},"completion_tokens_details":{"reasoning_tokens":0}},
               "service_tier":"flex"}"#,
            "input 200, cache_read 1000, output 250",
            "0.0014375",
        ),
        (
            "an Anthropic usage",
            r#""model":"claude-sonnet-4-5","usage":{"input_tokens":50,"cache_creation_input_tokens":248,
               "cache_read_input_tokens":100000,
               "cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100},"output_tokens":503}"#,
            "input 50, cache_read 100000, cache_write_5m 148, cache_write_1h 100, output 503",
            // 50 × 3 + 100000 × 0.3 + 148 × 3.75 + 100 × 6 + 503 × 15 millionths
            "0.03885",
        ),
        (
            "an Anthropic answer with searches",
            r#""model":"claude-sonnet-4-5","response":{"id":"msg_1","type":"message","role":"assistant",
               "model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"Hi!"}],
               "usage":{"input_tokens":50,"output_tokens":503,"server_tool_use":{"web_search_requests":2}}}"#,
            "input 50, output 503, web_search 2",
            "0.027695",
        ),
        (
            "a Gemini answer",
            r#""model":"gemini-2.5-pro","response":{"candidates":[{"content":{"parts":[{"text":"…"}]}}],
               "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":240,"totalTokenCount":1240,
               "cachedContentTokenCount":600},"modelVersion":"gemini-2.5-pro","responseId":"x1"}"#,
            "input 400, cache_read 600, output 240",
            // 400 × 1.25 + 600 × 0.125 + 240 × 10 millionths
            "0.002975",
        ),
        (
            "a tier of the event",
            r#""model":"gpt-5","meters":{"input":200},"service_tier":"flex""#,
            "input 200",
            "0.000125",
        ),
        (
            "images of a size that the event names",
            r#""model":"dall-e-3","meters":{"images":2},"at":"2025-01-01",
               "options":{"size":"1024x1792","quality":"hd"}"#,
            "images 2",
            "0.24",
        ),
        (
            "a search of a size that the usage names",
            r#""model":"sonar-pro","usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20,
               "search_context_size":"high","num_search_queries":1}"#,
            "input 10, output 10, web_search 1",
            // 10 × 3 + 10 × 15 millionths, and a search
            "0.01418",
        ),
        (
            "a batch",
            r#""model":"gpt-5","meters":{"input":200},"batch":true"#,
            "input 200",
            "0.000125",
        ),
    ] {
        let at = if fields.contains("\"at\"") { String::new() } else { format!("{AT},") };
        let event = format!("{{\"id\":\"e-1\",{at}{}}}", fields.replace('\n', " "));
        let answer = price_one(&centime, &event);
        assert_eq!(answer.text("status"), "priced", "{what}");
        assert_eq!(answer.text("id"), "e-1", "{what}");
        assert_eq!(meters(&answer), expected_meters, "{what}");
        assert_eq!(answer.text("cost"), expected_cost, "{what}");
        let sum: i128 = answer.at("lines").items().iter().map(|line| line.pico("amount")).sum();
        assert_eq!(sum, pico(expected_cost), "{what}: the lines add up");
    }
}

#[test]
fn reasoning_is_part_of_the_output_and_costs_as_much() {
    let centime = Centime::new();
    for usage in [
        r#"{"prompt_tokens":10,"completion_tokens":250,"completion_tokens_details":{"reasoning_tokens":192}}"#,
        r#"{"input_tokens":10,"output_tokens":250,"output_tokens_details":{"reasoning_tokens":192}}"#,
        r#"{"promptTokenCount":10,"candidatesTokenCount":58,"thoughtsTokenCount":192,"totalTokenCount":260}"#,
    ] {
        let event = format!("{{{AT},\"model\":\"gpt-5\",\"usage\":{usage}}}");
        let answer = price_one(&centime, &event);
        // 10 × 1.25 + 250 × 10 millionths
        assert_eq!(answer.text("cost"), "0.0025125", "{usage}");
        assert_eq!(answer.text("missing"), "[]", "{usage}");
    }
}

/// Events, and of each answer its id, status and cost.
const MIXED: [(&str, [&str; 3]); 10] = [
    (r#"{"id":"a","model":"big","meters":{"input":100}}"#, ["a", "priced", "0.001"]),
    (r#"{"id":"b","model":"nobody-knows","meters":{"input":100}}"#, ["b", "unpriced", "null"]),
    (r#"{"model":"big","meters":{"input":1}}"#, ["null", "priced", "0.00001"]),
    (r#"{"id":"c","model":"big","meters":{"input":-1}}"#, ["c", "invalid", ""]),
    (r#"{"id":"d","model":"big","#, ["null", "invalid", ""]),
    (r#"{"id":"e","model":"big","meters":{"input":100,"images":2}}"#, ["e", "partial", "0.001"]),
    (r#"{"id":"f","meters":{"input":100}}"#, ["f", "invalid", ""]),
    (r#"{"id":"g","model":"big","meters":{"output":230584300922}}"#, ["g", "invalid", ""]),
    (r#"{"id":"h","model":"big","at":"1979-12-31","meters":{"output":1}}"#, ["h", "invalid", ""]),
    (
        r#"{"id":"z\u0061","provider":"acme","model":"small","meters":{"output":1}}"#,
        ["za", "priced", "0.000004"],
    ),
];

#[test]
fn answers_come_in_order_and_the_damaged_do_not_stop_the_rest() {
    let centime = Centime::with_round_prices();
    let input = lines(MIXED.iter().map(|(event, _)| *event));
    centime.write("events.jsonl", &input);
    let args = ["price", "--prices", "prices", "--jsonl"];
    let from_file = centime.run(args.iter().chain(&["events.jsonl"])).exits(2);
    let from_stdin = centime.feed(&input, args).exits(2).says("5 lines");
    assert_eq!(from_stdin.text(), from_file.text());
    let answers = from_file.answers();
    assert_eq!(answers.len(), MIXED.len());
    for ((event, [id, status, cost]), answer) in MIXED.iter().zip(answers) {
        assert_eq!(
            (answer.text("id"), answer.text("status")),
            ((*id).into(), (*status).into()),
            "{event}"
        );
        match *status {
            "invalid" => assert!(!answer.text("error").is_empty(), "{event}"),
            _ => assert_eq!(answer.text("cost"), *cost, "{event}"),
        }
    }
    let good = MIXED.iter().filter(|(_, answer)| answer[1] != "invalid").map(|(event, _)| *event);
    let answers = centime.feed(lines(good), args).ok().says_nothing().answers();
    assert_eq!(answers.len(), 5);
}

#[test]
fn the_dearest_charge_is_nine_million_dollars_and_a_fraction() {
    let centime = Centime::with_round_prices();
    // 40 millionths of a dollar a token, and at most 9,223,372.036854775807 USD.
    for (output, status) in [(230_584_300_921_u64, "priced"), (230_584_300_922, "invalid")] {
        let event = format!(r#"{{"model":"big","meters":{{"output":{output}}}}}"#);
        let priced = centime.feed(event, ["price", "--prices", "prices", "--jsonl"]);
        let answer = priced.answers()[0].clone();
        assert_eq!(answer.text("status"), status);
        if status == "priced" {
            assert_eq!(answer.text("cost"), "9223372.03684");
        } else {
            assert!(answer.text("error").contains("9223372.036854775807"));
        }
    }
}

#[test]
fn what_is_not_named_in_full_is_filled_in() {
    let centime = Centime::new();
    for (event, provider, model) in [
        (r#"{"model":"gpt-4","meters":{"input":1}}"#, "openai", "gpt-4"),
        (r#"{"model":"openai/gpt-4","meters":{"input":1}}"#, "openai", "gpt-4"),
        (r#"{"provider":"openai","model":"gpt-4","meters":{"input":1}}"#, "openai", "gpt-4"),
        (r#"{"model":"claude-3-haiku","meters":{"input":1}}"#, "anthropic", "claude-3-haiku"),
    ] {
        let answer = price_one(&centime, event);
        assert_eq!(
            (answer.text("provider"), answer.text("model")),
            (provider.into(), model.into())
        );
    }
}
