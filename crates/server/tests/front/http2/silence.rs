//! Connections, heads, bodies and answers that nobody goes on with.

use std::io::Read;
use std::time::{Duration, Instant};

use centime_server::Limits;

use super::frames::*;
use super::{Bystander, gateway, short};
use crate::support::hear;

#[test]
fn a_connection_that_asks_for_nothing_is_not_kept() {
    let gateway = gateway(short());
    let settings = frame(SETTINGS, 0, 0, &[]);
    let half = frame(HEADERS, END_STREAM, 1, &fields("GET", "/", &[]));
    let bystander = Bystander::new(&gateway);
    for start in [
        PREFACE.to_vec(),
        [PREFACE, &settings].concat(),
        [PREFACE, &settings[..5]].concat(),
        [PREFACE, &settings, &half].concat(),
        [PREFACE, &settings, &half[..20]].concat(),
    ] {
        let mut client = Client(gateway.connect());
        client.say(&start);
        let begun = Instant::now();
        assert!(client.hear_for(Duration::from_secs(3)).is_closed, "{start:?}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    bystander.ends_unharmed(&gateway);
}

#[test]
fn pings_keep_no_connection_that_asks_for_nothing() {
    let gateway = gateway(short());
    let mut client = Client::new(&gateway);
    let begun = Instant::now();
    while !client.hear_for(Duration::from_millis(50)).is_closed {
        client.say(frame(PING, 0, 0, b"12345678"));
        client.say(frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]));
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
}

#[test]
fn a_connection_that_rests_is_told_that_it_ends() {
    let gateway = gateway(short());
    let mut client = Client::new(&gateway);
    // A call may take longer than a rest.
    client.say(get(1, "/slow"));
    std::thread::sleep(Duration::from_millis(300));
    client.say(get(3, "/slow"));
    let heard = client.hear_for(Duration::from_secs(3));
    assert_eq!((heard.text(1), heard.text(3)), ("GET /slow 0".into(), "GET /slow 0".into()));
    assert!(heard.is_closed);
    assert_eq!(heard.goaway(), Some(0), "{heard:?}");
}

#[test]
fn a_body_that_pauses_ends_its_call_and_no_other() {
    let gateway = gateway(short());
    let bystander = Bystander::new(&gateway);
    let mut client = Client::new(&gateway);
    client.say(post(1, "/paused", &[]));
    client.say(frame(DATA, 0, 1, b"["));
    client.say(post(3, "/slowly", &[]));
    for byte in b"[1,2]" {
        client.say(frame(DATA, 0, 3, &[*byte]));
        std::thread::sleep(Duration::from_millis(150));
    }
    client.say(frame(DATA, END_STREAM, 3, b""));
    let heard = client.hear();
    assert!(heard.has_head(1) && heard.text(1).is_empty(), "{heard:?}");
    assert_eq!(heard.text(3), "POST /slowly 5");
    bystander.ends_unharmed(&gateway);
}

#[test]
fn an_answer_that_nobody_takes_up_is_dropped_and_no_other() {
    let gateway = gateway(Limits { head_time: Duration::from_secs(30), ..short() });
    let bystander = Bystander::new(&gateway);
    // Nothing may be sent on any stream until the client says so.
    let mut client = Client::with_settings(&gateway, &[0, 4, 0, 0, 0, 0]);
    (1..64).step_by(2).for_each(|stream| client.say(get(stream, "/")));
    client.say(frame(WINDOW_UPDATE, 0, 33, &[0, 0, 1, 0]));
    let heard = client.hear_for(Duration::from_secs(1));
    for stream in (1..64).step_by(2) {
        let is_taken = stream == 33;
        assert!(heard.has_head(stream), "{stream}");
        assert_eq!(heard.text(stream), if is_taken { "GET / 0" } else { "" }, "{stream}");
        assert_eq!(heard.reset(stream).is_some(), !is_taken, "{stream}");
    }
    assert!(!heard.is_closed);
    client.say(get(101, "/next"));
    client.say(frame(WINDOW_UPDATE, 0, 101, &[0, 0, 1, 0]));
    assert_eq!(client.hear().text(101), "GET /next 0");
    bystander.ends_unharmed(&gateway);
}

#[test]
fn an_answer_is_not_written_far_ahead_of_who_takes_it_up() {
    let gateway = gateway(Limits { head_time: Duration::from_secs(30), ..short() });
    for is_http2 in [true, false] {
        let bystander = Bystander::new(&gateway);
        let mut client = if is_http2 {
            // The widest windows there are: only the socket is narrow.
            let mut client = Client::with_settings(&gateway, &[0, 4, 0x7f, 0xff, 0xff, 0xff]);
            client.say(frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0, 0]));
            client.say(get(1, "/large"));
            client
        } else {
            let mut client = Client(gateway.connect());
            client.say("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
            client
        };
        std::thread::sleep(Duration::from_millis(1200));
        // It was let go meanwhile: the rest is not there.
        let (mut heard, mut space) = (0, [0; 64 << 10]);
        while let Ok(read @ 1..) = client.0.read(&mut space) {
            heard += read;
        }
        assert!(heard < 48 << 20, "{heard}");
        bystander.ends_unharmed(&gateway);
    }
    // Who takes it up has all of it.
    let mut client = Client(gateway.connect());
    client.say("GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(hear(client.0).text.len() > 64 << 20);
}
