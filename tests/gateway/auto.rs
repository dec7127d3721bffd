//! `auto`: the gateway chooses the model, within what a call may cost.

use centime_testkit::Config;
use serde_json::{Value, json};

use crate::client::{Answered, Asked};
use crate::exact::pico;
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat, content, message};

const CHAT: &str = "POST /v1/chat/completions";
const RESPONSES: &str = "POST /v1/responses";
const MESSAGES: &str = "POST /v1/messages";
const GENERATE: &str = "POST /v1beta/models/auto:generateContent";

fn auto(text: &str, more: Value) -> Asked {
    let mut body = json!({"model": "auto", "messages": [{"role": "user", "content": text}]});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    Asked::new(CHAT, body)
}

fn code(answer: &Answered) -> String {
    let body = answer.json();
    let code = [&body["error"]["code"], &body["error"]["type"], &body["error"]["status"]];
    code.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_format_gets_a_model_of_its_own_and_the_ledger_has_it() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "");
    for (asked, of) in [
        (Asked::new(CHAT, chat(json!({"model": "auto", "max_tokens": 100}))), "openai"),
        (
            Asked::new(RESPONSES, json!({"model": "auto", "input": "How much is the fish?"})),
            "openai",
        ),
        (Asked::new(MESSAGES, message(json!({"model": "auto"}))), "anthropic"),
        (Asked::new(GENERATE, content(json!({}))), "gemini"),
    ] {
        let answer = gateway.ask(&asked.with("x-centime-budget: 0.5")).is(200);
        let model = answer.must("x-centime-model").to_owned();
        assert_ne!(model, "auto");
        assert!(pico(answer.must("x-centime-quote")) <= pico("0.5"), "{answer}");
        let entry = gateway.entry_of(&answer);
        assert_eq!((entry.text("model"), entry.text("provider")), (model.clone(), of.to_owned()));
        assert_eq!(entry.text("pricing_status"), "priced");
        let seen = provider.last();
        let said = seen.path + std::str::from_utf8(&seen.body).unwrap();
        assert!(said.contains(&model) && !said.contains("auto\""), "{said}");
        assert!(seen.headers.iter().all(|(name, _)| !name.starts_with("x-centime")));
    }
    gateway.verify();
}

#[test]
fn what_matters_gets_a_better_model_and_streams_do_too() {
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::start(&provider, "");
    let model = |text: &str| {
        let asked = auto(text, json!({"max_tokens": 50, "stream": true}));
        gateway.ask(&asked).is(200).must("x-centime-model").to_owned()
    };
    let simple = model("Quick: say hi");
    let critical = model("Analyze this critical, complex contract with great care");
    assert_ne!(simple, critical);
    let chosen = |task: &str| {
        let args = ["choose", "--task", task, "--max-output-tokens", "50"];
        gateway.json(args)
    };
    let (cheap, dear) =
        (chosen("Quick: say hi"), chosen("Analyze this critical, complex contract"));
    assert!(cheap.pico("quality") < dear.pico("quality"));
    assert!(cheap.pico("estimated_cost") < dear.pico("estimated_cost"));
}

#[test]
fn what_nothing_pays_for_is_refused_in_each_format_and_reaches_nobody() {
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::start(&provider, "");
    // Google gives some models away: there is something for every budget.
    for asked in [
        auto("Hi", json!({"max_tokens": 4000})),
        auto("Hi", json!({})),
        Asked::new(MESSAGES, message(json!({"model": "auto"}))),
    ] {
        let refused = gateway.ask(&asked.with("x-centime-budget: 0.00000001")).is(402);
        assert!(refused.text().contains("0.00000001 USD"), "{refused}");
        assert!(code(&refused).contains("insufficient_budget"), "{refused}");
    }
    for wrong in ["much", "-1", "", "$1"] {
        let refused =
            gateway.ask(&auto("Hi", json!({})).with(format!("x-centime-budget: {wrong}")));
        assert_eq!(refused.status, 400, "{wrong}: {refused}");
    }
    let embedding = Asked::new("POST /v1/embeddings", json!({"model": "auto", "input": "Hi"}));
    gateway.ask(&embedding).is(400);
    gateway.ask(&auto("Hi", json!({})).with("x-centime-passthrough: true")).is(400);
    assert_eq!(provider.calls(), 0);
    let refused = gateway.ask(&auto("Hi", json!({})).with("x-centime-budget: 0")).is(402);
    assert_eq!(code(&refused).split(' ').next(), Some("insufficient_budget"));
    assert!(gateway.entries().is_empty());
}

#[test]
fn what_a_call_brings_the_model_can_take() {
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::start(&provider, "");
    let picture = json!([{"type": "text", "text": "Quick: what is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]);
    let body = json!({"model": "auto", "max_tokens": 50, "messages": [{"role": "user", "content": picture}]});
    let answer = gateway.ask(&Asked::new(CHAT, body)).is(200);
    let names = |needs: &[&str]| {
        let args = ["choose", "--task", "Quick: what is this?"];
        let answer = gateway.json(args.into_iter().chain(needs.iter().copied()));
        let candidates = answer.at("candidates").items();
        candidates.iter().map(|candidate| candidate.text("model")).collect::<Vec<_>>()
    };
    let seeing = names(&["--needs", "images"]);
    assert!(seeing.contains(&answer.must("x-centime-model").to_owned()), "{answer}");
    assert!(seeing.len() < names(&[]).len());
}

#[test]
fn without_a_provider_of_the_format_there_is_nothing_to_choose_from() {
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::before(provider.address(), &["ANTHROPIC"], "");
    let refused = gateway.ask(&auto("Hi", json!({}))).is(400);
    assert_eq!(refused.json()["error"]["code"], "unknown_model");
    gateway.ask(&Asked::new(MESSAGES, message(json!({"model": "auto"})))).is(200);
}

#[test]
fn a_budget_of_one_call_bounds_it_whatever_the_model() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let asked = |more: Value, usd: &str| {
        Asked::new(CHAT, chat(more)).with(format!("x-centime-budget: {usd}"))
    };
    // An answer that was left open is limited to what the budget pays for: 10 USD a million.
    let lowered = gateway.ask(&asked(json!({}), "0.005")).is(200);
    assert!(pico(lowered.must("x-centime-quote")) <= pico("0.005"), "{lowered}");
    let limit: u64 = lowered.must("x-centime-output-limit").parse().unwrap();
    assert!((300..=500).contains(&limit), "{limit}");
    let sent: Value = serde_json::from_slice(&provider.last().body).unwrap();
    assert_eq!(sent["max_completion_tokens"], limit);
    // One whose client said how long it may be is left as it is, or refused.
    let whole = gateway.ask(&asked(json!({"max_tokens": 100}), "0.005")).is(200);
    assert_eq!(whole.header("x-centime-output-limit"), None);
    let refused = gateway.ask(&asked(json!({"max_tokens": 5000}), "0.005")).is(402);
    assert_eq!(refused.json()["error"]["code"], "insufficient_budget");
    let unknown = json!({"model": "released-this-morning", "max_tokens": 5});
    let refused = gateway.ask(&asked(unknown, "5")).is(402);
    assert_eq!(refused.json()["error"]["code"], "unpriced_model");
    gateway.ask(&asked(json!({}), "x")).is(400);
    gateway.ask(&Asked::bare("GET /v1/models").with("x-centime-budget: 0")).is(200);
    gateway.verify();
}

#[test]
fn what_budgets_have_left_bounds_the_choice() {
    let toml = "[budgets.small]\nscope = \"user\"\nlimit = \"0.001\"\nwindow = \"month\"\n";
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::start(&provider, toml);
    let task = "Analyze this critical, complex contract with great care";
    let asked = auto(task, json!({"max_tokens": 300}));
    let free = gateway.ask(&asked).is(200);
    let held = gateway.ask(&asked.clone().with("x-centime-user: ann")).is(200);
    assert!(pico(held.must("x-centime-quote")) <= pico("0.001"), "{held}");
    assert_ne!(free.must("x-centime-model"), held.must("x-centime-model"));
    gateway.verify();
}

#[test]
fn a_key_chooses_among_the_models_that_it_may_call() {
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::start(&provider, "");
    let created = gateway.json(["key", "create", "--name", "bot", "--model", "gpt-4.1-nano"]);
    let secret = created.text("key");
    let asked = auto("Analyze this critical thing", json!({"max_tokens": 50}))
        .with(format!("authorization: Bearer {secret}"));
    // A key that was just made is known a moment later; until then everybody may call anything.
    let answer = gateway.wait_for("the key", || {
        Some(gateway.ask(&asked)).filter(|it| it.header("x-centime-model") == Some("gpt-4.1-nano"))
    });
    assert_eq!(gateway.entry_of(&answer).text("key"), "bot");
}
