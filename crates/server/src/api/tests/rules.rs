//! Budgets, plans and users are set from afar, by whoever administers the gateway alone.

use super::*;

fn ask(api: &Api, line: &str, body: &str) -> (u16, Value) {
    let (status, answer) = asked(api, line, Some("secret"), body);
    (status, serde_json::from_str(&answer).unwrap())
}

#[test]
fn what_is_set_is_in_the_ledger() {
    let (api, house) = api(LOOPBACK);
    let budget = r#"{"name":"bots","limit":0.000000000001,"window":"12h","scope":"tag:app=bot",
        "action":"downgrade:fast","raise":"3","raise_until":"2027-01-01"}"#;
    assert_eq!(
        ask(&api, "POST /api/v1/budgets", budget),
        (200, json!({"name": "bots", "changed": true}))
    );
    assert_eq!(ask(&api, "POST /api/v1/budgets", budget).1["changed"], false);
    let user = r#"{"user":"alice","plan":"pro","team":"search"}"#;
    let alice = json!({"user": "alice", "plan": "pro", "team": "search"});
    assert_eq!(ask(&api, "POST /api/v1/users", user), (200, alice));
    // What is left out stays.
    let alice = json!({"user": "alice", "plan": null, "team": "search"});
    assert_eq!(
        ask(&api, "POST /api/v1/users", r#"{"user":"alice","plan":null}"#),
        (200, alice.clone())
    );
    assert_eq!(ask(&api, "GET /api/v1/users", ""), (200, json!([alice])));
    let rules = house.ledger.lock().unwrap().rules().unwrap();
    let (set, raise) = &rules.budgets["bots"];
    assert_eq!((set.limit.pico(), set.scope.to_string().as_str()), (1, "tag:app=bot"));
    assert_eq!(raise.unwrap().0, "3".parse().unwrap());
    let plans = ask(&api, "GET /api/v1/plans", "").1;
    assert_eq!(plans[0], json!({"name": "free", "limit": 1, "window": "month"}));
    assert_eq!(ask(&api, "DELETE /api/v1/budgets/bots", "").0, 200);
    assert_eq!(ask(&api, "DELETE /api/v1/budgets/bots", "").0, 404);
}

#[test]
fn what_cannot_be_is_named() {
    let (api, house) = api(LOOPBACK);
    let budget = |more: &str| format!(r#"{{"name":"b","limit":1,"window":"day"{more}}}"#);
    for (line, body, status, word) in [
        ("POST /api/v1/budgets", "{".to_owned(), 400, "EOF"),
        ("POST /api/v1/budgets", budget(r#","colour":1"#), 400, "unknown field `colour`"),
        ("POST /api/v1/budgets", budget(r#","scope":"colour""#), 400, "`scope`"),
        ("POST /api/v1/budgets", budget(r#","action":"stop""#), 400, "`action`"),
        ("POST /api/v1/budgets", budget(r#","raise":1"#), 400, "go together"),
        ("POST /api/v1/budgets", budget(r#","raise":1,"raise_until":"2020-01-01""#), 400, "over"),
        (
            "POST /api/v1/budgets",
            r#"{"name":"b","limit":-1,"window":"day"}"#.into(),
            400,
            "below zero",
        ),
        (
            "POST /api/v1/budgets",
            r#"{"name":"b","limit":[],"window":"day"}"#.into(),
            400,
            "`limit`",
        ),
        (
            "POST /api/v1/budgets",
            r#"{"name":"a b","limit":1,"window":"day"}"#.into(),
            400,
            "`name`",
        ),
        (
            "POST /api/v1/budgets",
            r#"{"name":"b","limit":1,"window":"year"}"#.into(),
            400,
            "`window`",
        ),
        (
            "POST /api/v1/budgets",
            r#"{"name":"company","limit":1,"window":"day"}"#.into(),
            409,
            "[budgets.company]",
        ),
        ("DELETE /api/v1/budgets/company", String::new(), 409, "configuration"),
        ("POST /api/v1/users", r#"{"user":"alice","plan":"gold"}"#.into(), 400, "no such plan"),
        ("DELETE /api/v1/plans/free", String::new(), 404, "no plan"),
    ] {
        let (found, answer) = ask(&api, line, &body);
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(found == status && message.contains(word), "{line} {body}: {found} {message}");
    }
    for line in [
        "POST /api/v1/budgets",
        "POST /api/v1/plans",
        "POST /api/v1/users",
        "DELETE /api/v1/plans/x",
    ] {
        assert_eq!(asked(&api, line, None, "{}").0, 403, "{line}");
    }
    house.is_full.store(true, Ordering::Relaxed);
    assert_eq!(ask(&api, "POST /api/v1/budgets", &budget("")).0, 503);
}
