mod document;
mod keys;
mod reading;
mod rules;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use centime_budgets::{Bank, Funds, Known, Rules};
use centime_core::budget::{Action, Budget};
use centime_core::entry::Entry;
use centime_core::key::{Key, Role};
use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use centime_engine::KeyNames;
use centime_engine::call::Keyring;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{
    Appended, Entries, EntryFilter, KeyAdded, Keys, Ledger, LedgerError, Page, RuleChange,
    Rules as _,
};
use http::HeaderMap;
use http_body_util::BodyExt;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tempfile::TempDir;

const PRICES: &str = "provider acme\nmaker\n\nmodel big chat\n from 2020-01-01 exact test\n  \
                      input 1/1M\n  output 71/1M\n";

struct House {
    folder: TempDir,
    ledger: Mutex<SqliteLedger>,
    is_full: AtomicBool,
    keyring: Keyring,
    configured: Rules,
}

impl House {
    fn new(is_local: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("c.db"), OpenMode::Write).unwrap();
        let keyring = Keyring::new(is_local, Vec::new());
        let budget = Budget {
            name: "company".into(),
            scope: "all".parse().unwrap(),
            limit: "5".parse().unwrap(),
            window: "month".parse().unwrap(),
            action: Action::Refuse,
        };
        let funds = Funds { budget, raise: None };
        let configured = Rules { budgets: vec![funds], ..Rules::default() };
        let is_full = AtomicBool::default();
        Self { folder, ledger: Mutex::new(ledger), is_full, keyring, configured }
    }
}

impl House {
    fn entries(&self) -> Vec<Entry> {
        let page = Page { limit: 100_000, after: None };
        self.ledger.lock().unwrap().entries(&EntryFilter::default(), &page).unwrap()
    }
}

impl Store for House {
    fn append(&self, entries: &[Entry]) -> Result<Vec<Appended>, LedgerError> {
        self.check_writable()?;
        self.ledger.lock().unwrap().append(entries)
    }

    fn check_writable(&self) -> Result<(), LedgerError> {
        match self.is_full.load(Ordering::Relaxed) {
            true => Err(LedgerError::Full { path: "/secret/place.db".into() }),
            false => Ok(()),
        }
    }

    fn reader(&self) -> Result<Box<dyn Ledger>, LedgerError> {
        self.check_writable()?;
        Ok(Box::new(SqliteLedger::open(&self.folder.path().join("c.db"), OpenMode::Read)?))
    }

    fn bank(&self) -> Arc<Bank> {
        let bank = Bank::new(TimeZone::UTC);
        let budget = |(name, scope): (&str, &str)| Funds {
            budget: Budget {
                name: name.into(),
                scope: scope.parse().unwrap(),
                limit: "5".parse().unwrap(),
                window: "month".parse().unwrap(),
                action: Action::Refuse,
            },
            raise: None,
        };
        let budgets = [("company", "all"), ("each", "user"), ("nobody", "team")].map(budget).into();
        let spent = |budget: &Budget| {
            let subject = if &*budget.name == "each" { "alice" } else { "" };
            let known = Known { subject: subject.into(), at: self.now(), settled_pico: 7 };
            Ok::<_, LedgerError>(if &*budget.name == "nobody" { vec![] } else { vec![known] })
        };
        let rules = Rules { budgets, ..Rules::default() };
        bank.set(&rules, spent, self.now()).unwrap();
        Arc::new(bank)
    }

    fn key_names(&self) -> KeyNames {
        KeyNames::under(&[7; 32])
    }

    fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    fn add_key(&self, key: &Key) -> Result<KeyAdded, LedgerError> {
        self.check_writable()?;
        let mut ledger = self.ledger.lock().unwrap();
        let added = ledger.add_key(key)?;
        self.keyring.replace(ledger.keys()?);
        Ok(added)
    }

    fn change_key(&self, key: &Key) -> Result<bool, LedgerError> {
        let mut ledger = self.ledger.lock().unwrap();
        let changed = ledger.change_key(key)?;
        self.keyring.replace(ledger.keys()?);
        Ok(changed)
    }

    fn configured(&self) -> &Rules {
        &self.configured
    }

    fn change_rules(&self, change: &RuleChange) -> Result<bool, LedgerError> {
        self.check_writable()?;
        self.ledger.lock().unwrap().change_rules(change)
    }

    fn random_bits(&self) -> Result<[u8; 32], String> {
        let made = self.ledger.lock().unwrap().keys_revision().unwrap();
        Ok([u8::try_from(made + 1).unwrap(); 32])
    }

    fn book(&self) -> Arc<PriceBook> {
        Arc::new(PriceBook::from_texts("test", [PRICES]).unwrap())
    }

    fn now(&self) -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn zone_name(&self) -> &str {
        "UTC"
    }
}

/// An API over an empty ledger, at an address.
fn api(listen: &str) -> (Api, Arc<House>) {
    let listen: std::net::SocketAddr = listen.parse().unwrap();
    let house = Arc::new(House::new(listen.ip().is_loopback()));
    let key = Some(AdminKey::new("secret"));
    let metrics = Arc::<Metrics>::default();
    let log = Arc::new(Log::silent());
    let api = Api::new(Arc::<House>::clone(&house), metrics, log, key, 10_000);
    (api.unwrap(), house)
}

const LOOPBACK: &str = "127.0.0.1:4000";

/// The status and the body of an answer.
fn asked(api: &Api, line: &str, key: Option<&str>, body: &str) -> (u16, String) {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let answer = api.answer(request).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    })
}

fn posted(api: &Api, body: &str) -> Value {
    let (status, answer) = asked(api, "POST /api/v1/events", None, body);
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

const ONE: &str =
    r#"{"id":"one","at":"2026-11-01T12:00:00Z","model":"big","meters":{"input":4000,"output":50}}"#;

#[test]
fn events_come_in_once_by_whatever_shape() {
    let (api, house) = api(LOOPBACK);
    let two = ONE.replace("one", "two");
    let none = json!({"new": 0, "known": 1, "refused": []});
    assert_eq!(posted(&api, ONE), json!({"new": 1, "known": 0, "refused": []}));
    assert_eq!(posted(&api, ONE), none);
    assert_eq!(posted(&api, &format!("[{ONE}]")), none);
    assert_eq!(
        posted(&api, &format!("{ONE}\n{two}\n")),
        json!({"new": 1, "known": 1, "refused": []})
    );
    let entries = house.entries();
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.charge.to_string() == "0.00755"));
    assert!(entries.iter().all(|entry| entry.source == "events"));
}

#[test]
fn equal_records_without_an_id_are_told_apart_by_their_place() {
    let (api, house) = api(LOOPBACK);
    let record = r#"{"at":"2026-11-01","model":"big","meters":{"input":1}}"#;
    assert_eq!(posted(&api, &format!("{record}\n{record}"))["new"], 2);
    assert_eq!(posted(&api, &format!("[{record}, {record},{record}]"))["new"], 1);
    assert_eq!(house.entries().len(), 3);
}

#[test]
fn what_is_refused_is_named_and_the_rest_is_in() {
    let (api, house) = api(LOOPBACK);
    posted(&api, ONE);
    let body = format!(
        "{}\n\nno json\n{}\n{}\n",
        ONE.replace("4000", "5"),
        ONE.replace("one", "bad").replace("50", "-1"),
        ONE.replace("one", "good"),
    );
    let answer = posted(&api, &body);
    assert_eq!((&answer["new"], &answer["known"]), (&json!(1), &json!(0)));
    let refused = answer["refused"].as_array().unwrap();
    let named: Vec<_> = refused.iter().map(|one| (&one["line"], &one["id"])).collect();
    assert_eq!(
        named,
        [(&json!(1), &json!("one")), (&json!(3), &Value::Null), (&json!(4), &json!("bad"))]
    );
    for (one, word) in refused.iter().zip(["conflict", "", "output"]) {
        assert!(one["error"].as_str().unwrap().contains(word), "{one}");
    }
    assert_eq!(house.entries().len(), 2);
}

#[test]
fn a_body_of_nothing_but_refusals_makes_a_bounded_answer() {
    let (api, _) = api(LOOPBACK);
    let answer = posted(&api, &"x\n".repeat(3_000));
    assert_eq!(answer["refused"].as_array().unwrap().len(), 1_000);
    assert_eq!(answer["refused_more"], 2_000);
}

#[test]
fn nothing_is_acknowledged_that_is_not_in() {
    let (api, house) = api(LOOPBACK);
    house.is_full.store(true, Ordering::Relaxed);
    let (status, body) = asked(&api, "POST /api/v1/events", None, ONE);
    assert!(status == 503 && body.contains("is full") && body.contains("again"), "{body}");
    let (status, ready) = asked(&api, "GET /readyz", None, "");
    assert!(status == 503 && ready.contains("is full"), "{ready}");
    // Where the ledger is, is nobody's business.
    assert!(!body.contains("secret") && !ready.contains("secret"), "{body} {ready}");
    assert_eq!(asked(&api, "GET /healthz", None, "").0, 200);
    house.is_full.store(false, Ordering::Relaxed);
    assert_eq!(asked(&api, "GET /readyz", None, "").0, 200);
    assert_eq!(posted(&api, ONE)["new"], 1);
}

#[test]
fn a_body_that_is_no_list_of_events_is_refused() {
    let (api, house) = api(LOOPBACK);
    for (body, status) in [("", 400), ("[", 400), ("[{}", 400), (&" ".repeat(10_001), 413)] {
        assert_eq!(asked(&api, "POST /api/v1/events", None, body).0, status, "{body:.20}");
    }
    assert!(house.entries().is_empty());
}

#[test]
fn who_is_on_another_machine_brings_the_key() {
    for (listen, line, key, status) in [
        (LOOPBACK, "GET /metrics", None, 200),
        (LOOPBACK, "GET /api/v1/nothing", None, 404),
        ("0.0.0.0:4000", "GET /metrics", None, 401),
        ("0.0.0.0:4000", "GET /metrics", Some("wrong"), 401),
        ("0.0.0.0:4000", "GET /metrics", Some("secret"), 200),
        ("0.0.0.0:4000", "POST /api/v1/events", None, 401),
        ("0.0.0.0:4000", "POST /api/v1/events", Some("secret"), 200),
        ("0.0.0.0:4000", "GET /api/v1/nothing", None, 401),
        ("0.0.0.0:4000", "GET /api/v1/report", None, 401),
        ("0.0.0.0:4000", "GET /api/v1/entries", Some("wrong"), 401),
        ("0.0.0.0:4000", "GET /api/v1/prices", Some("secret"), 200),
        ("0.0.0.0:4000", "GET /api/v1/openapi.json", None, 401),
        ("0.0.0.0:4000", "GET /healthz", None, 200),
        ("0.0.0.0:4000", "GET /readyz", None, 200),
    ] {
        let (api, _) = api(listen);
        assert_eq!(asked(&api, line, key, ONE).0, status, "{listen} {line} {key:?}");
    }
}

#[test]
fn keys_open_it_as_far_as_their_role_does() {
    let (api, house) = api(LOOPBACK);
    let role = |secret: &str, role| Key { role, ..Key::new(secret, house.now()) };
    let keys = vec![
        role("ck-admin", Role::Admin),
        role("ck-reads", Role::ReadOnly),
        role("ck-calls", Role::Call),
        Key { revoked_at: Some(house.now()), ..role("ck-gone", Role::Admin) },
    ];
    house.keyring.replace(keys);
    let (read, write) = ("GET /api/v1/report", "POST /api/v1/events");
    for (line, key, expected) in [
        (read, None, 401),
        (read, Some("wrong"), 401),
        (read, Some("ck-wrong"), 401),
        (read, Some("ck-gone"), 401),
        (read, Some("ck-calls"), 403),
        (read, Some("ck-reads"), 200),
        (read, Some("ck-admin"), 200),
        (read, Some("secret"), 200),
        ("GET /api/v1/report?key=ck-admin", None, 401),
        ("GET /healthz", None, 200),
        (write, None, 401),
        (write, Some("ck-calls"), 403),
        (write, Some("ck-reads"), 403),
        (write, Some("ck-admin"), 200),
        (write, Some("secret"), 200),
    ] {
        let (status, answer) = asked(&api, line, key, ONE);
        assert_eq!(status, expected, "{line} by {key:?}: {answer}");
    }
}

#[test]
fn each_path_says_what_it_answers() {
    let (api, _) = api(LOOPBACK);
    for line in [
        "POST /metrics",
        "POST /healthz",
        "DELETE /readyz",
        "GET /api/v1/events",
        "PUT /api/v1/report",
        "DELETE /api/v1/entries/one",
    ] {
        assert_eq!(asked(&api, line, None, "").0, 405, "{line}");
    }
    assert!(asked(&api, "GET /metrics", None, "").1.contains("# TYPE centime_calls_total counter"));
}
