//! Connections from start to end.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use centime_server::{Front, Limits, Log, Server};

use crate::support::{Echo, Running, front, hear, last};

fn limits() -> Limits {
    Limits { head_time: Duration::from_millis(300), ..Limits::default() }
}

#[test]
fn it_is_ready_at_once() {
    let start = Instant::now();
    let gateway = Running::start(front());
    assert_eq!(gateway.say(last("GET /", "")).statuses(), [200]);
    assert!(start.elapsed() < Duration::from_millis(1000), "{:?}", start.elapsed());
}

#[test]
fn a_head_that_never_ends_is_not_waited_for() {
    let gateway = Running::start(Front { limits: limits(), ..front() });
    for start in ["", "P", "PRI * HT", "GET / HTTP/1.1\r\nHost: local"] {
        let mut stream = gateway.connect();
        stream.write_all(start.as_bytes()).unwrap();
        let mut heard = Vec::new();
        // It ends by itself: reading to the end comes to one, within the bound of the client.
        assert!(stream.read_to_end(&mut heard).is_ok(), "{start:?}");
        assert!(!String::from_utf8_lossy(&heard).contains("200"), "{start:?}");
    }
}

#[test]
fn a_body_that_pauses_for_long_is_not_waited_for() {
    let limits = Limits { body_time: Duration::from_millis(400), ..Limits::default() };
    let gateway = Running::start(Front { limits, ..front() });
    let head = "POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let mut paused = gateway.connect();
    paused.write_all(format!("{head}Content-Length: 9\r\n\r\n[").as_bytes()).unwrap();
    let mut heard = Vec::new();
    let _ = paused.read_to_end(&mut heard);
    assert!(!String::from_utf8_lossy(&heard).contains("POST /b"));
    // One that is slow and goes on is waited for, and so is an answer.
    let mut slow = gateway.connect();
    slow.write_all(format!("{head}Content-Length: 5\r\n\r\n").as_bytes()).unwrap();
    for byte in b"[1,2]" {
        std::thread::sleep(Duration::from_millis(150));
        slow.write_all(&[*byte]).unwrap();
    }
    slow.write_all(last("GET /slow", "").as_bytes()).unwrap();
    assert_eq!(hear(slow).statuses(), [200, 200]);
}

#[test]
fn a_further_connection_waits_until_one_ends() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let gateway = Running::start(Front { limits, ..front() });
    let first: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = gateway.connect();
            stream.write_all(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut space = [0; 64];
            assert!(stream.read(&mut space).unwrap() > 0);
            stream
        })
        .collect();
    let mut waiting = gateway.connect();
    waiting.write_all(last("GET /b", "").as_bytes()).unwrap();
    waiting.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(waiting.read(&mut [0; 64]).is_err());
    drop(first);
    assert_eq!(hear(waiting).statuses(), [200]);
}

/// What a log wrote.
#[derive(Clone, Default)]
struct Told(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_happens_to_a_gateway_is_told() {
    let told = Told::default();
    let log = Log::new(told.clone(), || "2026-11-01T12:00:00Z".parse().unwrap());
    let limits = Limits { connections: 1, ..Limits::default() };
    let workers = std::num::NonZeroUsize::new(1);
    let gateway = Running::start(Front { limits, workers, log: log.into(), ..front() });
    let refused = last("GET /secret", "X: secret\r\n").replace("localhost", "secret.example");
    assert_eq!(gateway.say(refused).statuses(), [421]);
    let first = gateway.connect();
    let second = gateway.connect();
    std::thread::sleep(Duration::from_millis(100));
    drop((first, second));
    gateway.stop.drain();
    gateway.wait().unwrap();
    let text = String::from_utf8(told.0.lock().unwrap().clone()).unwrap();
    let events: Vec<&str> = text
        .lines()
        .map(|line| line.split("\"event\":\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    assert_eq!(events, ["started", "refused", "full", "stopped"], "{text}");
    assert!(text.contains(r#""code":"unknown_host""#) && !text.contains("secret"), "{text}");
}

#[test]
fn calls_in_flight_end_before_it_stops() {
    let gateway = Running::start(front());
    let mut idle = gateway.connect();
    idle.write_all(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 512]).unwrap() > 0);
    let mut slow = gateway.connect();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    gateway.stop.drain();
    let heard = hear(slow);
    assert_eq!(heard.statuses(), [200]);
    assert!(heard.is_closed && hear(idle).is_closed);
    let address = gateway.address;
    gateway.wait().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_call_that_does_not_end_is_cut() {
    for is_ended in [true, false] {
        let limits = Limits { drain_time: Duration::from_millis(300), ..Limits::default() };
        let gateway = Running::start(Front { limits, ..front() });
        let mut stuck = gateway.connect();
        stuck.write_all(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        if is_ended {
            gateway.stop.end();
        } else {
            gateway.stop.drain();
        }
        gateway.wait().unwrap();
        assert_eq!(stuck.read(&mut [0; 64]).unwrap_or(0), 0);
    }
}

#[test]
fn http2_is_spoken_by_prior_knowledge() {
    use http_body_util::{BodyExt, Full};
    let gateway = Running::start(front());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let executor = hyper_util::rt::TokioExecutor::new();
        let (mut client, connection) =
            hyper::client::conn::http2::handshake(executor, io).await.unwrap();
        tokio::task::spawn_local(connection);
        for (host, path, headers, status) in [
            ("localhost", "/v1/messages", &[("content-type", "application/json")][..], 200),
            ("localhost", "/v1/messages", &[], 415),
            ("evil.example", "/v1/messages", &[], 421),
            ("localhost", "/v1/../x", &[], 400),
            ("localhost", "/", &[("origin", "http://evil.example")], 403),
        ] {
            let mut request = http::Request::post(format!("http://{host}{path}"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Full::new(bytes::Bytes::from("{}"))).unwrap();
            let response = client.send_request(request).await.unwrap();
            assert_eq!(response.status(), status, "{host} {path}");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body == "POST /v1/messages 2", status == 200);
        }
        let request = http::Request::get("http://localhost/").header("x", "y".repeat(70_000));
        let request = request.body(Full::default()).unwrap();
        assert_eq!(client.send_request(request).await.unwrap().status(), 431);
    });
}

#[test]
fn a_service_that_cannot_be_made_stops_the_rest() {
    let server = Server::bind(front()).unwrap();
    let ended = server.run(|worker| match worker {
        0 => Ok(Echo),
        _ => Err("no ledger here"),
    });
    assert_eq!(ended.unwrap_err().to_string(), "no ledger here");
}

/// The variable that makes this program the gateway of the test below.
#[cfg(unix)]
const SERVES: &str = "CENTIME_TEST_SERVES";

/// Serves until a signal ends it, in a process of its own; in any other does nothing.
#[cfg(unix)]
#[test]
fn gateway_of_the_test_of_signals() {
    if std::env::var_os(SERVES).is_none() {
        return;
    }
    let server = Server::bind(front()).unwrap();
    println!("\nat {}", server.address());
    server.run(|_| Ok::<_, String>(Echo)).unwrap();
    println!("\nended well");
}

#[cfg(unix)]
#[test]
fn the_first_signal_lets_calls_end_and_the_second_does_not() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    for (path, signals, is_answered) in [
        ("/slow", &["TERM"][..], true),
        ("/slow", &["INT"], true),
        ("/stuck", &["TERM", "INT"], false),
    ] {
        let mut gateway = Command::new(std::env::current_exe().unwrap())
            .args(["lifetime::gateway_of_the_test_of_signals", "--exact", "--nocapture"])
            .env(SERVES, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(gateway.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.find_map(|line| line.strip_prefix("at ").map(str::to_owned)).unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
            .unwrap();
        std::thread::sleep(Duration::from_millis(100));
        for signal in signals {
            let id = gateway.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(hear(stream).statuses(), [200].repeat(is_answered.into()), "{signals:?}");
        assert!(lines.any(|line| line == "ended well"), "{signals:?}");
        assert!(gateway.wait().unwrap().success());
    }
}
