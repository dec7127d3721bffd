//! Clients that leave, providers that keep everybody waiting, and what becomes of such calls.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Asked, Line};
use crate::exact::Json;
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat, content, message};

const CHAT: &str = "POST /v1/chat/completions";
const MESSAGES: &str = "POST /v1/messages";
const STREAM: &str = "POST /v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse";

/// The streams of every format.
fn streams() -> [(&'static str, Value); 3] {
    [
        (CHAT, chat(json!({"stream": true}))),
        (MESSAGES, message(json!({"stream": true}))),
        (STREAM, content(json!({}))),
    ]
}

/// Asks, hears a little of a stream, and goes.
fn leave_amid(gateway: &Gateway, asked: &Asked) {
    let mut line = Line::to(gateway.address()).unwrap();
    line.say(&asked.bytes()).unwrap();
    let head = line.head().unwrap();
    let mut heard = 0;
    line.body(&head, &mut |piece| {
        heard += piece.len();
        heard < 300
    })
    .unwrap();
    assert!(heard >= 300, "the stream was over");
}

/// The only entry, once it is there.
fn only_entry(gateway: &Gateway) -> Json {
    let entries = gateway.entries_once(1);
    assert_eq!(entries.len(), 1);
    entries[0].clone()
}

#[test]
fn a_stream_whose_client_leaves_is_broken_off_and_estimated() {
    for (line, body) in streams() {
        let provider = Simulated::recording();
        let gateway = Gateway::start(&provider, ROUND_PRICES);
        // It would go on for long, and must not: the entry is there before.
        leave_amid(&gateway, &Asked::new(line, &body).failing("hang=8"));
        let entry = only_entry(&gateway);
        assert_eq!(entry.text("status"), "aborted", "{line}");
        assert_eq!(entry.text("usage_source"), "estimated", "{line}");
        assert!(entry.whole("input_tokens") > 0 && entry.whole("output_tokens") > 0, "{line}");
        assert!(entry.pico("cost") > 0, "{line}");
        gateway.verify();
    }
}

#[test]
fn a_stream_that_is_drained_is_metered_to_its_end_without_its_client() {
    for (line, body) in streams() {
        let provider = Simulated::recording();
        let gateway =
            Gateway::start(&provider, &format!("on_disconnect = \"drain\"\n{ROUND_PRICES}"));
        leave_amid(&gateway, &Asked::new(line, &body).failing("gap=20ms"));
        let entry = only_entry(&gateway);
        assert_eq!(entry.text("usage_source"), "reported", "{line}");
        let asked = Asked::new(line, &body);
        let whole = gateway.entry_of(&gateway.ask(&asked).is(200));
        for field in ["cost", "input_tokens", "output_tokens"] {
            assert_eq!(entry.text(field), whole.text(field), "{line}: {field}");
        }
    }
}

#[test]
fn what_is_drained_is_read_on_no_longer_than_it_may() {
    let provider = Simulated::recording();
    let toml = format!("on_disconnect = \"drain\"\ndrain_limit = \"300ms\"\n{ROUND_PRICES}");
    let gateway = Gateway::start(&provider, &toml);
    leave_amid(&gateway, &Asked::new(CHAT, chat(json!({"stream": true}))).failing("hang=8"));
    let entry = only_entry(&gateway);
    assert_eq!(
        (entry.text("status"), entry.text("usage_source")),
        ("aborted".to_owned(), "estimated".to_owned())
    );
}

#[test]
fn a_client_that_leaves_before_there_is_an_answer_has_an_entry_if_the_provider_has_the_call() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let mut line = Line::to(gateway.address()).unwrap();
    line.say(&Asked::new(CHAT, chat(json!({}))).failing("hang").bytes()).unwrap();
    gateway.wait_for("the call", || (provider.calls() == 1).then_some(()));
    drop(line);
    let entry = only_entry(&gateway);
    assert_eq!(entry.text("status"), "aborted");
    assert!(entry.whole("input_tokens") > 0);
}

#[test]
fn a_client_that_leaves_before_anything_was_sent_has_no_entry() {
    // A listener whose queue is full answers no connection, as a provider behind a dead line.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(waiting) =
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200))
    {
        queue.push(waiting);
        assert!(queue.len() < 10_000, "the queue has no end");
    }
    let gateway = Gateway::before(address, &["OPENAI"], "[timeouts]\nconnect = \"60s\"");
    let mut line = Line::to(gateway.address()).unwrap();
    line.say(&Asked::new(CHAT, chat(json!({}))).bytes()).unwrap();
    let in_flight = |count: u64| {
        let figures = gateway.ask(&Asked::bare("GET /metrics")).is(200);
        let wanted = format!("centime_ledger_queue_entries {count}\n");
        figures.text().contains(&wanted).then_some(())
    };
    gateway.wait_for("the call to begin", || in_flight(1));
    drop(line);
    gateway.wait_for("the call to end", || in_flight(0));
    assert!(gateway.entries().is_empty(), "nothing was sent: {:?}", gateway.entries());
}

#[test]
fn a_provider_that_says_nothing_is_left_in_time() {
    let provider = Simulated::recording();
    let toml = format!("{ROUND_PRICES}\n[timeouts]\nfirst_byte = \"500ms\"\nidle = \"500ms\"");
    let gateway = Gateway::start(&provider, &toml);
    for (body, fault, status) in [
        (chat(json!({})), "hang", "in_doubt"),
        (chat(json!({"stream": true})), "hang", "in_doubt"),
        (chat(json!({})), "hang=40", "error"),
    ] {
        let before = gateway.entries().len();
        let answer = gateway.ask(&Asked::new(CHAT, &body).failing(fault)).is(504);
        assert_eq!(answer.json()["error"]["code"], "provider_timeout", "{answer}");
        let entries = gateway.entries_once(before + 1);
        assert_eq!(entries[0].text("status"), status, "{fault}");
    }
    for (line, body) in streams() {
        for (fault, what) in [("hang=8", "pause"), ("cut=8", "cut"), ("reset=8", "reset")] {
            let answer = gateway.ask(&Asked::new(line, &body).failing(fault)).is(200);
            assert!(!answer.is_whole, "{line}: the {what} passes for an end: {answer}");
            let entry = gateway.entry_of(&answer);
            assert_eq!(entry.text("status"), "error", "{line} {what}");
            assert_eq!(entry.text("usage_source"), "estimated", "{line} {what}");
            assert!(entry.pico("cost") > 0, "{line} {what}");
        }
    }
    // An answer that is cut is no answer.
    let answer = gateway.ask(&Asked::new(CHAT, chat(json!({}))).failing("cut=40")).is(502);
    assert_eq!(answer.json()["error"]["code"], "provider_unreachable", "{answer}");
    gateway.verify();
}

#[test]
fn an_answer_without_usage_is_counted_and_marked_so() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let [chats, messages, contents] = streams();
    for (line, body) in [(CHAT, chat(json!({}))), chats, messages, contents] {
        for fault in ["no-usage", "malformed"] {
            let direct = provider.ask(&Asked::new(line, &body).failing(fault)).is(200);
            let answer = gateway.ask(&Asked::new(line, &body).failing(fault)).is(200);
            // Of OpenAI's streams the usage is asked for, and what is broken is another place.
            if !(line == CHAT && body["stream"] == true) {
                let (before, comment) =
                    answer.text().split_once(": centime-cost ").unwrap_or((answer.text(), ""));
                let after = comment.split_once("\n\n").map_or("", |(_, after)| after);
                assert_eq!(before.to_owned() + after, direct.text(), "{line} {fault}");
            }
            let entry = gateway.entry_of(&answer);
            assert!(entry.whole("input_tokens") > 0, "{line} {fault}: {}", entry.raw());
            assert!(entry.pico("cost") > 0, "{line} {fault}: {}", entry.raw());
            if fault == "no-usage" {
                assert_eq!(entry.text("usage_source"), "estimated", "{line} {fault}");
            }
        }
    }
}
