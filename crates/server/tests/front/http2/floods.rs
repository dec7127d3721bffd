//! More than anybody needs: of heads, streams, resets, settings, pings.

use std::io::Write;
use std::time::Duration;

use centime_server::Limits;

use super::frames::*;
use super::{Bystander, gateway, short};

#[test]
fn a_head_that_goes_on_for_ever_ends_its_connection() {
    let gateway = gateway(Limits::default());
    let part = block(&[("x", &"y".repeat(1000))]);
    for (part, parts) in [(&part[..], 2000), (&b""[..], 20_000), (&part[..1], 20_000)] {
        let bystander = Bystander::new(&gateway);
        let mut client = Client::new(&gateway);
        client.say(frame(HEADERS, END_STREAM, 1, &fields("GET", "/", &[])));
        client.say(frame(CONTINUATION, 0, 1, part).repeat(parts));
        let heard = client.hear();
        assert!(heard.is_closed && !heard.has_head(1), "{heard:?}");
        bystander.ends_unharmed(&gateway);
    }
}

#[test]
fn a_head_that_grows_when_unpacked_ends_its_connection() {
    let gateway = gateway(Limits::default());
    let bystander = Bystander::new(&gateway);
    let mut client = Client::new(&gateway);
    // A field of 4,000 bytes is remembered, and meant 12,000 times by a byte each: 48 MB of head.
    let mut bomb = fields("GET", "/", &[]);
    bomb.push(0x40);
    bomb.extend(&block(&[("x", &"y".repeat(3900))])[1..]);
    bomb.extend([0xbe; 12_000]);
    client.say(frame(HEADERS, END_STREAM | END_HEADERS, 1, &bomb));
    let heard = client.hear();
    assert!(heard.is_closed, "{heard:?}");
    assert_eq!(heard.goaway(), Some(ENHANCE_YOUR_CALM), "{heard:?}");
    bystander.ends_unharmed(&gateway);
}

#[test]
fn a_head_that_is_too_large_is_refused_and_the_next_is_not() {
    let gateway = gateway(Limits::default());
    let mut client = Client::new(&gateway);
    let large = fields("GET", "/", &[("x", &"y".repeat(70_000))]);
    let mut parts = large.chunks(16 << 10).peekable();
    let mut kind = HEADERS;
    while let Some(part) = parts.next() {
        let is_last = if parts.peek().is_none() { END_HEADERS } else { 0 };
        let is_first = if kind == HEADERS { END_STREAM } else { 0 };
        client.say(frame(kind, is_last | is_first, 1, part));
        kind = CONTINUATION;
    }
    client.say(get(3, "/next"));
    let heard = client.hear();
    // The library answers with 431 and no body.
    assert!(heard.has_head(1) && heard.text(1).is_empty(), "{heard:?}");
    assert_eq!(heard.text(3), "GET /next 0");
}

#[test]
fn calls_that_are_begun_and_given_up_by_the_thousand_end_their_connection() {
    let gateway = gateway(Limits::default());
    for path in ["/", "/stuck"] {
        let bystander = Bystander::new(&gateway);
        let mut client = Client::new(&gateway);
        let mut flood = Vec::new();
        for stream in (1..20_000).step_by(2) {
            flood.extend(get(stream, path));
            flood.extend(frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()));
        }
        client.say(flood);
        let heard = client.hear();
        assert!(heard.is_closed, "{heard:?}");
        assert!(matches!(heard.goaway(), None | Some(ENHANCE_YOUR_CALM)), "{heard:?}");
        bystander.ends_unharmed(&gateway);
    }
}

#[test]
fn streams_begun_wrongly_by_the_thousand_end_their_connection() {
    let gateway = gateway(Limits::default());
    let bystander = Bystander::new(&gateway);
    let mut client = Client::new(&gateway);
    for stream in (1..4000).step_by(2) {
        // No coding is allowed here: each is reset by the gateway.
        let coded = fields("POST", "/", &[("transfer-encoding", "chunked")]);
        client.say(frame(HEADERS, END_HEADERS | END_STREAM, stream, &coded));
    }
    let heard = client.hear();
    assert!(heard.is_closed, "{heard:?}");
    let resets = heard.frames.iter().filter(|frame| frame.kind == RST_STREAM).count();
    assert!(resets <= 300, "{resets}");
    bystander.ends_unharmed(&gateway);
}

#[test]
fn a_connection_has_so_many_calls_and_no_more() {
    let gateway = gateway(Limits { streams: 8, ..Limits::default() });
    let bystander = Bystander::new(&gateway);
    let mut client = Client::new(&gateway);
    (0..20).for_each(|call| client.say(get(1 + 2 * call, "/stuck")));
    let heard = client.hear();
    assert!(!heard.is_closed);
    for call in 0..20 {
        let expected = (call >= 8).then_some(REFUSED_STREAM);
        assert_eq!(heard.reset(1 + 2 * call), expected, "{call}");
    }
    // One that ends makes room.
    client.say(frame(RST_STREAM, 0, 1, &CANCEL.to_be_bytes()));
    client.say(get(101, "/room"));
    assert_eq!(client.hear().text(101), "GET /room 0");
    bystander.ends_unharmed(&gateway);
}

#[test]
fn who_asks_without_hearing_is_not_listened_to_and_then_let_go() {
    let gateway = gateway(short());
    for flood in [
        frame(PING, 0, 0, b"12345678"),
        frame(SETTINGS, 0, 0, &[]),
        frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 255, 255].repeat(100)),
    ] {
        let bystander = Bystander::new(&gateway);
        let mut client = Client::new(&gateway);
        client.0.set_write_timeout(Some(Duration::from_secs(8))).unwrap();
        // Each frame asks for one in answer, and none of those is read: were they kept, it would go on.
        let bytes = flood.repeat((1 << 20) / flood.len());
        let mut written = 0;
        let error = loop {
            match client.0.write_all(&bytes) {
                Ok(()) => written += bytes.len(),
                Err(error) => break error,
            }
            assert!(written < 256 << 20, "it hears and keeps everything");
        };
        // What ended it is the gateway, not the patience of this client.
        assert!(
            matches!(
                error.kind(),
                std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe
            ),
            "{error} after {written}"
        );
        bystander.ends_unharmed(&gateway);
    }
}

#[test]
fn who_asks_often_and_hears_is_answered_beside_others() {
    let gateway = gateway(Limits::default());
    for flood in
        [frame(PING, 0, 0, b"12345678"), frame(SETTINGS, 0, 0, &[]), frame(PRIORITY, 0, 1, &[0; 5])]
    {
        let bystander = Bystander::new(&gateway);
        let mut client = Client::new(&gateway);
        client.say(flood.repeat(5000));
        client.say(get(1, "/after"));
        let heard = client.hear();
        assert_eq!(heard.text(1), "GET /after 0", "{:?}", heard.goaway());
        bystander.ends_unharmed(&gateway);
    }
}

#[test]
fn an_upload_beyond_the_window_ends_its_connection() {
    let gateway = gateway(Limits::default());
    let bystander = Bystander::new(&gateway);
    let mut client = Client::new(&gateway);
    client.say(post(1, "/stuck", &[]));
    // Nobody reads this body, and the windows are told: 2 MB are more than they allow.
    let data = frame(DATA, 0, 1, &[b' '; 16 << 10]);
    (0..128).for_each(|_| client.say(&data));
    let heard = client.hear();
    assert!(heard.is_closed || heard.reset(1).is_some(), "{heard:?}");
    bystander.ends_unharmed(&gateway);
}

#[test]
fn a_body_in_crumbs_is_read_or_refused_but_harms_nobody() {
    let gateway = gateway(Limits::default());
    let bystander = Bystander::new(&gateway);
    let mut client = Client::new(&gateway);
    client.say(post(1, "/crumbs", &[]));
    client.say(frame(DATA, 0, 1, b"").repeat(50_000));
    let heard = client.hear();
    assert!(!heard.has_head(1), "{heard:?}");
    client.say(frame(DATA, END_STREAM, 1, b"[]"));
    let heard = client.hear();
    assert!(heard.is_closed || heard.text(1) == "POST /crumbs 2", "{heard:?}");
    bystander.ends_unharmed(&gateway);
}
