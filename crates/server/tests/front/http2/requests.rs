//! Frames and requests that mean nothing, or two things.

use centime_server::Limits;

use super::frames::*;
use super::{Bystander, gateway};

#[test]
fn frames_that_mean_nothing_end_their_connection() {
    let gateway = gateway(Limits::default());
    let noise: Vec<u8> = (0..4000_u32).map(|index| (index * index / 7 % 251) as u8).collect();
    let bystander = Bystander::new(&gateway);
    for (name, bytes) in [
        ("noise", noise),
        ("a request of HTTP/1", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("a frame that is too long", frame(DATA, 0, 1, &[0; 20_000])),
        ("a body without a head", frame(DATA, 0, 1, b"[]")),
        ("a body of the connection", frame(DATA, 0, 0, b"[]")),
        ("a head of the connection", frame(HEADERS, 5, 0, &fields("GET", "/", &[]))),
        ("a stream of the server", get(2, "/")),
        ("a head that goes on from nowhere", frame(CONTINUATION, 4, 1, &fields("GET", "/", &[]))),
        ("a head within a head", [frame(HEADERS, 1, 1, b""), get(3, "/")].concat()),
        ("a head that is no HPACK", frame(HEADERS, 5, 1, &[0xff; 40])),
        ("a field that nobody remembers", frame(HEADERS, 5, 1, &[0xfe])),
        ("a table that is too large", frame(HEADERS, 5, 1, &[0x3f, 0xff, 0xff, 0x7f])),
        ("a promise of a client", frame(PUSH_PROMISE, 4, 1, &[0, 0, 0, 2])),
        ("settings of half a setting", frame(SETTINGS, 0, 0, &[0, 4, 0])),
        ("settings of a stream", frame(SETTINGS, 0, 1, &[])),
        ("a window that is no number", frame(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff])),
        ("settings that nobody sent", frame(SETTINGS, ACK, 0, &[])),
        ("half a ping", frame(PING, 0, 0, b"1234")),
        ("a ping of a stream", frame(PING, 0, 1, b"12345678")),
        ("a reset of nothing", frame(RST_STREAM, 0, 1, &[0; 4])),
        ("a window of nothing", frame(WINDOW_UPDATE, 0, 0, &[0; 4])),
        ("a window beyond all", frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff])),
        ("padding that is longer than the frame", frame(HEADERS, 0xd, 1, &[200, 0x82])),
        ("a stream that was there before", [get(5, "/"), get(3, "/")].concat()),
    ] {
        let mut client = Client::new(&gateway);
        client.say(bytes);
        let heard = client.hear();
        assert!(heard.is_closed, "{name}: {heard:?}");
        assert!(!heard.has_head(1) && !heard.has_head(3), "{name}: {heard:?}");
    }
    bystander.ends_unharmed(&gateway);
}

#[test]
fn frames_of_kinds_unknown_are_passed_over() {
    let gateway = gateway(Limits::default());
    let mut client = Client::new(&gateway);
    (10..=255).for_each(|kind| client.say(frame(kind, 0xff, 1, b"what")));
    client.say(get(1, "/after"));
    assert_eq!(client.hear().text(1), "GET /after 0");
}

#[test]
fn a_length_that_lies_ends_its_call_and_no_other() {
    let gateway = gateway(Limits::default());
    for (length, bodies) in [
        ("5", &["[]"][..]),
        ("1", &["[]"]),
        ("0", &["[]"]),
        ("3", &["[", "1", "]", " "]),
        ("x", &["[]"]),
        ("-1", &["[]"]),
        ("+2", &["[]"]),
        ("2, 2", &["[]"]),
        ("18446744073709551618", &["[]"]),
    ] {
        let mut client = Client::new(&gateway);
        client.say(post(1, "/lies", &[("content-length", length)]));
        let (last, before) = bodies.split_last().unwrap();
        before.iter().for_each(|body| client.say(frame(DATA, 0, 1, body.as_bytes())));
        client.say(frame(DATA, END_STREAM, 1, last.as_bytes()));
        client.say(get(3, "/next"));
        let heard = client.hear_ends(&[1, 3]);
        assert!(!heard.text(1).contains("/lies"), "{length}: {heard:?}");
        assert_eq!(heard.text(3), "GET /next 0", "{length}");
    }
    let twice = [("content-length", "2"), ("content-length", "2")];
    let none = [("content-length", "2")];
    for (head, is_ended) in [(post(1, "/lies", &twice), false), (post(1, "/lies", &none), true)] {
        let mut client = Client::new(&gateway);
        let mut head = head;
        head[4] |= u8::from(is_ended);
        client.say(head);
        if !is_ended {
            client.say(frame(DATA, END_STREAM, 1, b"[]"));
        }
        client.say(get(3, "/next"));
        let heard = client.hear_ends(&[1, 3]);
        assert!(!heard.text(1).contains("/lies"), "{heard:?}");
        assert_eq!(heard.text(3), "GET /next 0");
    }
}

#[test]
fn headers_of_a_connection_end_their_call_and_no_other() {
    let gateway = gateway(Limits::default());
    for (name, value) in [
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "identity"),
        ("connection", "close"),
        ("connection", "x-centime-user"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("upgrade", "websocket"),
        ("te", "gzip"),
        ("X-Large", "letters"),
        ("line", "end\r\nx: y"),
        ("line", "end\nx: y"),
        ("zero", "a\0b"),
        ("na me", "space"),
        ("co:lon", "x"),
        ("", "no name"),
        (":unknown", "x"),
    ] {
        let mut client = Client::new(&gateway);
        client.say(post(1, "/", &[(name, value)]));
        client.say(frame(DATA, END_STREAM, 1, b"[]"));
        client.say(get(3, "/next"));
        let heard = client.hear_ends(&[1, 3]);
        assert!(!heard.has_head(1), "{name}: {value}: {heard:?}");
        // A field that is no field leaves the rest of the connection in doubt.
        if heard.reset(1) == Some(PROTOCOL_ERROR) {
            assert_eq!(heard.text(3), "GET /next 0", "{name}: {value}");
        } else {
            assert!(heard.is_closed, "{name}: {value}: {heard:?}");
        }
    }
}

#[test]
fn the_guard_reads_the_authority_as_it_reads_the_host() {
    let gateway = gateway(Limits::default());
    let own = gateway.address.to_string();
    for (others, code) in [
        (&[][..], ""),
        (&[("host", "localhost")], ""),
        (&[(":authority", own.as_str())], ""),
        (&[(":authority", "-"), ("host", "localhost")], ""),
        (&[("te", "trailers")], ""),
        (&[(":authority", "evil.example")], "unknown_host"),
        (&[(":authority", "evil.example:4000")], "unknown_host"),
        (&[(":authority", "localhost.evil.example")], "unknown_host"),
        (&[(":authority", "10.0.0.1")], "unknown_host"),
        (&[(":authority", "-"), ("host", "evil.example")], "unknown_host"),
        (&[("host", "evil.example")], "missing_host"),
        (&[(":authority", "evil.example"), ("host", "localhost")], "missing_host"),
        (&[("host", "localhost:80")], "missing_host"),
        (&[("host", "localhost"), ("host", "localhost")], "missing_host"),
        (&[(":authority", "-")], "missing_host"),
        (&[(":authority", "localhost@evil.example")], "missing_host"),
        (&[(":authority", "evil@localhost")], "missing_host"),
        (&[("origin", "http://evil.example")], "foreign_origin"),
        (&[("origin", "null")], "foreign_origin"),
        (&[("origin", "http://localhost:9")], "foreign_origin"),
        (&[("sec-fetch-site", "cross-site")], "foreign_origin"),
        (&[(":path", "/v1/../admin")], "invalid_target"),
        (&[(":path", "/v1/%2e%2e/admin")], "invalid_target"),
        (&[(":path", "//evil.example/v1")], "invalid_target"),
        (&[(":path", "/v1\\admin")], "invalid_target"),
    ] {
        let mut client = Client::new(&gateway);
        client.say(frame(HEADERS, 5, 1, &fields("GET", "/v1/models", others)));
        let heard = client.hear_ends(&[1]);
        let text = heard.text(1);
        match code {
            "" => assert_eq!(text, "GET /v1/models 0", "{others:?}"),
            code => assert!(text.contains(&format!(r#""code":"{code}""#)), "{others:?}: {heard:?}"),
        }
    }
}

#[test]
fn a_target_that_is_no_path_reaches_nobody() {
    let gateway = gateway(Limits::default());
    for others in [
        &[(":path", "-")][..],
        &[(":path", "")],
        &[(":path", "http://evil.example/v1/models")],
        &[(":path", "http://localhost/v1/models")],
        &[(":path", "*")],
        &[(":path", "v1/models")],
        &[(":path", "/a b")],
        &[(":scheme", "-")],
        &[(":method", "-")],
        &[(":method", "GE T")],
        &[(":method", "CONNECT")],
        &[(":method", "CONNECT"), (":path", "-"), (":scheme", "-")],
        &[(":authority", "a b")],
        &[(":authority", "localhost/../x")],
        &[(":authority", "[localhost")],
        &[(":protocol", "websocket"), (":method", "CONNECT")],
        &[(":status", "200")],
    ] {
        let mut client = Client::new(&gateway);
        client.say(frame(HEADERS, 5, 1, &fields("GET", "/v1/models", others)));
        client.say(get(3, "/next"));
        let heard = client.hear_ends(&[1, 3]);
        let text = heard.text(1);
        let is_refused = heard.reset(1).is_some() || text.contains(r#""error""#);
        assert!(is_refused || heard.is_closed && !heard.has_head(1), "{others:?}: {heard:?}");
        assert!(heard.is_closed || heard.text(3) == "GET /next 0", "{others:?}: {heard:?}");
    }
}
