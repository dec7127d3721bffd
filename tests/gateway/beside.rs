//! What runs beside the calls: commands on the same ledger, usage events, figures, the end and the
//! next beginning.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Asked;
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat};

const CHAT: &str = "POST /v1/chat/completions";

/// What takes effect within a second does so in this time even on a machine that has much to do.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_price_that_is_set_beside_the_gateway_takes_effect_soon() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "");
    let asked = Asked::new(CHAT, chat(json!({"model": "released-this-morning"})));
    let answer = gateway.ask(&asked).is(200);
    assert!(answer.header("x-centime-cost").is_none(), "{answer}");
    let set = ["prices", "set", "openai/released-this-morning", "input=1", "output=10"];
    gateway.run(set.into_iter().chain(["--per", "1M", "--from", "2020-01-01"]));
    let started = Instant::now();
    let priced = gateway.wait_for("the price", || {
        let answer = gateway.ask(&asked).is(200);
        answer.header("x-centime-cost").is_some().then_some(answer)
    });
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    let usage = &priced.json()["usage"];
    let tokens = |name: &str| i128::from(usage[name].as_u64().unwrap());
    let expected = (tokens("prompt_tokens") + 10 * tokens("completion_tokens")) * 1_000_000;
    let entry = gateway.entry_of(&priced);
    assert_eq!(entry.pico("cost"), expected);
    // What was recorded before stays as it was.
    assert_eq!(gateway.entry_of(&answer).text("pricing_status"), "unpriced");
    gateway.verify();
}

#[test]
fn an_entry_shows_soon_after_its_answer() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    for _ in 0..5 {
        let answer = gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(200);
        let started = Instant::now();
        gateway.entry_of(&answer);
        assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    }
    let id = gateway.entries()[0].text("id");
    let explained = gateway.run(["explain", &id]);
    assert!(String::from_utf8(explained.stdout).unwrap().contains("output"));
}

#[test]
fn usage_events_come_in_beside_calls_once_each() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(200);
    let event = |id: &str, tokens: u64| {
        json!({"id": id, "at": "2026-11-01T12:00:00Z", "model": "gpt-4o",
               "meters": {"input": tokens}, "user": "alice"})
        .to_string()
    };
    let post = |body: String| gateway.ask(&Asked::new("POST /api/v1/events", body)).is(200).json();
    let said = post(format!("[{},{}]", event("a", 1_000_000), event("b", 1)));
    assert_eq!(said, json!({"new": 2, "known": 0, "refused": []}));
    let lines = format!("{}\n{}\nno event\n", event("a", 1_000_000), event("b", 2));
    let said = post(lines);
    assert_eq!((&said["new"], &said["known"]), (&json!(0), &json!(1)));
    let refused = said["refused"].as_array().unwrap();
    assert_eq!((&refused[0]["line"], &refused[0]["id"]), (&json!(2), &json!("b")));
    assert_eq!((refused.len(), &refused[1]["line"]), (2, &json!(3)));
    let entries = gateway.entries_once(3);
    let a = entries.iter().find(|entry| entry.text("id") == "a").unwrap();
    assert_eq!((a.pico("cost"), a.text("user")), (1_000_000_000_000, "alice".to_owned()));
    gateway.verify();
}

#[test]
fn figures_and_health_are_told() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    gateway.ask(&Asked::new(CHAT, chat(json!({})))).is(200);
    gateway.ask(&Asked::new(CHAT, chat(json!({}))).failing("status=500")).is(500);
    gateway.ask(&Asked::new(CHAT, "{")).is(400);
    for path in ["GET /healthz", "GET /readyz"] {
        gateway.ask(&Asked::bare(path)).is(200);
    }
    let figures = gateway.ask(&Asked::bare("GET /metrics")).is(200);
    for line in [
        "centime_calls_total{status=\"ok\"} 1",
        "centime_calls_total{status=\"error\"} 1",
        "centime_calls_refused_total 1",
    ] {
        assert!(figures.text().lines().any(|it| it == line), "{line}: {figures}");
    }
}

#[test]
fn a_call_in_flight_ends_before_the_gateway_does() {
    let provider = Simulated::recording();
    let mut gateway = Gateway::start(&provider, ROUND_PRICES);
    let address = gateway.address();
    let asked = Asked::new(CHAT, chat(json!({"stream": true}))).failing("gap=30ms");
    let call = std::thread::spawn(move || asked.ask(address));
    gateway.wait_for("the call", || (provider.calls() == 1).then_some(()));
    gateway.stop();
    let answer = call.join().unwrap().is(200);
    assert!(answer.is_whole && answer.text().ends_with("data: [DONE]\n\n"), "{answer}");
    let entry = gateway.entry_of(&answer);
    assert_eq!(
        (entry.text("status"), entry.text("usage_source")),
        ("ok".to_owned(), "reported".to_owned())
    );
    // And nothing is in doubt when it begins again.
    gateway.run_again();
    assert_eq!(gateway.entries().len(), 1);
    gateway.verify();
}
