//! The document says what is answered: every route, and every field of every answer.

use super::reading::got;
use super::*;

/// Everything of a value that its schema does not know, or wants and does not find.
fn differences(
    document: &Value,
    schema: &Value,
    value: &Value,
    place: &str,
    out: &mut Vec<String>,
) {
    if let Some(name) = schema["$ref"].as_str() {
        let named = document.pointer(name.trim_start_matches('#'));
        let named = named.unwrap_or_else(|| panic!("{place}: there is no {name}"));
        return differences(document, named, value, place, out);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let tried = any.iter().map(|schema| {
            let mut found = Vec::new();
            differences(document, schema, value, place, &mut found);
            found
        });
        let fewest = tried.min_by_key(Vec::len).unwrap();
        return out.extend(fewest);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &Value| wanted == kind || wanted == "number" && kind == "integer";
    match &schema["type"] {
        // Anything.
        Value::Null => return,
        Value::Array(kinds) if kinds.iter().any(is) => {}
        wanted if is(wanted) => {}
        wanted => return out.push(format!("{place}: {kind}, expected {wanted}")),
    }
    if let Some(names) = schema["enum"].as_array()
        && !names.contains(value)
    {
        out.push(format!("{place}: {value} is none of {names:?}"));
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        differences(document, &schema["items"], item, &format!("{place}[{at}]"), out);
    }
    let Some(members) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(required.as_str().unwrap()) {
            out.push(format!("{place}: {required} is missing"));
        }
    }
    for (name, member) in members {
        let patterns = schema["patternProperties"].as_object().into_iter().flatten();
        let mut patterns =
            patterns.filter(|(start, _)| name.starts_with(start.trim_start_matches('^')));
        let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        match known.or_else(|| patterns.next().map(|(_, schema)| schema)) {
            Some(schema) => differences(document, schema, member, &format!("{place}.{name}"), out),
            None if schema.get("properties").is_none() => {}
            None => out.push(format!("{place}: `{name}` is not in the document")),
        }
    }
}

/// Expects an answer to be what the document says of its path.
fn expect_documented(api: &Api, document: &Value, route: &str, line: &str, body: &str) -> Value {
    let (status, answer) = asked(api, line, Some("secret"), body);
    let method = line.split_once(' ').unwrap().0.to_lowercase();
    let said = &document["paths"][route][method]["responses"][status.to_string()];
    let schema = &said["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{line}: {status} is not in the document: {answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let mut found = Vec::new();
    differences(document, schema, &answer, line, &mut found);
    assert!(found.is_empty(), "{found:#?}\n{answer:#}");
    answer
}

/// An event in which everything is set.
const FULL: &str = r#"{"id":"full","at":"2026-11-01T12:00:00Z","provider":"acme","model":"big",
  "meters":{"input":4000,"output":50,"reasoning":10,"images":2},"service_tier":"flex","region":"eu",
  "key":"k","user":"u","team":"t","project":"p","session":"s","tags":{"app":"bot"},
  "metadata":{"a":[1,{}]},"status":"error","latency_ms":5,"requests":3,"reported_cost":0.5}"#;

#[test]
fn every_route_is_in_the_document_and_every_field_of_its_answers() {
    let (api, house) = api(LOOPBACK);
    let document = got(&api, "/api/v1/openapi.json");
    let check =
        |route: &str, line: &str, body: &str| expect_documented(&api, &document, route, line, body);
    let one_line = FULL.replace('\n', " ");
    let events = "/api/v1/events";
    check(events, "POST /api/v1/events", &format!("{one_line}\n{ONE}\nno event\n"));
    check(events, "POST /api/v1/events", &"x\n".repeat(3_000));
    check(events, "POST /api/v1/events", "");
    let unpriced = r#"{"id":"who","at":"2026-11-01","model":"who","meters":{"input":5}}"#;
    check(events, "POST /api/v1/events", unpriced);
    let (full, who) = (got(&api, "/api/v1/entries/full"), got(&api, "/api/v1/entries/who"));
    adjust_and_score(&house);

    let mut seen = std::collections::BTreeSet::new();
    for (route, paths) in [
        ("/healthz", &["/healthz"][..]),
        ("/readyz", &["/readyz"]),
        ("/api/v1/openapi.json", &["/api/v1/openapi.json"]),
        (
            "/api/v1/report",
            &[
                "/api/v1/report",
                "/api/v1/report?by=model,provider,user,team,project,key,session,tag:app,date,hour",
                "/api/v1/report?kind=models&limit=1",
                "/api/v1/report?kind=daily&tz=Europe/Paris&since=2026-10-01&until=2026-12-01",
                "/api/v1/report?kind=models&compare=true&since=2026-11-01&limit=1",
                "/api/v1/report?kind=total&compare=true&since=2026-11-01",
                "/api/v1/report?kind=efficiency&limit=1",
                "/api/v1/report?kind=efficiency&where=user=nobody",
                "/api/v1/report?kind=full",
                "/api/v1/report?kind=none",
            ],
        ),
        (
            "/api/v1/entries",
            &["/api/v1/entries", "/api/v1/entries?limit=1", "/api/v1/entries?limit=none"],
        ),
        (
            "/api/v1/entries/{id}",
            &[
                "/api/v1/entries/full",
                "/api/v1/entries/one",
                "/api/v1/entries/who",
                "/api/v1/entries/none",
            ],
        ),
        ("/api/v1/prices", &["/api/v1/prices", "/api/v1/prices?mode=none"]),
        ("/api/v1/alerts", &["/api/v1/alerts", "/api/v1/alerts?limit=2"]),
        ("/api/v1/budgets", &["/api/v1/budgets", "/api/v1/budgets?name=each"]),
        ("/api/v1/me", &["/api/v1/me", "/api/v1/me?user=alice", "/api/v1/me?users=x"]),
    ] {
        for path in paths {
            check(route, &format!("GET {path}"), "");
        }
        seen.insert(route);
    }
    // What was adjusted and scored was so indeed.
    let again = got(&api, "/api/v1/entries/who");
    assert!(who["adjustments"] == json!([]) && again["adjustments"].as_array().unwrap().len() == 1);
    assert!(full["score"].is_null() && got(&api, "/api/v1/entries/full")["score"] == 0.5);

    let (keys, one) = ("/api/v1/keys", "/api/v1/keys/{id}");
    let everything = r#"{"name":"n","user":"u","team":"t","project":"p","tags":{"a":"b"},"models":["m"],
        "role":"admin","requests_per_minute":1,"tokens_per_minute":1,"expires_at":"2030-01-01"}"#;
    let made = check(keys, "POST /api/v1/keys", everything);
    for body in [everything, "{}", r#"{"role":1}"#] {
        check(keys, "POST /api/v1/keys", body);
    }
    check(keys, "GET /api/v1/keys", "");
    for id in [made["id"].as_str().unwrap(), "none"] {
        check(one, &format!("DELETE /api/v1/keys/{id}"), "");
    }
    for (route, lines) in [
        (
            "/api/v1/budgets",
            &[
                ("POST /api/v1/budgets", r#"{"name":"a/b","limit":1.5,"window":"day"}"#),
                ("POST /api/v1/budgets", r#"{"name":"company","limit":1,"window":"day"}"#),
                ("POST /api/v1/budgets", "{}"),
            ][..],
        ),
        (
            "/api/v1/budgets/{id}",
            &[
                ("DELETE /api/v1/budgets/a%2Fb", ""),
                ("DELETE /api/v1/budgets/none", ""),
                ("DELETE /api/v1/budgets/company", ""),
            ],
        ),
        (
            "/api/v1/plans",
            &[
                ("POST /api/v1/plans", r#"{"name":"five","limit":"5"}"#),
                ("POST /api/v1/plans", r#"{"name":"open","limit":null,"window":"12h"}"#),
                ("POST /api/v1/plans", r#"{"name":"less","limit":-1}"#),
                ("GET /api/v1/plans", ""),
            ],
        ),
        (
            "/api/v1/users",
            &[
                ("POST /api/v1/users", r#"{"user":"alice","plan":"five","team":"search"}"#),
                ("POST /api/v1/users", r#"{"user":"alice","plan":"none"}"#),
                ("GET /api/v1/users", ""),
            ],
        ),
        (
            "/api/v1/plans/{id}",
            &[("DELETE /api/v1/plans/open", ""), ("DELETE /api/v1/plans/none", "")],
        ),
    ] {
        for (line, body) in lines {
            check(route, line, body);
        }
        seen.insert(route);
    }
    seen.extend(["/metrics", events, keys, one]);
    let paths: std::collections::BTreeSet<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths, seen, "each route is asked here");
    house.is_full.store(true, Ordering::Relaxed);
    check("/readyz", "GET /readyz", "");
}

/// Gives the call without a price one, by an adjustment, and another one a score.
fn adjust_and_score(house: &House) {
    use centime_core::entry::{PricingStatus, Uid};
    use centime_ledger::Feedback;
    let entries = house.entries();
    let named =
        |id: &str| entries.iter().find(|entry| entry.own_id.as_deref() == Some(id)).unwrap();
    let (who, one, full) = (named("who"), named("one"), named("full"));
    let adjustment = Entry {
        uid: Uid::of_record("adjustments", b"who", 0),
        source: "adjustments".to_owned(),
        own_id: None,
        adjusts: Some(who.uid),
        requests: 0,
        lines: Vec::new(),
        charge: "0.25".parse().unwrap(),
        pricing_status: PricingStatus::Priced,
        moves: centime_core::entry::StatusMoves { unpriced: -1, in_doubt: 0 },
        card: one.card.clone(),
        ..who.clone()
    };
    house.append(&[adjustment]).unwrap();
    let mut ledger = house.ledger.lock().unwrap();
    ledger.add_score(full.uid, "0.5".parse().unwrap(), house.now()).unwrap();
}

#[test]
fn what_is_not_in_the_document_is_told_so() {
    let (api, _) = api(LOOPBACK);
    let document = got(&api, "/api/v1/openapi.json");
    let schema = json!({"$ref": "#/components/schemas/EntriesPage"});
    for (value, expected) in [
        (json!({"entries": [], "next": null}), None),
        (json!({"entries": [], "next": null, "more": 1}), Some("`more` is not in the document")),
        (json!({"entries": []}), Some("\"next\" is missing")),
        (json!({"entries": [], "next": 5}), Some("integer, expected")),
        (json!({"entries": {}, "next": null}), Some("object, expected")),
    ] {
        let mut found = Vec::new();
        differences(&document, &schema, &value, "page", &mut found);
        assert_eq!(found.is_empty(), expected.is_none(), "{value}: {found:?}");
        assert!(found.iter().all(|it| it.contains(expected.unwrap())), "{value}: {found:?}");
    }
}

#[test]
fn every_name_that_is_referred_to_is_there() {
    let (api, _) = api(LOOPBACK);
    let document = got(&api, "/api/v1/openapi.json");
    let text = document.to_string();
    let names = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    let names: std::collections::BTreeSet<&str> = names.collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(document.pointer(name).is_some(), "{name}");
    }
}
