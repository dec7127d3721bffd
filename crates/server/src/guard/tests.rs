use super::*;
use crate::framing::Fault;
use http::Request;

/// A listener on this machine, one in the network, and one at every address of the machine.
const LOOPBACK: &str = "127.0.0.1:4000";
const NETWORK: &str = "192.0.2.7:4000";
const EVERYWHERE: &str = "0.0.0.0:4000";

fn guard(listen: &str) -> Guard {
    let hosts = ["gateway.example".to_owned(), "edge.example:8443".to_owned()];
    let origins = ["https://app.example".to_owned()];
    Guard::new(listen.parse().unwrap(), &hosts, &origins).unwrap()
}

fn peer(listen: &str) -> Peer {
    let local = if listen == EVERYWHERE { "198.51.100.9:4000" } else { listen };
    Peer { local: local.parse().unwrap(), ..Peer::of_test() }
}

/// What becomes of a request with a body.
fn checked(listen: &str, line: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    guard(listen).check(&parts, &peer(listen), true)
}

#[test]
fn a_request_is_for_this_machine_for_where_it_listens_or_for_an_allowed_host() {
    for (listen, host, expected) in [
        (LOOPBACK, "localhost", Ok(())),
        (LOOPBACK, "LocalHost:4000", Ok(())),
        (LOOPBACK, "127.0.0.1:4000", Ok(())),
        (LOOPBACK, "127.9.9.9", Ok(())),
        (LOOPBACK, "[::1]:4000", Ok(())),
        (LOOPBACK, "[::ffff:127.0.0.1]", Ok(())),
        (LOOPBACK, "gateway.example", Ok(())),
        (LOOPBACK, "gateway.example:9", Ok(())),
        (LOOPBACK, "edge.example:8443", Ok(())),
        (LOOPBACK, "edge.example", Err(Refusal::Host)),
        (LOOPBACK, "evil.example:4000", Err(Refusal::Host)),
        (LOOPBACK, "localhost.evil.example", Err(Refusal::Host)),
        (LOOPBACK, "127.0.0.1.evil.example", Err(Refusal::Host)),
        (LOOPBACK, "2130706433", Err(Refusal::Host)),
        (LOOPBACK, "0.0.0.0:4000", Err(Refusal::Host)),
        (LOOPBACK, "192.0.2.7", Err(Refusal::Host)),
        (NETWORK, "192.0.2.7:4000", Ok(())),
        (NETWORK, "localhost", Ok(())),
        (NETWORK, "192.0.2.8", Err(Refusal::Host)),
        (EVERYWHERE, "0.0.0.0:4000", Ok(())),
        (EVERYWHERE, "198.51.100.9:4000", Ok(())),
        (EVERYWHERE, "192.0.2.7", Err(Refusal::Host)),
        (LOOPBACK, "", Err(Refusal::NoHost)),
        (LOOPBACK, "local host", Err(Refusal::NoHost)),
        (LOOPBACK, "user@localhost", Err(Refusal::NoHost)),
    ] {
        assert_eq!(
            checked(listen, "GET /v1/models", &[("host", host)]),
            expected,
            "{listen} {host}"
        );
    }
    assert_eq!(checked(LOOPBACK, "GET /", &[]), Err(Refusal::NoHost));
    let twice = [("host", "localhost"), ("host", "localhost")];
    assert_eq!(checked(LOOPBACK, "GET /", &twice), Err(Refusal::NoHost));
}

#[test]
fn a_page_is_of_the_same_origin_or_of_an_allowed_one() {
    let far = ("sec-fetch-site", "cross-site");
    for (headers, expected) in [
        (&[][..], Ok(())),
        (&[("origin", "http://localhost:4000")], Ok(())),
        (&[("origin", "https://app.example")], Ok(())),
        (&[("origin", "https://APP.example"), far], Ok(())),
        (&[("origin", "http://localhost:3000")], Err(Refusal::Origin)),
        (&[("origin", "https://app.example.evil")], Err(Refusal::Origin)),
        (&[("origin", "null")], Err(Refusal::Origin)),
        (&[("origin", "")], Err(Refusal::Origin)),
        (&[("origin", "https://app.example"), ("origin", "x://y")], Err(Refusal::Origin)),
        (&[far], Err(Refusal::CrossSite)),
        (&[("sec-fetch-site", "Cross-Site")], Err(Refusal::CrossSite)),
        (&[("origin", "http://localhost:4000"), far], Err(Refusal::CrossSite)),
        (&[("sec-fetch-site", "same-origin")], Ok(())),
        (&[("sec-fetch-site", "none")], Ok(())),
    ] {
        let mut all = vec![("host", "localhost:4000"), ("content-type", "application/json")];
        all.extend(headers);
        for line in ["GET /v1/models", "POST /v1/messages", "OPTIONS /v1/messages"] {
            assert_eq!(checked(LOOPBACK, line, &all), expected, "{line} {headers:?}");
        }
    }
}

#[test]
fn what_writes_says_that_it_is_json_or_has_parts() {
    for (line, kind, expected) in [
        ("POST /v1/messages", "application/json", Ok(())),
        ("POST /v1/audio/transcriptions", "multipart/form-data; boundary=x", Ok(())),
        ("POST /v1/messages", "text/plain", Err(Refusal::ContentType)),
        ("PUT /v1/messages", "text/plain", Err(Refusal::ContentType)),
        ("PATCH /v1/x", "application/x-www-form-urlencoded", Err(Refusal::ContentType)),
        ("DELETE /v1/x", "text/plain", Err(Refusal::ContentType)),
        ("QUERY /v1/x", "text/plain", Err(Refusal::ContentType)),
        ("GET /v1/models", "text/plain", Ok(())),
    ] {
        let headers = [("host", "localhost"), ("content-type", kind)];
        assert_eq!(checked(LOOPBACK, line, &headers), expected, "{line} {kind}");
    }
    let missing = checked(LOOPBACK, "POST /v1/messages", &[("host", "localhost")]);
    assert_eq!(missing, Err(Refusal::ContentType));
}

#[test]
fn a_write_without_a_body_needs_no_kind() {
    let request = Request::delete("/v1/x").header("host", "localhost").body(()).unwrap();
    let (parts, ()) = request.into_parts();
    assert_eq!(guard(LOOPBACK).check(&parts, &peer(LOOPBACK), false), Ok(()));
}

#[test]
fn no_other_protocol_is_spoken() {
    for (line, upgrade, expected) in [
        ("GET /v1/realtime", "websocket", Err(Refusal::Upgrade)),
        ("GET /v1/realtime", "h2c, websocket", Err(Refusal::Upgrade)),
        // Java's own client offers this with each request, and goes on without it.
        ("GET /v1/models", "h2c", Ok(())),
    ] {
        let headers = [("host", "localhost"), ("upgrade", upgrade)];
        assert_eq!(checked(LOOPBACK, line, &headers), expected, "{line}");
    }
    assert_eq!(checked(LOOPBACK, "CONNECT evil.example:443", &[]), Err(Refusal::Connect));
}

#[test]
fn a_target_is_a_path() {
    let host = [("host", "localhost")];
    for (target, expected) in [
        ("GET http://localhost/v1/models", Err(Refusal::AbsoluteTarget)),
        ("GET http://evil.example/v1/models", Err(Refusal::AbsoluteTarget)),
        ("GET /v1/../x", Err(Refusal::Path(PathFault::Dots))),
        ("OPTIONS *", Err(Refusal::Path(PathFault::Relative))),
        ("GET /v1/models?a=../..//%0a\\", Ok(())),
    ] {
        assert_eq!(checked(LOOPBACK, target, &host), expected, "{target}");
    }
}

#[test]
fn http2_says_its_host_in_the_target() {
    for (target, host, expected) in [
        ("http://localhost:4000/v1/models", None, Ok(())),
        ("http://localhost:4000/v1/models", Some("localhost:4000"), Ok(())),
        ("http://localhost:4000/v1/models", Some("evil.example"), Err(Refusal::NoHost)),
        ("http://evil.example/v1/models", None, Err(Refusal::Host)),
        ("/v1/models", None, Err(Refusal::NoHost)),
    ] {
        let mut request = Request::get(target).version(Version::HTTP_2);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let found = guard(LOOPBACK).check(&parts, &peer(LOOPBACK), false);
        assert_eq!(found, expected, "{target} {host:?}");
    }
}

#[test]
fn two_lengths_are_refused_in_every_version() {
    for (headers, fault) in [
        ([("content-length", "1"), ("content-length", "1")], Fault::LengthTwice),
        ([("content-length", "1"), ("transfer-encoding", "chunked")], Fault::LengthAndCoding),
    ] {
        let mut all = vec![("host", "localhost")];
        all.extend(headers);
        assert_eq!(checked(LOOPBACK, "POST /", &all), Err(Refusal::Framing(fault)));
    }
}

#[test]
fn a_setting_that_means_nothing_is_refused() {
    let made = |hosts: &[&str], origins: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Guard::new(LOOPBACK.parse().unwrap(), &texts(hosts), &texts(origins)).map(drop)
    };
    assert_eq!(made(&["a.example", "[::2]:80"], &["http://a.example"]), Ok(()));
    for host in ["", "*", "http://a.example", "a.example/"] {
        assert_eq!(made(&[host], &[]), Err(GuardError::Host(host.to_owned())));
    }
    assert_eq!(made(&[], &["*"]), Err(GuardError::Origin("*".to_owned())));
}
