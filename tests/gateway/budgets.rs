//! Budgets hold: under any concurrency, through kills, and without a call refused that could be paid.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use centime_testkit::{Config, Faults, Share};
use serde_json::{Value, json};

use crate::client::{Answered, Asked, Line};
use crate::exact::{Json, pico};
use crate::support::{Dice, Gateway, ROUND_PRICES, Simulated, chat, message};

const CHAT: &str = "POST /v1/chat/completions";
/// How many clients call at once.
const CLIENTS: usize = 500;

fn for_user(user: &str, more: Value) -> Asked {
    Asked::new(CHAT, chat(more)).with(format!("x-centime-user: {user}"))
}

fn detail(refused: &Answered, name: &str) -> i128 {
    pico(refused.json()["error"]["details"][name].as_str().unwrap())
}

fn show(gateway: &Gateway, name: &str) -> Json {
    gateway.json(["budget", "show", name])
}

/// Expects a budget to hold at this moment.
fn holds(shown: &Json) {
    let of = |name: &str| shown.pico(name);
    let told = shown.raw();
    assert!(of("settled") + of("held") <= of("limit") + of("overdraft"), "{told}");
    assert_eq!(of("overdraft"), 0, "nothing could not be refused: {told}");
}

/// A call that may be left in the middle, and what came of it: the most it could have cost, where it was
/// refused for that.
fn call(address: SocketAddr, asked: &Asked, leaves_after: usize) -> Option<i128> {
    let mut line = Line::to(address).ok()?;
    line.say(&asked.bytes()).ok()?;
    let head = line.head().ok()?;
    let mut body = Vec::new();
    let _ = line.body(&head, &mut |piece| {
        body.extend_from_slice(piece);
        body.len() < leaves_after
    });
    if head.status != 402 {
        return None;
    }
    let told: Value = serde_json::from_slice(&body).unwrap();
    told["error"]["details"]["worst_case"].as_str().map(pico)
}

/// Many more calls than a budget pays for, all at once, some of which fail or are left: so many of each
/// client; the gateway is killed so often among them.
fn storm(seed: u64, calls_each: usize, kills: usize) {
    let faults = [(60, "status=500"), (60, "cut=3"), (60, "reset=3"), (100, "latency=30ms")];
    let faults =
        faults.map(|(share, fault)| (Share::per_mille(share), fault.parse::<Faults>().unwrap()));
    let config = Config { seed, faults: faults.into(), ..Config::default() };
    let provider = Simulated::start(config);
    let toml = format!(
        "{ROUND_PRICES}\n[budgets.all-of-it]\nlimit = \"0.03\"\n\
         [budgets.each]\nscope = \"user\"\nlimit = \"0.02\"\nwindow = \"day\""
    );
    let mut gateway = Gateway::start(&provider, &toml);
    let address = Arc::new(Mutex::new(gateway.address()));
    let is_away = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let refused: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (address, is_away) = (Arc::clone(&address), Arc::clone(&is_away));
            let (done, refused) = (Arc::clone(&done), Arc::clone(&refused));
            let mut dice = Dice(seed ^ (u64::try_from(client).unwrap() << 32));
            let run = move || {
                for number in 0..calls_each {
                    while is_away.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    let tokens = 50 + dice.roll(400);
                    let is_stream = dice.roll(2) == 0;
                    let user = format!("u{}", dice.roll(3));
                    let more = json!({
                        "max_tokens": tokens, "stream": is_stream, "seed": client * 10 + number,
                    });
                    let asked = for_user(&user, more);
                    let leaves_after = if dice.roll(10) == 0 { dice.roll(600) } else { usize::MAX };
                    let at = *address.lock().unwrap();
                    if call(at, &asked, leaves_after).is_some() {
                        refused.lock().unwrap().push(asked);
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            };
            std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap()
        })
        .collect();
    for kill in 1..=kills {
        while done.load(Ordering::Relaxed) < calls_each * CLIENTS * kill / (kills + 4) {
            std::thread::sleep(Duration::from_micros(200));
        }
        is_away.store(true, Ordering::Relaxed);
        gateway.kill();
        holds(&show(&gateway, "all-of-it"));
        gateway.run_again();
        *address.lock().unwrap() = gateway.address();
        is_away.store(false, Ordering::Relaxed);
    }
    while done.load(Ordering::Relaxed) < calls_each * CLIENTS {
        holds(&show(&gateway, "all-of-it"));
    }
    clients.into_iter().for_each(|client| client.join().unwrap());

    // Nobody knows what calls in doubt did cost: they count as what they may have, until somebody says.
    let in_doubt = |entry: &Json| entry.text("status") == "in_doubt";
    let doubts = gateway.wait_for("every call to end", || {
        let entries = gateway.entries();
        let doubts: Vec<Json> = entries.into_iter().filter(in_doubt).collect();
        let held = show(&gateway, "all-of-it").pico("held");
        (doubts.is_empty() == (held == 0)).then_some(doubts)
    });
    assert!(kills == 0 || !doubts.is_empty(), "it was killed while nothing was in flight");
    for doubt in doubts {
        gateway.run(["resolve", &doubt.text("id"), "--void"]);
    }
    gateway.wait_for("no hold to be left", || {
        (show(&gateway, "all-of-it").pico("held") == 0).then_some(())
    });
    std::thread::sleep(Duration::from_millis(600));

    // Alone, each that was refused gets what there is; what is left in the end pays for none of them.
    let again = refused.lock().unwrap().clone();
    assert!(again.len() > 100, "only {} were refused", again.len());
    let mut smallest = i128::MAX;
    for asked in &again {
        if let Some(worst) = call(gateway.address(), asked, usize::MAX) {
            smallest = smallest.min(worst);
        }
    }
    let shown = show(&gateway, "all-of-it");
    holds(&shown);
    assert_eq!(shown.pico("held"), 0, "{}", shown.raw());
    assert!(shown.pico("remaining") < smallest, "{} of {smallest}", shown.raw());
    gateway.stop();
    let spent: i128 = gateway.entries().iter().map(|entry| entry.pico("cost")).sum();
    assert!(spent <= pico("0.03") && spent > pico("0.015"), "{spent}");
    gateway.verify();
}

#[test]
fn a_budget_is_never_passed_however_many_call_at_once() {
    storm(1, 1, 0);
}

#[test]
fn a_budget_is_never_passed_through_kills() {
    storm(2, 4, 3);
}

#[test]
fn an_answer_that_was_left_open_is_limited_to_what_the_plan_pays_for() {
    let provider = Simulated::recording();
    let toml = "timezone = \"Europe/Paris\"\n[users.eve]\nplan = \"free\"";
    let gateway = Gateway::start(&provider, toml);
    let asked = for_user("eve", json!({"model": "o1-pro"}));
    let first = gateway.ask(&asked).is(200);
    let limit: u64 = first.must("x-centime-output-limit").parse().unwrap();
    assert!(pico(first.must("x-centime-quote")) <= pico("1"));
    let sent: Value = serde_json::from_slice(&provider.last().body).unwrap();
    assert_eq!(sent["max_completion_tokens"], limit);
    let refused = loop {
        let answer = gateway.ask(&asked);
        if answer.status == 402 {
            break answer;
        }
        let next: u64 = answer.is(200).must("x-centime-output-limit").parse().unwrap();
        assert!(next <= limit);
    };
    let error = &refused.json()["error"];
    assert_eq!(error["code"], "budget_exceeded");
    assert_eq!(error["details"]["budget"], "free");
    let resets_at = error["details"]["resets_at"].as_str().unwrap();
    assert!(resets_at.contains("-01T00:00:00+0"), "{resets_at}");
    let checked = gateway.json(["budget", "check", "--user", "eve", "--plan", "free"]);
    assert_eq!(checked.text("resets_at"), resets_at);
    assert_eq!(checked.pico("remaining"), detail(&refused, "remaining"));
    assert_eq!(checked.pico("spending"), detail(&refused, "spent"));
    assert_eq!(checked.pico("budget"), pico("1"));
    // A client that says itself how long the answer may be is refused, and not cut short.
    let own = for_user("eve", json!({"model": "o1-pro", "max_completion_tokens": 100_000}));
    gateway.ask(&own).is(402);
}

#[test]
fn a_call_in_doubt_counts_as_what_it_may_have_cost_until_it_is_resolved() {
    let provider = Simulated::start(Config::default());
    let toml = format!("{ROUND_PRICES}\n[budgets.b]\nlimit = \"0.01\"\nwindow = \"total\"");
    let mut gateway = Gateway::start(&provider, &toml);
    let asked = Asked::new(CHAT, chat(json!({"max_tokens": 700})));
    let mut line = Line::to(gateway.address()).unwrap();
    line.say(&asked.clone().failing("hang").bytes()).unwrap();
    gateway.wait_for("it to be held", || (show(&gateway, "b").pico("held") > 0).then_some(()));
    let held = show(&gateway, "b").pico("held");
    assert!(held >= pico("0.007") && held < pico("0.0075"), "{held}");
    gateway.kill();
    gateway.run_again();
    assert_eq!(show(&gateway, "b").pico("held"), held);
    let refused = gateway.ask(&asked).is(402);
    assert_eq!(detail(&refused, "held"), held);
    let doubt = gateway.entries().remove(0);
    gateway.run(["resolve", &doubt.text("id"), "--cost", "0.001"]);
    gateway.wait_for("it to be resolved", || (gateway.ask(&asked).status == 200).then_some(()));
    let shown = show(&gateway, "b");
    assert_eq!(shown.pico("held"), 0);
    holds(&shown);
    gateway.stop();
    gateway.verify();
}

#[test]
fn what_is_set_beside_a_running_gateway_takes_effect() {
    let provider = Simulated::start(Config::default());
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let asked = for_user("zoe", json!({"max_tokens": 200}));
    gateway.ask(&asked).is(200);
    let status = |wanted: u16| {
        gateway.wait_for(&format!("{wanted}"), || {
            Some(gateway.ask(&asked)).filter(|answer| answer.status == wanted)
        })
    };
    gateway
        .run(["budget", "set", "z", "--limit", "0.0001", "--window", "12h", "--scope", "user:zoe"]);
    // What was spent before counts.
    assert!(detail(&status(402), "spent") > 0);
    gateway.ask(&for_user("yan", json!({"max_tokens": 200}))).is(200);
    gateway.run(["budget", "set", "z", "--limit", "5", "--window", "12h", "--scope", "user:zoe"]);
    status(200);
    // Usage that is told afterwards cannot be refused: it is overdraft, and closes the budget.
    let event = r#"{"model":"gpt-4o","user":"zoe","meters":{"output":600000}}"#;
    std::fs::write(gateway.folder().join("e.jsonl"), event).unwrap();
    gateway.run(["import", "e.jsonl"]);
    status(402);
    let shown = show(&gateway, "z");
    assert!(shown.pico("overdraft") > pico("1"), "{}", shown.raw());
    gateway.run(["budget", "rm", "z"]);
    status(200);
    gateway.verify();
}

#[test]
fn what_cannot_be_bounded_or_metered_is_refused_under_a_hard_budget_alone() {
    let provider = Simulated::start(Config::default());
    let toml = format!(
        "{ROUND_PRICES}\n[budgets.hard]\nscope = \"user:ann\"\nlimit = \"5\"\n\
         [budgets.soft]\nscope = \"user:sam\"\nlimit = \"0\"\naction = \"warn\"\n\
         [budgets.down]\nscope = \"user:dan\"\nlimit = \"0\"\naction = \"downgrade:openai/gpt-4o-mini\""
    );
    let gateway = Gateway::start(&provider, &toml);
    let unknown = json!({"model": "released-this-morning"});
    let refused = gateway.ask(&for_user("ann", unknown.clone())).is(402);
    assert_eq!(refused.json()["error"]["code"], "unpriced_model");
    gateway.ask(&for_user("sam", unknown)).is(200);
    let batch = Asked::new("POST /v1/batches", json!({"input_file_id": "f"}));
    let refused = gateway.ask(&batch.clone().with("x-centime-user: ann")).is(402);
    assert_eq!(refused.json()["error"]["code"], "unmeterable");
    assert_ne!(gateway.ask(&batch.with("x-centime-user: sam")).status, 402);
    let downgraded = gateway.ask(&for_user("dan", json!({}))).is(200);
    assert_eq!(downgraded.must("x-centime-model"), "gpt-4o-mini");
    // In the words of each format.
    let asked = Asked::new("POST /v1/messages", message(json!({"max_tokens": 2_000_000})));
    let refused = gateway.ask(&asked.with("x-centime-user: ann"));
    assert!(refused.status == 200 || refused.json()["type"] == "error");
}

#[test]
fn a_call_waits_for_what_others_hold_where_it_is_told_to() {
    for (wait, expected) in [("", 402), ("hold_wait = \"20s\"\n", 200)] {
        let provider = Simulated::start(Config::default());
        // It pays for one of these at most, and for many at what they do cost.
        let budget = "[budgets.b]\nlimit = \"0.015\"\n";
        let gateway = Gateway::start(&provider, &format!("{wait}{ROUND_PRICES}{budget}"));
        let asked = Asked::new(CHAT, chat(json!({"max_tokens": 1000})));
        let slow = asked.clone().with("x-sim-fault: latency=800ms".to_owned());
        let address = gateway.address();
        let first = std::thread::spawn(move || slow.ask(address).status);
        gateway.wait_for("the hold", || (show(&gateway, "b").pico("held") > 0).then_some(()));
        assert_eq!(gateway.ask(&asked).status, expected, "{wait}");
        assert_eq!(first.join().unwrap(), 200);
        // What no end of another call could pay for is refused at once.
        let dear = Asked::new(CHAT, chat(json!({"max_tokens": 4000})));
        assert_eq!(gateway.ask(&dear).status, 402);
        gateway.verify();
    }
}

#[test]
fn what_is_set_over_http_takes_effect() {
    let provider = Simulated::start(Config::default());
    let gateway =
        Gateway::start(&provider, &format!("admin_key = \"admin-key-of-16\"\n{ROUND_PRICES}"));
    let admin = |line: &str, body: &str| {
        let asked = Asked::new(line, body.to_owned());
        gateway.ask(&asked.with("authorization: Bearer admin-key-of-16".to_owned())).is(200)
    };
    let asked = for_user("zoe", json!({"max_tokens": 200}));
    let status = |wanted: u16| {
        gateway.wait_for(&format!("{wanted}"), || {
            Some(gateway.ask(&asked)).filter(|answer| answer.status == wanted)
        })
    };
    admin(
        "POST /api/v1/budgets",
        r#"{"name":"z","limit":0.0001,"window":"day","scope":"user:zoe"}"#,
    );
    status(402);
    admin("DELETE /api/v1/budgets/z", "");
    status(200);
    admin("POST /api/v1/plans", r#"{"name":"tiny","limit":"0.0001"}"#);
    admin("POST /api/v1/users", r#"{"user":"zoe","plan":"tiny"}"#);
    status(402);
    admin("POST /api/v1/users", r#"{"user":"zoe","plan":null}"#);
    status(200);
    gateway.verify();
}
