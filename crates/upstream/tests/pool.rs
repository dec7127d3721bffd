//! The pool against servers that answer word for word what a test says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test that meets what it did not expect has failed"
)]

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use centime_upstream::{Answer, Base, CutError, Pieces, Pool, SendError, Timeouts};
use http::{Request, Response};
use http_body_util::BodyExt as _;

/// What a server does with one connection.
type Script = Box<dyn Fn(&mut TcpStream) + Send>;

/// A server whose connections are played from scripts, in their order; and the requests' heads.
fn server(scripts: Vec<Script>) -> (Base, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap()).parse().unwrap();
    let (heads, received) = channel();
    thread::spawn(move || {
        for script in scripts {
            let (mut stream, _) = listener.accept().unwrap();
            let heads = heads.clone();
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    let _ = heads.send(String::from_utf8_lossy(&buffer[..read]).into_owned());
                    script(&mut stream);
                }
            });
        }
    });
    (base, received)
}

fn says(text: &'static str) -> Script {
    Box::new(move |stream| stream.write_all(text.as_bytes()).unwrap())
}

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn quick() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        total: Duration::from_secs(5),
    }
}

fn post(base: &Base) -> Request<Pieces> {
    Request::post(base.path("/chat").unwrap().as_str())
        .header("host", base.host_header())
        .body(Pieces::from_iter([Bytes::from("{\"a\":"), Bytes::from("1}")]))
        .unwrap()
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test)
}

async fn text(answer: Response<Answer>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[test]
fn a_connection_is_used_again_once_its_answer_is_read() {
    let (base, heads) = server(vec![says(HELLO)]);
    run(async {
        let pool = Pool::new().unwrap();
        for _ in 0..3 {
            let answer = pool.send(&base, post(&base), quick(), &Cell::default()).await.unwrap();
            assert_eq!(text(answer).await, "hello");
            let head = heads.recv().unwrap();
            assert!(head.starts_with("POST /v1/chat HTTP/1.1\r\n"), "{head}");
            assert!(head.contains("content-length: 7\r\n"), "{head}");
            assert!(head.ends_with("\r\n\r\n{\"a\":1}"), "{head}");
        }
    });
}

#[test]
fn a_connection_that_the_provider_closed_is_not_used_again() {
    let closing = Box::new(|stream: &mut TcpStream| {
        stream.write_all(HELLO.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Both).unwrap();
    });
    let (base, _heads) = server(vec![closing, says(HELLO)]);
    run(async {
        let pool = Pool::new().unwrap();
        for _ in 0..2 {
            let answer = pool.send(&base, post(&base), quick(), &Cell::default()).await.unwrap();
            assert_eq!(text(answer).await, "hello");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

#[test]
fn what_comes_together_goes_on_together() {
    let burst = Box::new(|stream: &mut TcpStream| {
        let events: String = (0..100).map(|_| "9\r\ndata: x\n\n\r\n").collect();
        stream.write_all(format!("{CHUNKED}{events}0\r\n\r\n").as_bytes()).unwrap();
    });
    let (base, _heads) = server(vec![burst]);
    run(async {
        let pool = Pool::new().unwrap();
        let mut answer =
            pool.send(&base, post(&base), quick(), &Cell::default()).await.unwrap().into_body();
        let mut frames = Vec::new();
        while let Some(frame) = answer.frame().await {
            frames.push(frame.unwrap().into_data().unwrap());
        }
        assert_eq!(frames.concat(), "data: x\n\n".repeat(100).as_bytes());
        assert!(frames.len() < 10, "{} frames", frames.len());
        drop(answer);
    });
}

#[test]
fn what_was_not_sent_is_told_from_what_was() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody: Base = format!("http://{free}").parse().unwrap();
    let (silent, _heads) = server(vec![Box::new(|_| thread::sleep(Duration::from_secs(2)))]);
    let hangs_up = |stream: &mut TcpStream| stream.shutdown(std::net::Shutdown::Both).unwrap();
    let (rude, _more) = server(vec![Box::new(hangs_up)]);
    run(async {
        let pool = Pool::new().unwrap();
        let send =
            async |base: &Base| match pool.send(base, post(base), quick(), &Cell::new(false)).await
            {
                Ok(_) => panic!("an answer"),
                Err(error) => error,
            };
        let error = send(&nobody).await;
        assert!(matches!(error, SendError::Connect { .. }) && !error.was_sent(), "{error}");
        let error = send(&silent).await;
        assert!(error.is_timeout() && error.was_sent(), "{error}");
        let error = send(&rude).await;
        assert!(matches!(error, SendError::Broken { .. }) && error.was_sent(), "{error}");
    });
}

#[test]
fn who_would_call_itself_by_another_name_makes_no_connection() {
    let (base, heads) = server(vec![says(HELLO), says(HELLO)]);
    let own: std::net::SocketAddr = base.authority().parse().unwrap();
    let named =
        |host: &str| -> Base { format!("http://{host}:{}/v1", own.port()).parse().unwrap() };
    run(async {
        let pool = Pool::new().unwrap();
        for (base, own) in [
            (named("localhost"), own),
            (named("localhost"), format!("0.0.0.0:{}", own.port()).parse().unwrap()),
        ] {
            let base = base.but_not_at(own);
            let sent = Cell::new(false);
            let Err(error) = pool.send(&base, post(&base), quick(), &sent).await else {
                panic!("it called itself");
            };
            assert!(error.to_string().contains("is the gateway itself"), "{error}");
            assert!(!error.was_sent() && !sent.get());
        }
    });
    assert!(heads.try_recv().is_err());
}

#[test]
fn an_answer_that_stops_is_cut() {
    let one = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n";
    let (stalls, _heads) = server(vec![says(one)]);
    let breaks = Box::new(move |stream: &mut TcpStream| {
        stream.write_all(one.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Both).unwrap();
    });
    let (breaks, _more) = server(vec![breaks]);
    run(async {
        let pool = Pool::new().unwrap();
        for (base, is_idle) in [(stalls, true), (breaks, false)] {
            let mut answer =
                pool.send(&base, post(&base), quick(), &Cell::default()).await.unwrap().into_body();
            assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
            let cut = answer.frame().await.unwrap().unwrap_err();
            assert_eq!(matches!(cut, CutError::Idle { .. }), is_idle, "{cut}");
            assert!(answer.frame().await.is_none());
        }
    });
}

#[test]
fn an_answer_that_is_dropped_breaks_its_connection_off() {
    let (told, closed) = channel();
    let streams_on = Box::new(move |stream: &mut TcpStream| {
        stream.write_all(CHUNKED.as_bytes()).unwrap();
        while stream.write_all(b"3\r\none\r\n").is_ok() {
            thread::sleep(Duration::from_millis(5));
        }
        told.send(()).unwrap();
    });
    let (base, _heads) = server(vec![streams_on]);
    run(async {
        let pool = Pool::new().unwrap();
        let mut answer =
            pool.send(&base, post(&base), quick(), &Cell::default()).await.unwrap().into_body();
        answer.frame().await.unwrap().unwrap();
        drop(answer);
        closed.recv_timeout(Duration::from_secs(5)).unwrap();
    });
}
