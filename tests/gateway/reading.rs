//! What the API answers is what the commands print, from the same ledger.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::client::{Answered, Asked};
use crate::support::{Gateway, ROUND_PRICES, Simulated, chat, message};

/// A gateway whose ledger has calls, events, a score and adjustments.
fn lived_in(provider: &Simulated) -> Gateway {
    let gateway = Gateway::start(provider, &format!("timezone = \"Europe/Paris\"\n{ROUND_PRICES}"));
    for user in ["ann", "bob"] {
        let asked = Asked::new("POST /v1/chat/completions", chat(json!({"stream": true})));
        gateway.ask(&asked.with(format!("x-centime-user: {user}"))).is(200);
        gateway.ask(&Asked::new("POST /v1/messages", message(json!({"user": user})))).is(200);
    }
    let event = |at: usize| {
        let model = ["gpt-4o", "claude-haiku-4-5", "mystery-1"][at % 3];
        let (user, app) = (["ann", "bob", "eve", ""][at % 4], ["bot", "web"][at % 2]);
        json!({"id": format!("e/{at}"), "at": format!("2026-10-{:02}T23:30:00Z", 1 + at % 20),
               "model": model, "meters": {"input": 1000 * at + 7, "output": 10},
               "session": format!("s{}", at % 7), "user": user, "tags": {"app": app}})
        .to_string()
    };
    let events: Vec<String> = (0..60).map(event).collect();
    gateway.ask(&Asked::new("POST /api/v1/events", events.join("\n"))).is(200);
    gateway.entries_once(64);
    gateway.run(["feedback", "add", "e/3", "--score", "0.75"]);
    gateway.run(["prices", "set", "mystery-1", "input=0.3", "--per", "1M", "--from", "2026-01-01"]);
    gateway.run(["reprice"]);
    gateway
}

fn got(gateway: &Gateway, path: &str) -> Answered {
    gateway.ask(&Asked::bare(&format!("GET {path}"))).is(200)
}

/// What a command prints.
fn printed(gateway: &Gateway, command: &str) -> String {
    let arguments = command.split(' ').chain(["--format", "json"]);
    String::from_utf8(gateway.run(arguments).stdout).unwrap()
}

#[test]
fn a_report_is_that_of_the_command_byte_for_byte() {
    let provider = Simulated::recording();
    let gateway = lived_in(&provider);
    for (query, command) in [
        ("", "report"),
        ("?kind=total&since=2026-10-01", "report total --since 2026-10-01"),
        ("?kind=models", "report models"),
        ("?kind=users&limit=1", "report users --limit 1"),
        ("?kind=providers&where=user%21%3Dann", "report providers --where user!=ann"),
        ("?kind=sessions&until=2026-10-08", "report sessions --until 2026-10-08"),
        ("?kind=daily&tz=UTC", "report daily --tz UTC"),
        ("?kind=hourly&since=2026-10-05", "report hourly --since 2026-10-05"),
        ("?kind=tag:app", "report tag:app"),
        ("?by=user,model,date", "report --by user,model,date"),
        (
            "?kind=models&where=user=ann|bob&where=tag:app=bot",
            "report models --where user=ann|bob --where tag:app=bot",
        ),
        ("?kind=efficiency", "report efficiency"),
        ("?kind=efficiency&by=user&limit=2", "report efficiency --by user --limit 2"),
        (
            "?kind=models&compare=true&since=2026-10-11&until=2026-10-21",
            "report models --compare --since 2026-10-11 --until 2026-10-21",
        ),
        ("?kind=full", "report full"),
        (
            "?kind=full&where=model^=gpt&tz=Asia/Tokyo",
            "report full --where model^=gpt --tz Asia/Tokyo",
        ),
    ] {
        let answer = got(&gateway, &format!("/api/v1/report{query}"));
        assert_eq!(answer.text(), printed(&gateway, command).trim_end(), "{query}");
        assert!(answer.text().contains("\"requests\":"), "{answer}");
    }
    gateway.verify();
}

#[test]
fn pages_have_every_entry_once_and_each_is_explained_as_by_the_command() {
    let provider = Simulated::recording();
    let gateway = lived_in(&provider);
    let listed: Vec<Value> =
        serde_json::from_str(&printed(&gateway, "entries --limit 1000")).unwrap();
    // Calls, events and the adjustments of a third of them.
    assert_eq!(listed.len(), 84);
    for limit in [7, 83, 84, 100] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = got(&gateway, &format!("/api/v1/entries?limit={limit}{after}")).json();
            seen.extend(page["entries"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            assert_eq!(page["entries"].as_array().unwrap().len(), limit);
            after = format!("&after={next}");
        }
        assert!(seen == listed, "pages of {limit}: {} entries", seen.len());
    }
    let chosen = got(&gateway, "/api/v1/entries?where=model=mystery-1&where=user=ann&limit=1000");
    let command = "entries --where model=mystery-1 --where user=ann --limit 1000";
    assert_eq!(chosen.json()["entries"].to_string(), {
        let listed: Value = serde_json::from_str(&printed(&gateway, command)).unwrap();
        listed.to_string()
    });
    // One of each kind: a call, a scored event, one that was priced later, and an adjustment.
    let adjustment = listed.iter().find(|entry| !entry["adjusts"].is_null()).unwrap();
    let call = listed.iter().find(|entry| entry["source"] == "gateway").unwrap();
    for id in [&call["id"], &json!("e/3"), &json!("e/2"), &adjustment["uid"]] {
        let id = id.as_str().unwrap();
        let path = format!("/api/v1/entries/{}", id.replace('/', "%2F"));
        let answer = got(&gateway, &path);
        assert_eq!(answer.text(), printed(&gateway, &format!("explain {id}")).trim_end(), "{id}");
    }
}

#[test]
fn prices_are_those_of_the_command_also_after_one_was_set() {
    let provider = Simulated::recording();
    let gateway = lived_in(&provider);
    for (query, command) in [
        ("?name=gpt-4o", "prices list gpt-4o"),
        ("?provider=anthropic&mode=chat", "prices list --provider anthropic --mode chat"),
        ("?name=gpt-4&at=2024-06-01&limit=5", "prices list gpt-4 --at 2024-06-01 --limit 5"),
        ("?name=mystery-1", "prices list mystery-1"),
    ] {
        let expected = printed(&gateway, command);
        assert!(expected.trim_end() != "[]", "{command}");
        // What is set takes effect here within a second.
        gateway.wait_for(&format!("{query} to be {expected}"), || {
            let answer = got(&gateway, &format!("/api/v1/prices{query}"));
            (answer.text() == expected.trim_end()).then_some(())
        });
    }
}

#[test]
fn other_methods_are_told_which_there_are() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "");
    for (line, allowed) in [
        ("DELETE /api/v1/report", "GET, HEAD"),
        ("PUT /api/v1/entries/one", "GET, HEAD"),
        ("GET /api/v1/events", "POST"),
    ] {
        let answer = gateway.ask(&Asked::bare(line)).is(405);
        assert_eq!(answer.must("allow"), allowed, "{line}");
    }
    let mut line = TcpStream::connect(gateway.address()).unwrap();
    let head = "HEAD /api/v1/report HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    line.write_all(head.as_bytes()).unwrap();
    let mut heard = String::new();
    line.read_to_string(&mut heard).unwrap();
    assert!(heard.starts_with("HTTP/1.1 200") && heard.ends_with("\r\n\r\n"), "{heard}");
}

#[test]
fn the_document_is_served_and_lists_what_there_is() {
    let provider = Simulated::recording();
    let gateway = Gateway::start(&provider, "");
    let document = got(&gateway, "/api/v1/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    for (path, described) in document["paths"].as_object().unwrap() {
        for method in described.as_object().unwrap().keys() {
            let path = path.replace("{id}", "none");
            let answer = gateway.ask(&Asked::bare(&format!("{} {path}", method.to_uppercase())));
            let is_there = answer.status != 405 && !answer.text().contains("nothing at this path");
            assert!(is_there, "{method} {path}: {answer}");
        }
    }
}
