//! Reports, entries and prices, over a ledger of a few entries.

use super::*;

/// What is in the ledger: one call a minute, the last one twice as large as the first, two without a price.
fn filled() -> (Api, Arc<House>) {
    let (api, house) = api(LOOPBACK);
    let event = |minute: usize| {
        let (user, model) = (["ann", "bob", ""][minute % 3], ["big", "who"][minute / 8]);
        json!({"id": format!("call/{minute}"), "at": format!("2026-11-01T12:{minute:02}:00Z"),
               "model": model, "meters": {"input": 1000 + 100 * minute}, "user": user,
               "tags": {"app": "bot"}})
        .to_string()
    };
    let events: Vec<String> = (0..10).map(event).collect();
    assert_eq!(posted(&api, &events.join("\n"))["new"], 10);
    (api, house)
}

pub(super) fn got(api: &Api, path: &str) -> Value {
    let (status, answer) = asked(api, &format!("GET {path}"), None, "");
    assert_eq!(status, 200, "{path}: {answer}");
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn a_report_is_what_was_asked() {
    let (api, _) = filled();
    let report = got(&api, "/api/v1/report?kind=users&since=2026-11-01&where=model%3Dbig&limit=1");
    assert_eq!((&report["since"], &report["tz"]), (&json!("2026-11-01T00:00:00Z"), &json!("UTC")));
    assert_eq!((&report["by"], &report["total"]["requests"]), (&json!(["user"]), &json!(8)));
    assert_eq!(report["groups"].as_array().unwrap().len(), 2);
    assert_eq!(report["groups"][1]["other"], true);
    let by = got(&api, "/api/v1/report?by=user,tag:app&by=model");
    assert_eq!(by["by"], json!(["user", "tag:app", "model"]));
    let hours = got(&api, "/api/v1/report?kind=hourly&tz=Asia/Kathmandu");
    assert_eq!(hours["groups"][0]["hour"], "2026-11-01T17:00+05:45");
    let compared = got(&api, "/api/v1/report?kind=models&compare=true&since=2026-11-01T12:05:00Z");
    assert_eq!(compared["previous"]["total"]["requests"], 5);
}

#[test]
fn pages_have_every_entry_once() {
    let (api, _) = filled();
    let whole = got(&api, "/api/v1/entries");
    assert_eq!((whole["entries"].as_array().unwrap().len(), &whole["next"]), (10, &Value::Null));
    for limit in [1, 3, 5, 9] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = got(&api, &format!("/api/v1/entries?limit={limit}{after}"));
            let entries = page["entries"].as_array().unwrap();
            assert!(!entries.is_empty() && entries.len() <= limit);
            seen.extend(entries.iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(json!(seen), whole["entries"], "{limit}");
    }
}

#[test]
fn an_entry_is_found_by_its_id_and_by_its_identity() {
    let (api, _) = filled();
    let entry = got(&api, "/api/v1/entries/call%2F3");
    assert_eq!((&entry["id"], &entry["lines"][0]["amount"]), (&json!("call/3"), &json!(0.0013)));
    assert_eq!(got(&api, &format!("/api/v1/entries/{}", entry["uid"].as_str().unwrap())), entry);
}

#[test]
fn prices_are_those_in_force() {
    let (api, _) = filled();
    let prices = got(&api, "/api/v1/prices?name=BI&provider=acme&at=2021-01-01");
    assert_eq!(prices.as_array().unwrap().len(), 1);
    assert_eq!((&prices[0]["model"], &prices[0]["output_per_1m"]), (&json!("big"), &json!(71)));
    assert_eq!(got(&api, "/api/v1/prices?name=none"), json!([]));
}

#[test]
fn what_is_wrong_is_named_with_the_remedy() {
    let (api, _) = filled();
    for (path, status, parameter, remedy) in [
        ("report?kind=colours", 400, Some("kind"), "tag:NAME or full"),
        ("report?by=colour", 400, Some("by"), "choose from model"),
        ("report?kind=models&by=user", 400, Some("by"), "not both"),
        ("report?since=soon", 400, Some("since"), "30d"),
        ("report?since=1d&until=2d", 400, Some("since"), "swap them"),
        ("report?where=user", 400, Some("where"), "`user=alice`"),
        ("report?limit=0", 400, Some("limit"), "from 1 to 100000"),
        ("report?compare=yes", 400, Some("compare"), "`true` or `false`"),
        ("report?compare=true", 400, Some("compare"), "`since=30d`"),
        ("report?tz=Mars/Base", 400, Some("tz"), "Europe/Paris"),
        ("report?after=x", 400, Some("after"), "it knows `kind`, `by`"),
        ("entries?limit=1001", 400, Some("limit"), "from 1 to 1000"),
        ("entries?after=x", 400, Some("after"), "`next`"),
        ("entries?after=0123456789abcdef0123456789abcdef", 400, Some("after"), "`next`"),
        ("entries/one?limit=1", 400, Some("limit"), "no parameters"),
        ("entries/nothing", 404, None, "`GET /api/v1/entries`"),
        ("entries/call/3", 404, None, "openapi.json"),
        ("entries/", 404, None, "openapi.json"),
        ("prices?provider=acm", 400, Some("provider"), "`acme`"),
        ("prices?mode=song", 400, Some("mode"), "the modes are chat"),
        ("prices?limit=many", 400, Some("limit"), "a whole number"),
    ] {
        let (found, answer) = asked(&api, &format!("GET /api/v1/{path}"), None, "");
        assert_eq!(found, status, "{path}: {answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["error"]["param"].as_str(), parameter, "{path}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(remedy), "{path}: {message}");
    }
}

#[test]
fn an_id_of_several_sources_is_told_apart() {
    let (api, house) = filled();
    let mut other = house.entries().remove(0);
    let id = other.own_id.clone().unwrap();
    (other.uid, other.source) = (centime_core::entry::Uid::of_own_id("table", &id), "table".into());
    house.append(&[other]).unwrap();
    let path = format!("GET /api/v1/entries/{}", id.replace('/', "%2F"));
    let (status, answer) = asked(&api, &path, None, "");
    assert!(status == 409 && answer.contains("(from table)"), "{status} {answer}");
}

#[test]
fn a_ledger_that_is_away_is_asked_again_when_it_is_back() {
    let (api, house) = filled();
    house.is_full.store(true, Ordering::Relaxed);
    let (status, answer) = asked(&api, "GET /api/v1/report", None, "");
    assert!(status == 503 && !answer.contains("secret"), "{status} {answer}");
    // Prices need no ledger.
    assert_eq!(asked(&api, "GET /api/v1/prices", None, "").0, 200);
    house.is_full.store(false, Ordering::Relaxed);
    assert_eq!(got(&api, "/api/v1/report")["total"]["requests"], 10);
}

#[test]
fn questions_beyond_what_may_wait_are_told_to_come_again() {
    let (api, _) = api(LOOPBACK);
    let readers = api.readers.clone();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ask = || {
        let (readers, held) = (readers.clone(), Arc::clone(&held));
        runtime.spawn(async move {
            let question = move |_: &mut readers::Reader| {
                let _ = held.lock().unwrap().recv();
                Ok(())
            };
            readers.ask(question).await
        })
    };
    // Some are being answered, some wait, and the others are too many.
    let waiting: Vec<_> = (0..100).map(|_| ask()).collect();
    runtime.block_on(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    let (status, answer) = asked(&api, "GET /api/v1/report", None, "");
    assert!(status == 503 && answer.contains("\"busy\""), "{status} {answer}");
    // What is written does not wait for them.
    assert_eq!(posted(&api, ONE)["new"], 1);
    assert_eq!(asked(&api, "GET /readyz", None, "").0, 200);
    drop(hold);
    let answers = waiting.into_iter().map(|one| runtime.block_on(one).unwrap());
    let answers: Vec<Result<(), Refused>> = answers.collect();
    let is_busy = |answer: &&Result<(), Refused>| matches!(answer, Err(Refused::Busy));
    let refused = answers.iter().filter(is_busy).count();
    assert!((30..=36).contains(&refused), "{refused}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 100 - refused);
    // And afterwards there is room again, also after a question that found a defect.
    let defect = |_: &mut readers::Reader| -> Result<(), Refused> { panic!("a defect") };
    assert!(matches!(runtime.block_on(readers.ask(defect)), Err(Refused::Defect)));
    assert!(runtime.block_on(readers.ask(|_| Ok(()))).is_ok());
}
