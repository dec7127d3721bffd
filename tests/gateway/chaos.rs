//! Everything goes wrong at once: the provider fails in every way, clients leave at any moment, and the
//! gateway is killed again and again. What the ledger says in the end is held against what the provider
//! counted itself.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use centime_testkit::{Config, Faults, Share};
use serde_json::json;

use crate::client::{Asked, Line};
use crate::support::{Dice, Gateway, ROUND_PRICES, Simulated, chat, content, message};

/// How many calls are made at once.
const CLIENTS: usize = 16;

/// How often each goes wrong, of a thousand; the rest goes well.
const FAULTS: &[(u16, &str)] = &[
    (30, "status=500"),
    (30, "status=429"),
    (10, "redirect=http://127.0.0.1:9/"),
    (30, "hang"),
    (40, "latency=50ms"),
    (30, "hang=3"),
    (40, "cut=3"),
    (30, "cut=0"),
    (40, "reset=3"),
    (30, "reset=0"),
    (30, "malformed"),
    (30, "no-usage"),
    (30, "gzip"),
    (20, "headers"),
    (20, "gap=5ms"),
    (10, "huge=2MiB"),
];

/// A call of any kind.
fn any_call(dice: &mut Dice, number: usize) -> Asked {
    // No two are alike, so that the provider draws for each.
    let user = format!("u{number}");
    match dice.roll(6) {
        0 => Asked::new("POST /v1/chat/completions", chat(json!({"user": user}))),
        1 | 2 => {
            let body = chat(json!({"user": user, "stream": true}));
            Asked::new("POST /v1/chat/completions", body)
        }
        3 => Asked::new("POST /v1/messages", message(json!({"metadata": {"user_id": user}}))),
        4 => {
            let body = message(json!({"metadata": {"user_id": user}, "stream": true}));
            Asked::new("POST /v1/messages", body)
        }
        _ => {
            let line = "POST /v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse";
            let body = content(json!({"labels": {"user": user}}));
            Asked::new(line, body).with(format!("x-centime-user: {user}"))
        }
    }
}

/// Makes a call, and may leave at any moment. What comes of it is the ledger's to say; whether there
/// was an answer that came to its end.
fn call(address: SocketAddr, asked: &Asked, dice: &mut Dice) -> bool {
    let Ok(mut line) = Line::to(address) else { return false };
    let bytes = asked.bytes();
    let stays = match dice.roll(10) {
        // Before the request is whole, or at once after it.
        0 => {
            let _ = line.say(&bytes[..dice.roll(bytes.len() + 1)]);
            return false;
        }
        1 => {
            let _ = line.say(&bytes);
            std::thread::sleep(Duration::from_millis(u64::try_from(dice.roll(20)).unwrap()));
            return false;
        }
        2 => dice.roll(3000),
        _ => usize::MAX,
    };
    if line.say(&bytes).is_err() {
        return false;
    }
    let Ok(head) = line.head() else { return false };
    let mut heard = 0_usize;
    let ended = line.body(&head, &mut |piece| {
        heard += piece.len();
        heard < stays
    });
    ended.is_ok() && heard < stays
}

/// Makes so many calls, and kills the gateway so often while they are made.
fn survive(seed: u64, calls: usize, kills: usize) {
    let faults = FAULTS
        .iter()
        .map(|&(share, fault)| (Share::per_mille(share), fault.parse::<Faults>().unwrap()));
    let provider = Simulated::start(Config { seed, faults: faults.collect(), ..Config::default() });
    let toml = format!("{ROUND_PRICES}\n[timeouts]\nfirst_byte = \"300ms\"\nidle = \"300ms\"");
    let mut gateway = Gateway::start(&provider, &toml);
    let address = Arc::new(Mutex::new(gateway.address()));
    let next = Arc::new(AtomicUsize::new(0));
    let whole = Arc::new(AtomicUsize::new(0));
    // Calls wait while there is no gateway: they are to be in flight when it is killed.
    let is_away = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (address, next) = (Arc::clone(&address), Arc::clone(&next));
            let (whole, is_away) = (Arc::clone(&whole), Arc::clone(&is_away));
            let mut dice = Dice(seed ^ (u64::try_from(client).unwrap() << 32));
            std::thread::spawn(move || {
                loop {
                    while is_away.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= calls {
                        return;
                    }
                    let asked = any_call(&mut dice, number);
                    let at = *address.lock().unwrap();
                    if call(at, &asked, &mut dice) {
                        whole.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let mut dice = Dice(seed);
    for kill in 1..=kills {
        // At any moment of its share of the calls.
        let moment = calls * kill / (kills + 1) + dice.roll(calls / (kills + 1));
        while next.load(Ordering::Relaxed) < moment.min(calls) {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(u64::try_from(dice.roll(5000)).unwrap()));
        is_away.store(true, Ordering::Relaxed);
        gateway.kill();
        gateway.run_again();
        *address.lock().unwrap() = gateway.address();
        is_away.store(false, Ordering::Relaxed);
    }
    clients.into_iter().for_each(|client| client.join().unwrap());
    gateway.stop();
    // Whatever a process that was killed left behind goes into the ledger when the next one starts.
    gateway.run_again();
    gateway.stop();

    let counted = usize::try_from(provider.calls()).unwrap();
    let entries = gateway.entries();
    let uids: HashSet<String> = entries.iter().map(|entry| entry.text("uid")).collect();
    let of = |status: &str| entries.iter().filter(|entry| entry.text("status") == status).count();
    let in_doubt = of("in_doubt");
    let told = format!(
        "seed {seed}: {calls} calls, {kills} kills, {} whole answers; the provider counted {counted}; \
         {} entries: {} ok, {} error, {} aborted, {in_doubt} in doubt",
        whole.load(Ordering::Relaxed),
        entries.len(),
        of("ok"),
        of("error"),
        of("aborted"),
    );
    eprintln!("{told}");
    assert_eq!(uids.len(), entries.len(), "an entry is there twice: {told}");
    assert!(entries.len() - in_doubt <= counted, "an entry without a call: {told}");
    assert!(counted <= entries.len(), "a call without an entry: {told}");
    // It was a storm, and not a calm.
    for status in ["ok", "error", "aborted", "in_doubt"] {
        assert!(of(status) > 0, "none is {status}: {told}");
    }
    assert!(of("ok") * 4 > calls, "most calls went wrong: {told}");
    gateway.verify();
}

/// A thousand calls, or as many as `CENTIME_CHAOS_CALLS` says, and a kill in every hundred.
#[test]
fn every_call_is_in_the_ledger_once_through_faults_departures_and_kills() {
    let asked = std::env::var("CENTIME_CHAOS_CALLS").ok();
    let calls = asked.map_or(1_000, |calls| calls.parse().unwrap());
    survive(u64::try_from(calls).unwrap(), calls, calls / 100);
}
