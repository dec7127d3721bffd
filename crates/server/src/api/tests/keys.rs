//! Keys are made, listed and revoked from afar, by whoever administers the gateway alone.

use super::*;

const KEYS: &str = "/api/v1/keys";
const BOT: &str = r#"{"name":"bot","user":"alice","tags":{"app":"bot"},"models":["big"],
  "role":"admin","requests_per_minute":60,"expires_at":"2027-01-01"}"#;

fn json_of((status, body): (u16, String), expected: u16) -> Value {
    assert_eq!(status, expected, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_key_is_made_listed_and_revoked() {
    let (api, house) = api(LOOPBACK);
    let ask = |line: &str, key: Option<&str>, body: &str| asked(&api, line, key, body);
    let post = format!("POST {KEYS}");
    assert_eq!(json_of(ask(&format!("GET {KEYS}"), None, ""), 200), json!([]));
    assert_eq!(ask(&post, None, BOT).0, 403, "not even where everybody may look");
    let made = json_of(ask(&post, Some("secret"), BOT), 200);
    let secret = made["key"].as_str().unwrap();
    assert_eq!(made["user"], "alice");
    assert_eq!(made["expires_at"], "2027-01-01T00:00:00Z");
    assert!(house.keyring.holder(&HeaderMap::new(), None, house.now()).is_err(), "in force");

    // It opens what its role says, and is shown without its secret.
    let (status, listed) = ask(&format!("GET {KEYS}"), Some(secret), "");
    assert!(!listed.contains(secret), "{listed}");
    let listed = json_of((status, listed), 200);
    assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&made["id"], &json!("active")));
    assert_eq!(json_of(ask(&post, Some(secret), BOT), 409)["error"]["code"], "name_taken");
    let look = json_of(ask(&post, Some(secret), r#"{"role":"read-only"}"#), 200);
    let look = look["key"].as_str().unwrap();
    assert_eq!(ask(&format!("GET {KEYS}"), Some(look), "").0, 200);
    assert_eq!(ask(&post, Some(look), "{}").0, 403);

    let delete = format!("DELETE {KEYS}/{}", made["id"].as_str().unwrap());
    assert_eq!(ask(&delete, Some(look), "").0, 403);
    assert_eq!(json_of(ask(&delete, Some(secret), ""), 200)["state"], "revoked");
    assert_eq!(ask(&delete, Some(secret), "").0, 401);
    assert_eq!(json_of(ask(&delete, Some("secret"), ""), 200)["state"], "revoked");
    assert_eq!(ask(&format!("DELETE {KEYS}/key_none"), Some("secret"), "").0, 404);
    assert_eq!(ask(&format!("PUT {KEYS}"), Some("secret"), "").0, 405);
}

#[test]
fn what_makes_no_key_is_named() {
    let (api, house) = api(LOOPBACK);
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(70_000));
    for (body, word) in [
        ("", "EOF"),
        ("[1]", "invalid type"),
        (r#"{"nam":"a"}"#, "unknown field `nam`"),
        (r#"{"name":""}"#, "`name` is empty"),
        (r#"{"role":"root"}"#, "`root` is no role"),
        (r#"{"expires_at":"soon"}"#, "`expires_at`"),
        (r#"{"expires_at":"2020-01-01"}"#, "`expires_at` must be later"),
        (r#"{"requests_per_minute":0}"#, "`requests_per_minute`"),
        (&long, "longer than"),
    ] {
        let refused = json_of(asked(&api, &format!("POST {KEYS}"), Some("secret"), body), 400);
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");
    }
    assert!(house.keyring.is_open());
    house.is_full.store(true, Ordering::Relaxed);
    let refused = json_of(asked(&api, &format!("POST {KEYS}"), Some("secret"), "{}"), 503);
    assert!(!refused.to_string().contains("/secret/place"), "{refused}");
}
