//! What keeps strangers out: a test a sentence.

use std::io::Write;

use centime_server::{AdminKey, Front, ServeError, Server};

use crate::support::{Running, front, hear, last};

const JSON: &str = "Content-Type: application/json\r\n";

#[test]
fn who_is_no_stranger_is_let_in() {
    let gateway = Running::start(front());
    let post = last("POST /v1/messages", &format!("{JSON}Content-Length: 2\r\n")) + "{}";
    for (bytes, answer) in [
        (last("GET /v1/models", ""), "GET /v1/models 0"),
        (post.clone(), "POST /v1/messages 2"),
        (
            last("POST /v1/x", &format!("{JSON}Transfer-Encoding: chunked\r\n"))
                + "3\r\n[1]\r\n0\r\n\r\n",
            "POST /v1/x 3",
        ),
        (last("DELETE /v1/x", ""), "DELETE /v1/x 0"),
        (
            post.replace("Host: localhost", &format!("Host: {}", gateway.address)),
            "POST /v1/messages 2",
        ),
    ] {
        let heard = gateway.say(&bytes);
        assert_eq!(heard.statuses(), [200], "{bytes}");
        assert!(heard.text.ends_with(answer) && heard.is_closed, "{}", heard.text);
        assert!(!heard.text.to_lowercase().contains("access-control"), "{}", heard.text);
    }
}

#[test]
fn a_host_of_somebody_else_gets_421() {
    let gateway = Running::start(front());
    for host in ["evil.example", "evil.example:4000", "localhost.evil.example", "10.0.0.1"] {
        let bytes = last("GET /v1/models", "").replace("localhost", host);
        let heard = gateway.say(&bytes);
        assert_eq!(heard.statuses(), [421], "{host}");
        assert!(heard.text.contains("allowed_hosts"), "{}", heard.text);
    }
    let allowed = Front { allowed_hosts: vec!["evil.example".to_owned()], ..front() };
    let gateway = Running::start(allowed);
    let bytes = last("GET /v1/models", "").replace("localhost", "evil.example:1");
    assert_eq!(gateway.say(&bytes).statuses(), [200]);
}

#[test]
fn a_request_without_one_host_gets_400() {
    let gateway = Running::start(front());
    for bytes in [
        last("GET /", "").replace("Host: localhost\r\n", ""),
        last("GET /", "Host: localhost\r\n"),
        last("GET /", "").replace("localhost", "a b"),
        last("GET /", "").replace("localhost", ""),
    ] {
        assert_eq!(gateway.say(&bytes).statuses(), [400], "{bytes}");
    }
}

#[test]
fn a_foreign_origin_gets_403() {
    let gateway = Running::start(front());
    for headers in [
        "Origin: http://evil.example\r\n",
        "Origin: http://localhost:9\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ] {
        for line in ["GET /v1/models", "POST /v1/messages", "OPTIONS /v1/messages"] {
            let preflight = "Access-Control-Request-Method: POST\r\n";
            let heard = gateway.say(last(line, &format!("{headers}{preflight}")));
            assert_eq!(heard.statuses(), [403], "{line} {headers}");
            assert!(!heard.text.to_lowercase().contains("access-control"), "{}", heard.text);
        }
    }
    let own = format!("Origin: http://{}\r\n", gateway.address);
    let bytes = last("GET /", &own).replace("localhost", &gateway.address.to_string());
    assert_eq!(gateway.say(bytes).statuses(), [200]);
}

#[test]
fn a_page_of_an_allowed_origin_is_let_in_and_told_so() {
    let origins = vec!["https://app.example".to_owned()];
    let gateway = Running::start(Front { cors_origins: origins, ..front() });
    let origin = "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n";
    let asked = "Access-Control-Request-Method: POST\r\n\
                 Access-Control-Request-Headers: authorization, content-type\r\n";
    let heard = gateway.say(last("OPTIONS /v1/messages", &format!("{origin}{asked}")));
    assert_eq!(heard.statuses(), [204]);
    let text = heard.text.to_lowercase();
    for header in [
        "access-control-allow-origin: https://app.example\r\n",
        "access-control-allow-headers: authorization, content-type\r\n",
        "access-control-allow-methods: get, head, post, put, patch, delete\r\n",
        "vary: origin",
    ] {
        assert!(text.contains(header), "{text}");
    }
    // Also where it is refused, the page may read why.
    for (headers, status) in [(JSON, 200), ("Content-Type: text/plain\r\n", 415)] {
        let headers = format!("{origin}{headers}Content-Length: 2\r\n");
        let heard = gateway.say(last("POST /v1/messages", &headers) + "{}");
        assert_eq!(heard.statuses(), [status]);
        let text = heard.text.to_lowercase();
        assert!(text.contains("access-control-allow-origin: https://app.example\r\n"), "{text}");
        assert!(text.contains("x-centime-cost") && !text.contains("allow-credentials"), "{text}");
    }
    let foreign = gateway.say(last("GET /", "Origin: https://evil.example\r\n"));
    assert_eq!(foreign.statuses(), [403]);
}

#[test]
fn a_write_that_is_not_json_gets_415() {
    let gateway = Running::start(front());
    for kind in
        ["", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"]
    {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let length = format!("{kind}Content-Length: 2\r\n");
            let chunks = format!("{kind}Transfer-Encoding: chunked\r\n");
            let line = format!("{method} /v1/messages");
            for bytes in
                [last(&line, &length) + "{}", last(&line, &chunks) + "2\r\n{}\r\n0\r\n\r\n"]
            {
                assert_eq!(gateway.say(&bytes).statuses(), [415], "{bytes}");
            }
        }
    }
}

#[test]
fn a_target_that_could_be_read_in_two_ways_gets_400() {
    let gateway = Running::start(front());
    for target in [
        "http://localhost/v1/models",
        "http://evil.example/v1/models",
        "/v1/../admin",
        "/v1/./models",
        "/v1/%2e%2e/admin",
        "/v1/%2E./admin",
        "/v1/..%2fadmin",
        "//evil.example/v1",
        "/v1//models",
        "/v1\\..\\admin",
        "/v1/%5c..",
        "/v1/%00",
        "/v1/\x01",
        "/v1/\x7f",
        "/v1/%252e%252e/admin",
        "v1/models",
        "*",
    ] {
        assert_eq!(gateway.say(last(&format!("GET {target}"), "")).statuses(), [400], "{target:?}");
    }
}

#[test]
fn another_protocol_gets_501() {
    let gateway = Running::start(front());
    let socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    assert_eq!(gateway.say(last("GET /v1/realtime", socket)).statuses(), [501]);
    let heard = gateway.say("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n");
    assert_eq!(heard.statuses(), [501]);
    assert!(heard.is_closed);
    let offer =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    assert_eq!(gateway.say(last("GET /v1/models", offer)).statuses(), [200]);
}

/// Heads whose end somebody could see elsewhere.
const DOUBTFUL: &[&str] = &[
    "Content-Length: 35\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 35\r\n",
    "Content-Length: 35\r\nContent-Length: 35\r\n",
    "Content-Length: 35\r\nContent-Length: 0\r\n",
    "Content-Length: 35, 35\r\n",
    "Content-Length: +35\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Content-Length : 35\r\n",
    "X: y\r\n Content-Length: 35\r\n",
    "X: y\rContent-Length: 35\r\n",
    "X: y\nContent-Length: 35\r\n",
    "Content-Length\r\n",
];

#[test]
fn a_length_beside_a_coding_or_twice_gets_400_and_the_connection_is_closed() {
    let gateway = Running::start(front());
    let hidden = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let before = "GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for headers in DOUBTFUL {
        let head = format!("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n{JSON}{headers}\r\n");
        for piece in [usize::MAX, 7] {
            let heard = gateway.say_in_pieces(format!("{head}{hidden}").as_bytes(), piece);
            assert_eq!(heard.statuses(), [400], "{headers:?}");
            assert!(heard.is_closed, "{headers:?}");
            // What came before it on the same connection is answered.
            let heard = gateway.say_in_pieces(format!("{before}{head}{hidden}").as_bytes(), piece);
            assert_eq!(heard.statuses(), [200, 400], "{headers:?}: {}", heard.text);
            assert!(heard.is_closed, "{headers:?}");
        }
    }
}

#[test]
fn requests_follow_each_other_on_a_connection() {
    let gateway = Running::start(front());
    let mut bytes = String::new();
    for _ in 0..5 {
        bytes += "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";
        bytes +=
            &format!("POST /b HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 3\r\n\r\n[1]");
        bytes += &format!(
            "POST /c HTTP/1.1\r\nHost: localhost\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n"
        );
        bytes += "4;x=y\r\n[11]\r\n0\r\nT: u\r\n\r\n";
    }
    bytes += &last("GET /end", "");
    for piece in [usize::MAX, 11] {
        let heard = gateway.say_in_pieces(bytes.as_bytes(), piece);
        assert_eq!(heard.statuses(), [200; 16], "{}", heard.text);
        assert_eq!(heard.text.matches("POST /c 4").count(), 5);
    }
}

#[test]
fn a_head_that_is_too_large_gets_431() {
    let gateway = Running::start(front());
    let many = "X: y\r\n".repeat(200);
    let large = format!("X: {}\r\n", "y".repeat(100_000));
    for headers in [many, large] {
        let heard = gateway.say(last("GET /", &headers));
        assert_eq!(heard.statuses(), [431]);
        assert!(heard.is_closed);
    }
}

#[test]
fn who_is_answered_early_can_read_the_answer() {
    let gateway = Running::start(front());
    let mut stream = gateway.connect();
    let head =
        format!("POST /early HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 5000000\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A client that writes its whole body before it reads must not find the connection reset.
    stream.write_all(&vec![b' '; 5_000_000]).unwrap();
    assert_eq!(hear(stream).statuses(), [413]);
}

#[test]
fn errors_are_in_the_words_of_the_path() {
    let gateway = Running::start(front());
    for (path, words) in [
        ("/v1/messages", r#""type":"error"}"#),
        ("/v1beta/models/x", r#""status":"INVALID_ARGUMENT""#),
        ("/v1/chat/completions", r#""code":"unknown_host""#),
    ] {
        let heard =
            gateway.say(last(&format!("GET {path}"), "").replace("localhost", "evil.example"));
        assert!(heard.text.contains(words), "{}", heard.text);
    }
}

#[test]
fn an_address_that_others_reach_needs_an_admin_key() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:10.0.0.1]:0"] {
        let front = Front::new(address.parse().unwrap());
        let error = Server::bind(front).unwrap_err();
        assert!(matches!(error, ServeError::Exposed { .. }), "{error}");
        assert!(error.to_string().contains("admin_key"), "{error}");
    }
    let mut front = Front::new("0.0.0.0:0".parse().unwrap());
    front.admin_key = Some(AdminKey::new("secret"));
    assert_ne!(Server::bind(front).unwrap().address().port(), 0);
    assert!(Server::bind(Front::new("[::1]:0".parse().unwrap())).is_ok());
}
