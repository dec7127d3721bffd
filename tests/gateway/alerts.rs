//! Alerts and digests reach their channels, once each, whatever fails between.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::client::Asked;
use crate::receiver::{Got, Mood, Receiver};
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat};

const CHAT: &str = "POST /v1/chat/completions";
/// The secret of the webhook, and the bytes that it stands for.
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn for_user(user: &str) -> Asked {
    Asked::new(CHAT, chat(json!({}))).with(format!("x-centime-user: {user}"))
}

/// Every user's first call is too much, and nothing else is.
fn configuration(receiver: &Receiver, more: &str) -> String {
    format!(
        "{ROUND_PRICES}\n\
         [alerts]\ndaily_limit = \"none\"\nmodel_limit = \"none\"\nuser_limit = \"0.000000001\"\n\
         unpriced_models = false\n\
         [alerts.channels.hook]\nkind = \"webhook\"\nurl = \"http://{}/hook\"\nsecret = \"{SECRET}\"\n\
         {more}",
        receiver.address
    )
}

fn subjects(taken: &[Got]) -> Vec<String> {
    let subject = |got: &Got| {
        let body: Value = serde_json::from_str(&got.body).unwrap();
        body["data"]["subject"].as_str().unwrap().to_owned()
    };
    taken.iter().map(subject).collect()
}

/// Checks a signature with somebody else's HMAC.
fn verify(got: &Got) {
    let of = |name: &str| got.headers.get(name).unwrap_or_else(|| panic!("no {name}: {got:?}"));
    let key: Vec<u8> = (0..32).collect();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{}", of("webhook-id"), of("webhook-timestamp"), got.body);
    let signature = base64(ring::hmac::sign(&key, signed.as_bytes()).as_ref());
    assert_eq!(*of("webhook-signature"), format!("v1,{signature}"));
    assert_eq!(of("content-type"), "application/json");
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| usize::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[test]
fn an_alert_is_told_once_and_signed() {
    let (provider, receiver) =
        (Simulated::start(centime_testkit::Config::default()), Receiver::start());
    let gateway = Gateway::start(&provider, &configuration(&receiver, ""));
    for _ in 0..3 {
        gateway.ask(&for_user("alice"));
    }
    gateway.ask(&for_user("bob"));
    let taken =
        gateway.wait_for("two alerts", || Some(receiver.taken()).filter(|it| it.len() >= 2));
    taken.iter().for_each(verify);
    gateway.ask(&for_user("carol"));
    let taken = gateway.wait_for("the third", || Some(receiver.taken()).filter(|it| it.len() >= 3));
    assert_eq!(subjects(&taken), ["alice", "bob", "carol"]);
    let body: Value = serde_json::from_str(&taken[0].body).unwrap();
    assert_eq!(body["type"], "alert");
    assert_eq!(body["data"]["rule"], "user_limit");
    assert!(body["data"]["message"].as_str().unwrap().contains("`alice` spent"), "{body}");
    assert_eq!(gateway.json(["alerts", "list"]).items().len(), 3);
    assert!(!gateway.log().contains("whsec_") && !gateway.log().contains("/hook"));
    gateway.verify();
}

#[test]
fn what_others_import_is_told_by_the_gateway() {
    let (provider, receiver) =
        (Simulated::start(centime_testkit::Config::default()), Receiver::start());
    let gateway = Gateway::start(&provider, &configuration(&receiver, ""));
    let event = r#"{"id":"1","model":"openai/gpt-4o","user":"dora","meters":{"input":1000000}}"#;
    std::fs::write(gateway.folder().join("events.jsonl"), event).unwrap();
    gateway.run(["import", "events.jsonl"]);
    let taken =
        gateway.wait_for("the alert", || Some(receiver.taken()).filter(|it| !it.is_empty()));
    assert_eq!(subjects(&taken), ["dora"]);
    gateway.verify();
}

#[test]
fn every_alert_arrives_through_outages_kills_and_restarts() {
    let (provider, receiver) =
        (Simulated::start(centime_testkit::Config::default()), Receiver::start());
    let mut gateway = Gateway::start(&provider, &configuration(&receiver, ""));
    let mut users = BTreeSet::new();
    for mood in [Mood::Away, Mood::Busy, Mood::Mute, Mood::Broken, Mood::Kind] {
        receiver.be(mood);
        for call in 0..3 {
            let user = format!("user-{mood:?}-{call}");
            gateway.ask(&for_user(&user));
            users.insert(user);
        }
        gateway.wait_for("a try", || (receiver.tried() > 0).then_some(()));
        if mood == Mood::Broken {
            gateway.stop();
        } else {
            gateway.kill();
        }
        gateway.run_again();
    }
    receiver.be(Mood::Kind);
    let told = |taken: &[Got]| subjects(taken).into_iter().collect::<BTreeSet<_>>();
    let taken = gateway.wait_for("every alert", || {
        Some(receiver.taken()).filter(|taken| told(taken).len() >= users.len())
    });
    assert_eq!(told(&taken), users);
    assert!(receiver.refused() > 0, "it never failed");
    // What came again came as it was, and only where nobody knew that it had arrived.
    let mut by_id: BTreeMap<&str, Vec<&Got>> = BTreeMap::new();
    for got in &taken {
        verify(got);
        by_id.entry(&got.headers["webhook-id"]).or_default().push(got);
    }
    assert_eq!(by_id.len(), users.len(), "an alert came under two ids");
    for again in by_id.values() {
        assert!(again.iter().all(|got| got.body == again[0].body));
        let answered = again.iter().filter(|got| got.mood == Mood::Kind).count();
        // A kill may have come between the answer and its being written down.
        assert!(answered <= 2, "{again:?}");
    }
    gateway.verify();
}

#[test]
fn slack_gets_blocks_however_hostile_the_names() {
    let (provider, receiver) =
        (Simulated::start(centime_testkit::Config::default()), Receiver::start());
    let slack = format!(
        "[alerts.channels.ops]\nkind = \"slack\"\nurl = \"http://{}/services/T0/B0/x\"\n",
        receiver.address
    );
    let only = configuration(&receiver, &slack)
        .replace("[alerts.channels.hook]", "[alerts.channels.other]");
    let gateway = Gateway::start(&provider, &only);
    gateway.ask(&for_user("<!channel>&*_`<https://x|y>`"));
    let body = gateway.wait_for("the message", || {
        let taken = receiver.taken();
        taken.into_iter().map(|got| got.body).find(|body| body.contains("blocks"))
    });
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["text"].as_str().unwrap().contains("spent"));
    for block in body["blocks"].as_array().unwrap() {
        let text = block["text"]["text"].as_str().unwrap();
        assert!(block["type"] == "header" || !text.contains('<'), "{text}");
    }
    gateway.verify();
}

#[test]
fn a_budget_is_told_of_step_by_step() {
    let (provider, receiver) =
        (Simulated::start(centime_testkit::Config::default()), Receiver::start());
    let budget = "[budgets.team]\nlimit = \"1\"\nwindow = \"month\"\n";
    let toml = configuration(&receiver, budget)
        .replace("user_limit = \"0.000000001\"", "user_limit = \"none\"");
    let gateway = Gateway::start(&provider, &toml);
    for (tokens, step, rule) in [
        (500_000, 0.5, "budget"),
        (300_000, 0.8, "budget"),
        (200_000, 1.0, "budget"),
        (1, 1.0, "overdraft"),
    ] {
        let event = json!({"id": step.to_string() + rule, "model": "gpt-4o", "provider": "openai",
                           "meters": {"input": tokens}});
        std::fs::write(gateway.folder().join("events.jsonl"), event.to_string()).unwrap();
        gateway.run(["import", "events.jsonl"]);
        let found = gateway.wait_for(rule, || {
            let bodies = receiver.taken().into_iter().map(|got| got.body);
            let bodies = bodies.map(|body| serde_json::from_str::<Value>(&body).unwrap());
            let mut found = bodies.map(|body| body["data"].clone());
            found.find(|data| data["rule"] == rule && data["limit"].as_f64() == Some(step))
        });
        assert_eq!(found["subject"], "team");
    }
    assert_eq!(receiver.taken().len(), 4);
    gateway.verify();
}

#[test]
fn a_digest_is_sent_once_a_period() {
    let (provider, receiver) =
        (Simulated::start(centime_testkit::Config::default()), Receiver::start());
    let digest = "[digest]\nevery = \"day\"\nat = \"00:00\"\n";
    let toml = configuration(&receiver, digest)
        .replace("user_limit = \"0.000000001\"", "user_limit = \"none\"");
    let mut gateway = Gateway::start(&provider, &toml);
    gateway.ask(&for_user("alice"));
    let ledger = gateway.folder().join("centime.db");
    let marked = || {
        let db = rusqlite::Connection::open(&ledger).unwrap();
        let sql = "SELECT number FROM revisions WHERE what = 'digest'";
        db.query_row(sql, (), |row| row.get::<_, i64>(0)).ok()
    };
    // The first time there is nothing to catch up with.
    gateway.wait_for("the mark", marked);
    assert_eq!(receiver.taken().len(), 0);
    gateway.stop();
    // A day passes.
    let db = rusqlite::Connection::open(&ledger).unwrap();
    db.execute("UPDATE revisions SET number = number - 86400000000 WHERE what = 'digest'", ())
        .unwrap();
    drop(db);
    receiver.be(Mood::Broken);
    gateway.run_again();
    gateway.wait_for("a refusal", || (receiver.refused() > 0).then_some(()));
    gateway.kill();
    receiver.be(Mood::Kind);
    gateway.run_again();
    let taken =
        gateway.wait_for("the digest", || Some(receiver.taken()).filter(|it| !it.is_empty()));
    verify(&taken[0]);
    let body: Value = serde_json::from_str(&taken[0].body).unwrap();
    assert_eq!(body["type"], "digest");
    assert!(body["data"]["title"].as_str().unwrap().starts_with("LLM cost of "), "{body}");
    assert!(body["data"]["report"]["total"]["requests"].is_number());
    gateway.stop();
    gateway.run_again();
    gateway.ask(&for_user("bob"));
    gateway.entries_once(2);
    assert_eq!(receiver.taken().len(), 1);
    gateway.verify();
}
