//! Streams that go through: what leaves is what came, save what is said to change, however the bytes
//! are cut; and so is what was metered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use centime_providers::wire::pass::{EVENT_MAX, End, Framing, Piece, Rules, StreamPass};
use centime_providers::wire::{Endpoint, Gemini};
use centime_providers::{Metered, StreamMeter};
use proptest::prelude::*;

const CHAT: Rules = Rules {
    endpoint: Endpoint::ChatCompletions,
    framing: Framing::Events,
    is_usage_ours: false,
    has_usage_cost: false,
};
const OURS: Rules = Rules { is_usage_ours: true, ..CHAT };
const COST: Rules = Rules { has_usage_cost: true, ..CHAT };

/// What came of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Passed {
    /// With `<cost>` and `<usage>` at the places of costs.
    out: Vec<u8>,
    metered: Option<Metered>,
    end: End,
    doubt: Option<String>,
    seen: String,
}

impl Passed {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    fn meters(&self) -> String {
        let Some(metered) = &self.metered else {
            return "-".to_owned();
        };
        let meters = metered.usage.meters().iter();
        meters.map(|(meter, quantity)| format!("{meter}={quantity}")).collect::<Vec<_>>().join(" ")
    }
}

fn pass<'a>(rules: Rules, chunks: impl IntoIterator<Item = &'a [u8]>) -> Passed {
    let mut pass = StreamPass::new(rules);
    let mut out = VecDeque::new();
    for chunk in chunks {
        pass.push(Bytes::copy_from_slice(chunk), &mut out);
    }
    pass.finish(&mut out);
    let mut bytes = Vec::new();
    for piece in out {
        match piece {
            Piece::Bytes(piece) => bytes.extend_from_slice(&piece),
            Piece::Cost => bytes.extend_from_slice(b"<cost>"),
            Piece::UsageCost(_) => bytes.extend_from_slice(b"<usage>"),
        }
    }
    Passed {
        out: bytes,
        metered: pass.metered().cloned(),
        end: pass.end(),
        doubt: pass.doubt().map(ToString::to_string),
        seen: pass.seen_text().0.to_owned(),
    }
}

/// Passed whole, cut at every place, and byte by byte, which must not matter.
fn passed(rules: Rules, stream: &[u8]) -> Passed {
    let whole = pass(rules, [stream]);
    for cut in 0..=stream.len() {
        let (before, after) = stream.split_at(cut);
        assert_eq!(pass(rules, [before, after]), whole, "{}", String::from_utf8_lossy(before));
    }
    for length in [1, 2, 3, 7] {
        assert_eq!(pass(rules, stream.chunks(length)), whole, "by {length}");
    }
    whole
}

const HI: &str =
    r#"data: {"id":"c","model":"gpt-5","choices":[{"delta":{"content":"Hé"}}],"usage":null}"#;
const USED: &str = r#"data: {"id":"c","model":"gpt-5","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}}"#;
const DONE: &str = "data: [DONE]";

#[test]
fn usage_that_the_client_did_not_ask_for_is_taken_out() {
    let hi = HI.replace(r#","usage":null"#, "");
    for (stream, expected) in [
        (format!("{HI}\n\n{USED}\n\n{DONE}\n\n"), format!("{hi}\n\n<cost>{DONE}\n\n")),
        (format!("{HI}\r\n\r\n{USED}\r\n\r\n{DONE}\r\n\r\n"), format!("{hi}\r\n\r\n<cost>{DONE}\r\n\r\n")),
        (format!("{HI}\r\r{USED}\r\r{DONE}\r\r"), format!("{hi}\r\r<cost>{DONE}\r\r")),
        (format!("\u{feff}{HI}\n\n: wait\n\n{USED}\n\n{DONE}"), format!("\u{feff}{hi}\n\n: wait\n\n<cost>{DONE}")),
        (format!("\u{feff}{USED}\n\n{DONE}\n\n"), format!("<cost>{DONE}\n\n")),
        (format!("{HI}\n\n{USED}\n\n"), format!("{hi}\n\n<cost>")),
        (format!("{HI}\n\n{USED}"), format!("{hi}\n\n")),
        (
            format!("id: 1\nevent: x\n{HI}\nretry: 5\n\nid: 2\n{USED}\n\n{DONE}\n\n"),
            format!("id: 1\nevent: x\n{hi}\nretry: 5\n\n<cost>{DONE}\n\n"),
        ),
        // In the last chunk with choices, as some have it.
        (
            HI.replace("null", r#"{"prompt_tokens":10,"completion_tokens":2}"#) + "\n\n" + DONE + "\n\n",
            format!("{hi}\n\n<cost>{DONE}\n\n"),
        ),
        // Pretty, over several lines: the usage event goes, a `null` stays.
        (
            "data: {\"choices\":[1],\ndata: \"usage\":null}\n\ndata: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}\n\n".to_owned(),
            "data: {\"choices\":[1],\ndata: \"usage\":null}\n\n<cost>".to_owned(),
        ),
    ] {
        let passed = passed(OURS, stream.as_bytes());
        assert_eq!(passed.text(), expected, "{stream:?}");
        assert_eq!(passed.meters(), "input=10 output=2", "{stream:?}");
        assert_eq!(passed.doubt, None, "{stream:?}");
    }
}

#[test]
fn what_only_looks_like_usage_stays() {
    for data in [
        r#"{"choices":[{"delta":{"content":"\"usage\":null"}}]}"#,
        r#"{"choices":[{"delta":{"content":",\"usage\":{}"}}]}"#,
        r#"{"choices":[{"usage":null}]}"#,
        r#"{"x":{"usage":null},"choices":[]}"#,
        r#"{"choices":[],"error":{"message":"no"},"usages":null}"#,
        r#"{"choices":["usage"]}"#,
        r#"{"choices":[],"usage":nul"#,
        r#"{"choices":[],"prompt_filter_results":[]}"#,
    ] {
        let stream = format!("data: {data}\n\ndata: [DONE]\n\n");
        let expected = format!("data: {data}\n\n<cost>data: [DONE]\n\n");
        assert_eq!(passed(OURS, stream.as_bytes()).text(), expected, "{data}");
    }
}

#[test]
fn an_event_without_choices_that_says_something_else_stays() {
    const FILTERED: &str = r#""prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false}}}]"#;
    const LATE: &str = r#"{"choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"start_offset":4}}]"#;
    let usage = r#""usage":{"prompt_tokens":10,"completion_tokens":2}"#;
    let first = format!(r#"{{"choices":[],"created":0,"id":"","model":"","object":"",{FILTERED}"#);
    for (first, last, expected) in [
        // Azure's first event, alone, beside a `null`, and beside usage.
        (format!("{first}}}"), format!("{{{usage},\"choices\":[]}}"), vec![format!("{first}}}")]),
        (
            format!("{first},\"usage\":null}}"),
            format!("{{\"id\":\"c\",\"choices\":[],{usage}}}"),
            vec![format!("{first}}}")],
        ),
        (
            format!("{{\"usage\":null,\"choices\":[],{FILTERED}}}"),
            format!("{LATE},{usage}}}"),
            vec![format!("{{\"choices\":[],{FILTERED}}}"), format!("{LATE}}}")],
        ),
        (
            format!("{first},{usage}}}"),
            format!("{{\"choices\":[],\"prompt_filter_results\":[],{usage}}}"),
            vec![format!("{first}}}")],
        ),
        // Events of other kinds that gateways and servers have between.
        (
            r#"{"choices":[],"citations":["https://a.example"]}"#.to_owned(),
            format!("{{\"choices\":[],{usage},\"timings\":{{\"predicted_ms\":5}}}}"),
            vec![r#"{"choices":[],"citations":["https://a.example"]}"#.to_owned()],
        ),
    ] {
        for end in ["\n\n", "\r\n\r\n", "\r\r"] {
            let stream = format!("data: {first}{end}data: {last}{end}{DONE}{end}");
            let stays: String = expected.iter().map(|it| format!("data: {it}{end}")).collect();
            let ours = passed(OURS, stream.as_bytes());
            assert_eq!(ours.text(), format!("{stays}<cost>{DONE}{end}"), "{stream:?}");
            assert_eq!(ours.meters(), "input=10 output=2", "{stream:?}");
            // Who asked for usage has all of it.
            let theirs = passed(CHAT, stream.as_bytes());
            assert_eq!(theirs.text().replace("<cost>", ""), stream);
        }
    }
}

#[test]
fn every_end_of_a_line_ends_it_wherever_it_is_cut() {
    let events = [
        "event: a\u{0}id: 1\u{0}",
        HI,
        "\u{0}\u{0}: wait\u{0}\u{0}",
        USED,
        "\u{0}\u{0}",
        DONE,
        "\u{0}\u{0}",
    ];
    for (one, other) in [("\r", "\r"), ("\r", "\r\n"), ("\n", "\r"), ("\r\n", "\n"), ("\r\n", "\r")]
    {
        // Both ends by turns.
        let mut is_one = false;
        let ended = |event: &str| -> String {
            let mut text = String::new();
            for char in event.chars() {
                is_one ^= char == '\0';
                match char {
                    '\0' => text.push_str(if is_one { one } else { other }),
                    char => text.push(char),
                }
            }
            text
        };
        let stream: String = events.into_iter().map(ended).collect();
        let passed = passed(CHAT, stream.as_bytes());
        assert_eq!(passed.text().replace("<cost>", ""), stream, "{stream:?}");
        assert_eq!(passed.meters(), "input=10 output=2", "{stream:?}");
        assert_eq!((passed.end, passed.doubt, &*passed.seen), (End::Done, None, "Hé"));
    }
}

#[test]
fn usage_that_the_client_asked_for_has_its_cost() {
    for (rules, data, expected) in [
        (COST, USED, USED.replace("2}}", "2<usage>}}")),
        (COST, HI, HI.to_owned()),
        (
            Rules { endpoint: Endpoint::Responses, ..COST },
            r#"data: {"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":2} }}"#,
            r#"data: {"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":2<usage>} }}"#.to_owned(),
        ),
        (
            COST,
            r#"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":0.5}}"#,
            r#"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":0.5}}"#.to_owned(),
        ),
        (
            COST,
            r#"data: {"choices":[],"usage":{"prompt_tokens":-1}}"#,
            r#"data: {"choices":[],"usage":{"prompt_tokens":-1}}"#.to_owned(),
        ),
        (COST, r#"data: {"choices":[],"usage":{}}"#, r#"data: {"choices":[],"usage":{}}"#.to_owned()),
    ] {
        let stream = format!("{data}\n\n");
        assert_eq!(passed(rules, stream.as_bytes()).text(), format!("{expected}\n\n<cost>"), "{data}");
    }
}

const ANTHROPIC: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"claude\",\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"H\u{e9}\"}}\n\n";
const ANTHROPIC_END: &str = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const ANTHROPIC_ERROR: &str =
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";

const GEMINI: &str = r#"{"candidates":[{"content":{"parts":[{"text":"H"}]}}],"usageMetadata":{"promptTokenCount":10,"totalTokenCount":10},"modelVersion":"g"}"#;
const GEMINI_END: &str = r#"{"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":7,"totalTokenCount":17},"modelVersion":"g"}"#;

#[test]
fn every_format_is_metered_and_ends() {
    let messages = Rules { endpoint: Endpoint::AnthropicMessages, ..CHAT };
    let responses = Rules { endpoint: Endpoint::Responses, ..CHAT };
    let gemini = Rules { endpoint: Endpoint::Gemini(Gemini::StreamGenerate), ..CHAT };
    let values = Rules { framing: Framing::Values, ..gemini };
    let delta = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"H\u{e9}\"}\n\n";
    let completed = r#"data: {"type":"response.completed","response":{"model":"gpt-5","error":null,"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":2}}}"#;
    for (rules, stream, meters, end, comment, seen) in [
        (CHAT, format!("{HI}\n\n{USED}\n\n{DONE}\n\n"), "input=10 output=2", End::Done, true, "Hé"),
        (CHAT, format!("{HI}\n\n{HI}\n\n"), "-", End::Open, true, "HéHé"),
        (CHAT, format!("{HI}\n\n{HI}\n"), "-", End::Open, false, "HéHé"),
        (CHAT, format!("{HI}\n\n{}", &HI[..60]), "-", End::Open, false, "Hé"),
        (CHAT, ": hello\n\n\n".to_owned(), "-", End::Open, false, ""),
        (CHAT, String::new(), "-", End::Open, false, ""),
        (CHAT, format!("{HI}\n\ndata: {{\"error\":{{\"code\":500}}}}\n\n"), "", End::Failed, true, "Hé"),
        (messages, format!("{ANTHROPIC}{ANTHROPIC_END}"), "input=25 cache_read=5 output=15", End::Done, true, "Hé"),
        (messages, ANTHROPIC.to_owned(), "input=25 cache_read=5 output=1", End::Open, true, "Hé"),
        (messages, format!("{ANTHROPIC}{ANTHROPIC_ERROR}"), "input=25 cache_read=5 output=1", End::Failed, true, "Hé"),
        (responses, format!("{delta}{completed}\r\n\r\n"), "input=6 cache_read=4 output=2", End::Done, true, "Hé"),
        (
            responses,
            format!("{delta}data: {{\"type\":\"error\",\"code\":\"server_error\",\"param\":null}}\n\n"),
            "-",
            End::Failed,
            true,
            "Hé",
        ),
        (gemini, format!("data: {GEMINI}\r\n\r\ndata: {GEMINI_END}\r\n\r\n"), "input=10 output=7", End::Done, true, "Hé"),
        (values, format!("[{GEMINI}\n,\r\n{GEMINI_END}]\n"), "input=10 output=7", End::Done, false, "Hé"),
        (values, format!("[{GEMINI}"), "input=10", End::Open, false, "H"),
        (
            values,
            "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"done\":true,\"prompt_eval_count\":26,\"eval_count\":2}\n".to_owned(),
            "input=26 output=2",
            End::Done,
            false,
            "",
        ),
    ] {
        let passed = passed(rules, stream.as_bytes());
        assert_eq!(passed.meters(), meters, "{stream}");
        assert_eq!(passed.end, end, "{stream}");
        assert_eq!(passed.seen, seen, "{stream}");
        assert_eq!(passed.text().replace("<cost>", ""), stream);
        assert_eq!(passed.text().contains("<cost>"), comment, "{stream}");
    }
}

#[test]
fn what_cannot_be_read_goes_through_and_is_remembered() {
    for (stream, doubt) in [
        (
            &b"data: {\"usage\":{\"prompt_tokens\":-5}}\n\n"[..],
            "`usage.prompt_tokens`: -5 is negative",
        ),
        (b"data: {\"usage\":\n\n", "the text ends too early"),
        (b"data: {\"usage\":{}, \"\xff\"}\n\n", "invalid utf-8"),
    ] {
        let passed = passed(CHAT, stream);
        assert_eq!(passed.out, [stream, b"<cost>"].concat());
        assert_eq!(passed.metered, None);
        assert!(passed.doubt.as_ref().is_some_and(|found| found.starts_with(doubt)), "{passed:?}");
    }
}

#[test]
fn a_long_event_goes_through_and_is_metered() {
    let long = "A".repeat(EVENT_MAX * 2);
    for end in ["\n", "\r\n", "\r"] {
        let stream = format!(
            "{HI}{end}{end}event: x{end}data: {{\"type\":\"response.completed\",\"response\":{{\"output\":[{{\"result\":\"{long}\"}}],\
             \"usage\":{{\"input_tokens\":10,\"input_tokens_details\":{{}},\"output_tokens\":2}}}}}}{end}{end}{DONE}{end}{end}"
        );
        for length in [1000, 65_536, EVENT_MAX, stream.len()] {
            let mut pass = StreamPass::new(CHAT);
            let (mut out, mut came) = (VecDeque::new(), 0);
            for chunk in stream.as_bytes().chunks(length) {
                came += chunk.len();
                pass.push(Bytes::copy_from_slice(chunk), &mut out);
                let sent =
                    out.iter().map(|piece| if let Piece::Bytes(it) = piece { it.len() } else { 0 });
                assert!(came - sent.sum::<usize>() <= EVENT_MAX);
            }
            pass.finish(&mut out);
            let mut text = Vec::new();
            for piece in out {
                if let Piece::Bytes(bytes) = piece {
                    text.extend_from_slice(&bytes);
                }
            }
            assert!(text == stream.as_bytes(), "{length}");
            assert_eq!(pass.metered().unwrap().usage.meters().len(), 2, "{length}");
            assert_eq!(pass.end(), End::Done);
            assert_eq!(pass.doubt(), None);
        }
    }
    let stream = format!("[{{\"a\":\"{long}\"}},{GEMINI_END}]");
    let rules = Rules { framing: Framing::Values, ..CHAT };
    let passed = pass(rules, stream.as_bytes().chunks(1000));
    assert_eq!(passed.meters(), "input=10 output=7");
}

/// Every recorded answer and event, in each way that it can be an event of a stream.
#[test]
fn every_recorded_answer_is_metered_as_an_event() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut read = 0;
    for file in fs::read_dir(fixtures).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        // What has neither comes in no stream of events: sound, and answers by other interfaces.
        if !text.contains("\"usage") && !path.ends_with("openai_error.json") {
            continue;
        }
        let mut meter = StreamMeter::default();
        let doubt = meter.event(&text).err().map(|error| error.to_string());
        let metered = meter.finish();
        let lines: Vec<&str> = text.lines().collect();
        let one = format!("data: {}\n\n", lines.join(" "));
        let several = format!("event: x\r\ndata:{}\r\n\r\n", lines.join("\r\ndata:"));
        for stream in [one, several] {
            let passed = pass(CHAT, [stream.as_bytes()]);
            assert_eq!(passed.metered, metered, "{}", path.display());
            assert_eq!(passed.doubt.is_some(), doubt.is_some(), "{}", path.display());
            assert_eq!(passed.text(), format!("{stream}<cost>"));
            for length in [1, 5, 64] {
                assert_eq!(
                    pass(CHAT, stream.as_bytes().chunks(length)),
                    passed,
                    "{}",
                    path.display()
                );
            }
        }
        read += 1;
    }
    assert!(read > 50, "{read}");
}

fn event() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        HI,
        USED,
        DONE,
        ": comment",
        "event: x",
        "data",
        "data:",
        "data: {",
        "data: \"usage\":null}",
        "",
        "id: \u{e9}",
        r#"data: {"usage":null,"a":"\"}"}"#,
        r#"data: {"error":{"a":1}}"#,
        r#"data: {"type":"message_stop"}"#,
    ]);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    prop::collection::vec((line, end), 1..5)
        .prop_map(|lines| lines.iter().map(|(line, end)| format!("{line}{end}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn cuts_do_not_matter(
        events in prop::collection::vec(event(), 0..6),
        cuts in prop::collection::vec(0_usize..600, 0..8),
        is_usage_ours: bool,
        has_usage_cost: bool,
    ) {
        let stream = events.concat();
        let rules = Rules { is_usage_ours, has_usage_cost, ..CHAT };
        let whole = pass(rules, [stream.as_bytes()]);
        if !is_usage_ours {
            prop_assert_eq!(whole.text().replace("<cost>", "").replace("<usage>", ""), stream.clone());
        }
        prop_assert!(whole.text().matches("<cost>").count() <= 1);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]);
        prop_assert_eq!(pass(rules, chunks), whole);
    }
}
