//! What a call cost: in the headers of its answer, in its body where it belongs, and in the ledger.

use serde_json::{Value, json};

use crate::client::Asked;
use crate::exact::{pico, usd};
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat, content, message};

const CHAT: &str = "POST /v1/chat/completions";
const MESSAGES: &str = "POST /v1/messages";
const GENERATE: &str = "POST /v1beta/models/gemini-2.0-flash:generateContent";
const STREAM: &str = "POST /v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse";

/// What a usage object comes to at [`ROUND_PRICES`], in picodollars.
fn cost_of(usage: &Value) -> i128 {
    let tokens = |name: &str| i128::from(usage[name].as_u64().unwrap_or_default());
    let micro_usd = 1_000_000;
    let [input, output] = match usage {
        _ if usage["prompt_tokens"].is_u64() => {
            [tokens("prompt_tokens"), 10 * tokens("completion_tokens")]
        }
        _ if usage["input_tokens"].is_u64() => {
            [tokens("input_tokens"), 5 * tokens("output_tokens")]
        }
        _ => [tokens("promptTokenCount"), 3 * tokens("candidatesTokenCount")],
    };
    assert!(input > 0 && output > 0, "no usage: {usage}");
    (input + output) * micro_usd
}

/// The usage in an answer, whatever it is called.
fn usage(answer: &Value) -> &Value {
    if answer["usage"].is_object() { &answer["usage"] } else { &answer["usageMetadata"] }
}

#[test]
fn an_answer_passes_byte_for_byte_and_its_headers_tell_the_cost() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    for (line, body, model) in [
        (CHAT, chat(json!({})), "gpt-4o"),
        (CHAT, chat(json!({"user": "bob", "n": 2})), "gpt-4o"),
        (MESSAGES, message(json!({})), "claude-haiku-4-5"),
        (GENERATE, content(json!({})), "gemini-2.0-flash"),
    ] {
        let asked = Asked::new(line, &body);
        let direct = provider.ask(&asked).is(200);
        let answer = gateway.ask(&asked).is(200);
        assert_eq!(answer.text(), direct.text(), "{line}");
        let cost = cost_of(usage(&direct.json()));
        assert_eq!(answer.must("x-centime-cost"), usd(cost), "{line}");
        assert_eq!(answer.must("x-centime-model"), model);
        let entry = gateway.entry_of(&answer);
        assert_eq!(entry.pico("cost"), cost);
        assert_eq!(entry.text("price_version"), answer.must("x-centime-price-version"));
        assert_eq!(entry.text("usage_source"), "reported");
        assert_eq!(entry.text("status"), "ok");
        assert_eq!(entry.text("key"), "anonymous");
        // What was sent is what was asked.
        assert_eq!(provider.last().body, body.to_string());
    }
    gateway.verify();
}

#[test]
fn a_stream_passes_byte_for_byte_and_a_comment_tells_the_cost_at_its_end() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    for (line, body, unary, end) in [
        (CHAT, chat(json!({"stream": true})), (CHAT, chat(json!({}))), "data: [DONE]\n\n"),
        (MESSAGES, message(json!({"stream": true})), (MESSAGES, message(json!({}))), ""),
        (STREAM, content(json!({})), (GENERATE, content(json!({}))), ""),
    ] {
        let asked = Asked::new(line, &body);
        let direct = provider.ask(&asked).is(200);
        let answer = gateway.ask(&asked).is(200);
        assert!(answer.is_whole, "{line}");
        // A stream says what the answer in one piece says.
        let cost = cost_of(usage(&provider.ask(&Asked::new(unary.0, unary.1)).json()));
        let comment = format!(": centime-cost {}\n\n", usd(cost));
        let expected = direct.text().strip_suffix(end).unwrap().to_owned() + &comment + end;
        assert_eq!(answer.text(), expected, "{line}");
        assert!(answer.header("x-centime-cost").is_none(), "nobody knows it yet: {answer}");
        let entry = gateway.entry_of(&answer);
        assert_eq!((entry.pico("cost"), entry.text("status")), (cost, "ok".to_owned()));
    }
    gateway.verify();
}

#[test]
fn an_array_of_answers_gets_no_comment_and_is_metered_all_the_same() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let asked = Asked::new(STREAM.trim_end_matches("?alt=sse"), content(json!({})));
    let direct = provider.ask(&asked).is(200);
    let answer = gateway.ask(&asked).is(200);
    assert_eq!(answer.text(), direct.text());
    let unary = provider.ask(&Asked::new(GENERATE, content(json!({})))).json();
    assert_eq!(gateway.entry_of(&answer).pico("cost"), cost_of(usage(&unary)));
}

#[test]
fn whoever_asks_for_usage_is_told_the_cost_in_it_and_nobody_else() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let streamed = chat(json!({"stream": true, "stream_options": {"include_usage": true}}));
    let wants = "x-centime-usage: true";
    for (line, body, header) in [
        (CHAT, streamed, "accept: */*"),
        (CHAT, chat(json!({})), wants),
        (MESSAGES, message(json!({})), wants),
        (GENERATE, content(json!({})), wants),
    ] {
        let asked = Asked::new(line, &body).with(header);
        let direct = provider.ask(&asked).is(200);
        let answer = gateway.ask(&asked).is(200);
        let cost = gateway.entry_of(&answer).text("cost");
        let is_stream = body["stream"] == true;
        let without = answer.text().replacen(&format!(",\"cost\":{cost}"), "", 1);
        assert_ne!(without, answer.text(), "there is no cost in it: {answer}");
        let without = without.replacen(&format!(": centime-cost {cost}\n\n"), "", 1);
        assert_eq!(without, direct.text(), "{line}");
        if !is_stream {
            assert!(pico(&cost) > 0);
            assert_eq!(usage(&answer.json())["cost"].to_string().parse(), cost.parse::<f64>());
        }
        // That the client wants it is no business of the provider's.
        assert!(provider.last().header("x-centime-usage").is_none());
    }
}

#[test]
fn an_answer_beyond_the_buffer_passes_without_a_header_and_is_metered() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, &format!("unary_buffer = \"1KiB\"\n{ROUND_PRICES}"));
    let asked = Asked::new(CHAT, chat(json!({}))).failing("huge=3MiB");
    let direct = provider.ask(&asked).is(200);
    let answer = gateway.ask(&asked).is(200);
    assert!(answer.body == direct.body && answer.body.len() > 3 << 20);
    assert!(answer.header("x-centime-cost").is_none());
    let entry = gateway.entry_of(&answer);
    assert_eq!(entry.pico("cost"), cost_of(usage(&direct.json())));
    assert_eq!(entry.text("usage_source"), "reported");
}

#[test]
fn what_a_provider_packs_although_it_was_not_asked_passes_packed_and_is_metered() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let plain = Asked::new(CHAT, chat(json!({}))).with("accept-encoding: gzip, br");
    let asked = plain.clone().failing("gzip");
    let direct = provider.ask(&asked).is(200);
    let answer = gateway.ask(&asked).is(200);
    assert_eq!(answer.must("content-encoding"), "gzip");
    assert_eq!(answer.body, direct.body);
    assert_eq!(provider.last().header("accept-encoding"), Some("identity"));
    let cost = cost_of(usage(&provider.ask(&plain).json()));
    assert_eq!(answer.must("x-centime-cost"), usd(cost));
    assert_eq!(gateway.entry_of(&answer).pico("cost"), cost);
}
