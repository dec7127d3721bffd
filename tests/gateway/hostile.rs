//! Clients and providers that mean harm: what they send is bounded in memory and in time, and the calls
//! of others go on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;

use crate::client::{Asked, Line};
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat, message};

const CHAT: &str = "POST /v1/chat/completions";

/// More memory than this for what is harmful is a failure: it is a small part of what is sent.
const MEMORY_BYTES_MAX: u64 = 160 << 20;

/// Calls of somebody who means well, one after the other, until it is dropped.
struct Others {
    stop: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Others {
    fn call(address: SocketAddr) -> Self {
        let (stop, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, count) = (Arc::clone(&stop), Arc::clone(&made));
        let thread = std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let answer = Asked::new(CHAT, chat(json!({}))).ask(address).is(200);
                assert!(answer.is_whole && answer.header("x-centime-cost").is_some(), "{answer}");
                count.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self { stop, made, thread: Some(thread) }
    }

    /// Expects that all of them went well, and that some were made since the harm began.
    fn were_unharmed(mut self, before: usize) {
        let made = || self.made.load(Ordering::Relaxed);
        while made() < before + 3 && !self.thread.as_ref().unwrap().is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

/// Says bytes that are no request, and hears what is said to that.
fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // Whoever is refused early may find the line closed.
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    String::from_utf8_lossy(&heard).into_owned()
}

#[test]
fn a_flood_of_headers_is_refused() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let others = Others::call(gateway.address());
    let before = others.made();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n";
    let many: String = (0..5_000).map(|at| format!("x-{at}: 1\r\n")).collect();
    let long = format!("x-long: {}\r\n", "x".repeat(1 << 20));
    let endless = "x".repeat(8 << 20);
    for flood in [many, long, endless] {
        let heard = say(gateway.address(), format!("{head}{flood}\r\n").as_bytes());
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 431"), "{heard}");
    }
    others.were_unharmed(before);
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let others = Others::call(gateway.address());
    let before = others.made();
    // It says how long it will be, and is refused by that alone.
    let mut line = Line::to(gateway.address()).unwrap();
    let head = format!(
        "{CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{{",
        100 << 20
    );
    line.say(head.as_bytes()).unwrap();
    let answer = line.hear().unwrap().is(413);
    assert_eq!(answer.json()["error"]["code"], "body_too_large", "{answer}");
    // It does not say, and is refused when it is too long.
    let mut line = Line::to(gateway.address()).unwrap();
    let head = format!(
        "{CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    line.say(head.as_bytes()).unwrap();
    let piece = [b"100000\r\n", vec![b' '; 1 << 20].as_slice(), b"\r\n"].concat();
    // The line is read on for a moment, so that the answer can be heard, and closed then.
    let pieces = 16 << 10;
    let said = (0..pieces).take_while(|_| line.say(&piece).is_ok()).count();
    if let Ok(answer) = line.hear() {
        answer.is(413);
    }
    assert!(said < pieces, "all of it was read");
    others.were_unharmed(before);
    assert!(gateway.memory_bytes_max() < 2 * MEMORY_BYTES_MAX, "{}", gateway.memory_bytes_max());
}

#[test]
fn what_is_no_sound_json_is_refused_or_passed_and_harms_nobody() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let others = Others::call(gateway.address());
    let before = others.made();
    let deep = |open: &str, close: &str| {
        let depth = 200_000;
        let (open, close) = (open.repeat(depth), close.repeat(depth));
        format!("{{\"model\":\"gpt-4o\",\"messages\":{open}1{close}}}").into_bytes()
    };
    let bodies = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        vec![b'['; 1 << 20],
        b"{\"model\":\"gpt-4o\",\"messages\":\"\xff\xfe\"}".to_vec(),
        b"{\"model\":\"\xc3\x28\"}".to_vec(),
        b"{\"model\":\"\\ud800\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"\0".to_vec(),
        b"{\"model\":\"a\",\"model\":\"b\",\"messages\":[]}".to_vec(),
    ];
    for body in bodies {
        let shown: String = String::from_utf8_lossy(&body).chars().take(60).collect();
        let answer = gateway.ask(&Asked::of_kind(CHAT, "application/json", body));
        assert!(matches!(answer.status, 200 | 400), "{shown}: {answer}");
    }
    others.were_unharmed(before);
    gateway.verify();
}

#[test]
fn clients_that_say_their_requests_slowly_keep_nobody_waiting() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    // Half of them pause in the head, the others in the body.
    let head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-a: ".as_slice();
    let body = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
        content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"
        .as_slice();
    let mut slow: Vec<TcpStream> = Vec::new();
    for at in 0..400 {
        let mut stream = TcpStream::connect(gateway.address()).unwrap();
        stream.write_all(if at % 2 == 0 { head } else { body }).unwrap();
        slow.push(stream);
    }
    let others = Others::call(gateway.address());
    for _ in 0..5 {
        for stream in &mut slow {
            let _ = stream.write_all(b"x");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    others.were_unharmed(0);
    // None of them is a call.
    drop(slow);
    let answer = gateway.ask(&Asked::new(CHAT, chat(json!({}))));
    gateway.entry_of(&answer);
    assert_eq!(gateway.entries().len(), usize::try_from(provider.calls()).unwrap());
}

/// Hears so much of an answer, and goes; how much came.
fn hear_some(gateway: &Gateway, asked: &Asked, bytes_max: u64) -> u64 {
    let mut line = Line::to(gateway.address()).unwrap();
    line.say(&asked.bytes()).unwrap();
    let head = line.head().unwrap();
    assert_eq!(head.status, 200);
    let mut heard = 0;
    line.body(&head, &mut |piece| {
        heard += u64::try_from(piece.len()).unwrap();
        heard < bytes_max
    })
    .unwrap();
    heard
}

#[test]
fn an_answer_without_end_passes_in_little_memory() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let others = Others::call(gateway.address());
    let before = others.made();
    let some = 256 << 20;
    for body in [chat(json!({"stream": true})), chat(json!({}))] {
        let asked = Asked::new(CHAT, &body).failing("endless");
        assert!(hear_some(&gateway, &asked, some) >= some);
    }
    let asked = Asked::new("POST /v1/messages", message(json!({"stream": true})));
    assert!(hear_some(&gateway, &asked.failing("endless"), some) >= some);
    others.were_unharmed(before);
    let memory = gateway.memory_bytes_max();
    assert!(memory < MEMORY_BYTES_MAX, "{memory} bytes");
    // Each has its entry, and says that its client has left.
    let aborted = || gateway.entries().iter().filter(|it| it.text("status") == "aborted").count();
    gateway.wait_for("three entries", || (aborted() == 3).then_some(()));
}

#[test]
fn an_answer_of_a_gigabyte_passes_whole_in_little_memory() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, ROUND_PRICES);
    let others = Others::call(gateway.address());
    let before = others.made();
    let asked = Asked::new(CHAT, chat(json!({}))).failing("huge=1GiB");
    let heard = hear_some(&gateway, &asked, u64::MAX);
    assert!(heard > 1 << 30, "{heard} bytes");
    // Of a stream each event is looked at, which takes its time.
    let asked = Asked::new(CHAT, chat(json!({"stream": true}))).failing("huge=32MiB");
    let heard = hear_some(&gateway, &asked, u64::MAX);
    assert!(heard > 30 << 20, "{heard} bytes");
    others.were_unharmed(before);
    let memory = gateway.memory_bytes_max();
    assert!(memory < MEMORY_BYTES_MAX, "{memory} bytes");
    let entries = gateway.wait_for("their entries", || {
        let entries = gateway.entries();
        (entries.len() == usize::try_from(provider.calls()).unwrap()).then_some(entries)
    });
    assert!(
        entries.iter().all(|it| it.text("status") == "ok" && it.text("usage_source") == "reported")
    );
    gateway.verify();
}
