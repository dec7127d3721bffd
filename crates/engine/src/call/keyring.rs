//! The gateway's keys, as calls and the API find them: in memory, by the digest of their secret.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use centime_core::key::{self, Digest, Key, KeyState};
use centime_core::time::Timestamp;
use centime_providers::wire::error::Code;
use http::{HeaderMap, HeaderName, header::AUTHORIZATION};

use super::refusal::Refusal;
use super::window::Minute;

/// Where clients of any provider put their key.
pub(super) const CREDENTIALS: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
];

/// The keys in force, which may be replaced at any time.
///
/// A gateway that only its own machine reaches is **open** until the first key was created: everybody is
/// let in. From then on, and elsewhere always, a key is needed.
#[derive(Debug)]
pub struct Keyring {
    is_local: bool,
    number: AtomicU64,
    ring: Mutex<Arc<Ring>>,
}

/// The keys of one moment.
#[derive(Debug, Default)]
struct Ring {
    by_digest: HashMap<Digest, Secret>,
    /// By what their calls are attributed to: those that have to be told what was used.
    by_label: HashMap<String, Arc<Holder>>,
}

/// A secret and whose it is.
#[derive(Debug)]
struct Secret {
    holder: Arc<Holder>,
    /// From when on it is good no more, where the key has another since.
    until: Option<Timestamp>,
}

/// A key, and what was called by it in the last minute.
#[derive(Debug)]
pub struct Holder {
    key: Key,
    /// Kept while keys are replaced; none where there is no rate to keep to.
    rates: Option<Arc<Rates>>,
}

#[derive(Debug, Default)]
struct Rates {
    requests: Mutex<Minute>,
    tokens: Mutex<Minute>,
}

/// One thread's sight of the keys, for which it neither locks nor waits.
#[derive(Debug)]
pub(super) struct Sight {
    number: Cell<u64>,
    ring: RefCell<Arc<Ring>>,
}

impl Keyring {
    /// Begins with the keys of a ledger. `is_local`: whether only this machine reaches the gateway.
    #[must_use]
    pub fn new(is_local: bool, keys: Vec<Key>) -> Self {
        let ring = Ring::of(keys, &Ring::default());
        Self { is_local, number: AtomicU64::new(0), ring: Mutex::new(Arc::new(ring)) }
    }

    /// Puts others in force, at once. What was called in the last minute stays known of keys that stay.
    pub fn replace(&self, keys: Vec<Key>) {
        let ring = Ring::of(keys, &self.current());
        *self.ring.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        self.number.fetch_add(1, Ordering::Release);
    }

    /// Whether everybody is let in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_local && self.current().by_digest.is_empty()
    }

    /// The key that a request brings; `None` where the gateway is open.
    ///
    /// # Errors
    /// [`Code::InvalidKey`] where a key is needed and none comes, or one that is unknown, expired or revoked.
    pub fn holder(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Arc<Holder>>, Refusal> {
        self.current().holder(self.is_local, headers, query, now)
    }

    /// Is told how many tokens a call used that is attributed to `label`.
    pub fn used(&self, label: &str, tokens: u64, now: Timestamp) {
        let holder = self.current().by_label.get(label).cloned();
        if let Some(rates) = holder.as_ref().and_then(|holder| holder.rates.as_ref()) {
            locked(&rates.tokens).add(second(now), tokens);
        }
    }

    /// What one thread sees of it.
    pub(super) fn sight(&self) -> Sight {
        let number = Cell::new(self.number.load(Ordering::Acquire));
        Sight { number, ring: RefCell::new(self.current()) }
    }

    /// The same as [`Keyring::holder`], from one thread's sight.
    pub(super) fn seen(
        &self,
        sight: &Sight,
        headers: &HeaderMap,
        query: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Arc<Holder>>, Refusal> {
        let number = self.number.load(Ordering::Acquire);
        if sight.number.replace(number) != number {
            *sight.ring.borrow_mut() = self.current();
        }
        sight.ring.borrow().holder(self.is_local, headers, query, now)
    }

    fn current(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ring {
    fn of(keys: Vec<Key>, before: &Self) -> Self {
        let mut known: HashMap<&str, &Arc<Rates>> = HashMap::new();
        for Secret { holder, .. } in before.by_digest.values() {
            if let Some(rates) = &holder.rates {
                known.insert(&holder.key.id, rates);
            }
        }
        let mut ring = Self::default();
        for key in keys {
            let is_limited = key.requests_per_minute.is_some() || key.tokens_per_minute.is_some();
            let rates = is_limited.then(|| known.get(key.id.as_str()).copied().cloned());
            let rates = rates.map(Option::unwrap_or_default);
            let holder = Arc::new(Holder { key, rates });
            let key = &holder.key;
            if key.tokens_per_minute.is_some() && key.revoked_at.is_none() {
                ring.by_label.insert(key.label().to_owned(), Arc::clone(&holder));
            }
            if let Some(former) = key.former {
                let secret = Secret { holder: Arc::clone(&holder), until: Some(former.until) };
                ring.by_digest.insert(former.digest, secret);
            }
            let digest = key.digest;
            ring.by_digest.insert(digest, Secret { holder, until: None });
        }
        ring
    }

    fn holder(
        &self,
        is_local: bool,
        headers: &HeaderMap,
        query: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Arc<Holder>>, Refusal> {
        if is_local && self.by_digest.is_empty() {
            return Ok(None);
        }
        let Some(sent) = secret_in(headers, query) else {
            return Err(refused(
                "a Centime key is needed: send one as `Authorization: Bearer ck-…`, or where your \
                 SDK puts its API key; `centime key create` makes one",
            ));
        };
        let Some(Secret { holder, until }) = self.by_digest.get(&key::digest(sent)) else {
            return Err(refused(
                "this Centime key is not known here: it may belong to another gateway, or not be \
                 whole; `centime key create` makes one",
            ));
        };
        let key = &holder.key;
        let label = key.label();
        match (key.state_at(now), key.revoked_at, key.expires_at, until) {
            (KeyState::Revoked, Some(at), ..) => {
                Err(refused(format!("the key `{label}` was revoked at {at}")))
            }
            (KeyState::Expired, _, Some(at), _) => {
                Err(refused(format!("the key `{label}` expired at {at}")))
            }
            (.., Some(until)) if *until <= now => Err(refused(format!(
                "the key `{label}` was rotated, and this secret of it was good until {until}"
            ))),
            (KeyState::Active, ..) => Ok(Some(Arc::clone(holder))),
            _ => Err(refused(format!("the key `{label}` is good no more"))),
        }
    }
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(Code::InvalidKey, message)
}

impl Holder {
    /// The key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it may make calls at all.
    pub(super) fn check_role(&self) -> Result<(), Refusal> {
        if self.key.role.may_call() {
            return Ok(());
        }
        let label = self.key.label();
        let message = format!("the key `{label}` is read-only, and makes no calls");
        Err(Refusal::new(Code::Forbidden, message))
    }

    /// Whether it may call what goes by these names.
    pub(super) fn check_model(&self, names: &[&str]) -> Result<(), Refusal> {
        if self.key.allows_model(names) {
            return Ok(());
        }
        let (label, models) = (self.key.label(), self.key.models.join("`, `"));
        let message = match names.first().filter(|name| !name.is_empty()) {
            Some(name) => {
                format!("the key `{label}` may not call the model `{name}`, only `{models}`")
            }
            None => format!("the key `{label}` may call `{models}` alone: name the model"),
        };
        Err(Refusal::new(Code::Forbidden, message))
    }

    /// Counts a request, unless there were too many in the last minute, or too many tokens.
    pub(super) fn count_request(&self, now: Timestamp) -> Result<(), Refusal> {
        let Some(rates) = &self.rates else { return Ok(()) };
        let second = second(now);
        if let Some(most) = self.key.tokens_per_minute
            && let Some(wait_s) = locked(&rates.tokens).wait_s(second, most)
        {
            return Err(self.too_fast(most, "tokens", wait_s));
        }
        if let Some(most) = self.key.requests_per_minute {
            let mut requests = locked(&rates.requests);
            if let Some(wait_s) = requests.wait_s(second, most) {
                return Err(self.too_fast(most, "requests", wait_s));
            }
            requests.add(second, 1);
        }
        Ok(())
    }

    fn too_fast(&self, most: u64, what: &str, wait_s: u64) -> Refusal {
        let label = self.key.label();
        let message = format!(
            "the key `{label}` is limited to {most} {what} a minute; try again in {wait_s} s"
        );
        Refusal { retry_after_s: Some(wait_s), ..Refusal::new(Code::RateLimited, message) }
    }
}

/// The value of a credential's header, without the scheme before it.
fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value.split_first_chunk::<7>() {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer ") => rest.trim_ascii_start(),
        _ => value,
    }
}

/// Whether the value of a credential's header is a key of ours, whoever has it.
pub(super) fn is_ours(value: &[u8]) -> bool {
    bare(value).starts_with(key::PREFIX.as_bytes())
}

/// The first secret of ours that a request brings: in a credential's header, or as Gemini's `?key=`.
fn secret_in<'a>(headers: &'a HeaderMap, query: Option<&'a str>) -> Option<&'a [u8]> {
    let in_headers = CREDENTIALS
        .into_iter()
        .flat_map(|name| headers.get_all(name))
        .map(|value| bare(value.as_bytes()));
    let in_query = query
        .unwrap_or_default()
        .split('&')
        .filter_map(|it| it.strip_prefix("key="))
        .map(str::as_bytes);
    in_headers.chain(in_query).find(|value| value.starts_with(key::PREFIX.as_bytes()))
}

fn second(now: Timestamp) -> i64 {
    now.micros().div_euclid(1_000_000)
}

fn locked(minute: &Mutex<Minute>) -> std::sync::MutexGuard<'_, Minute> {
    minute.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.key.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::key::Former;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn found(ring: &Keyring, sent: &[(&'static str, &str)], query: Option<&str>) -> String {
        match ring.holder(&headers(sent), query, at(100)) {
            Ok(Some(holder)) => holder.to_string(),
            Ok(None) => "open".to_owned(),
            Err(refusal) => {
                assert_eq!(refusal.code, Code::InvalidKey);
                refusal.message.into_owned()
            }
        }
    }

    fn named(name: &str, secret: &str) -> Key {
        Key { name: Some(name.to_owned()), ..Key::new(secret, at(0)) }
    }

    #[test]
    fn a_key_is_found_wherever_clients_put_it() {
        let ring = Keyring::new(true, vec![named("bot", "ck-1")]);
        for (sent, query, expected) in [
            (&[("authorization", "Bearer ck-1")][..], None, "bot"),
            (&[("authorization", "bearer  ck-1 ")], None, "bot"),
            (&[("x-api-key", "ck-1")], None, "bot"),
            (&[("x-goog-api-key", "ck-1")], None, "bot"),
            (&[("api-key", "ck-1")], None, "bot"),
            (&[("authorization", "Bearer sk-1"), ("x-api-key", "ck-1")], None, "bot"),
            (&[("authorization", "Bearer sk-1"), ("authorization", "Bearer ck-1")], None, "bot"),
            (&[], Some("alt=sse&key=ck-1"), "bot"),
            (&[], Some("key=sk-1"), "is needed"),
            (&[], None, "is needed"),
            (&[("authorization", "Bearer sk-1")], None, "is needed"),
            (&[("authorization", "Basic ck-1")], None, "is needed"),
            (&[("x-api-key", "ck-2")], None, "not known"),
            (&[("x-api-key", "ck-11")], None, "not known"),
            (&[("x-api-key", "ck-")], None, "not known"),
        ] {
            let found = found(&ring, sent, query);
            assert!(found.contains(expected), "{sent:?}: {found}");
        }
    }

    #[test]
    fn keys_end_and_the_first_one_closes_the_gateway() {
        let ring = Keyring::new(true, vec![]);
        assert_eq!(found(&ring, &[("x-api-key", "ck-1")], None), "open");
        assert!(ring.is_open());
        assert!(found(&Keyring::new(false, vec![]), &[], None).contains("is needed"));
        let sight = ring.sight();
        let former = |digest, until| Some(Former { digest, until });
        ring.replace(vec![
            Key { revoked_at: Some(at(50)), ..named("gone", "ck-1") },
            Key { expires_at: Some(at(100)), ..named("old", "ck-2") },
            Key { expires_at: Some(at(101)), ..named("new", "ck-3") },
            Key { former: former(key::digest("ck-4"), at(101)), ..named("turning", "ck-5") },
            Key { former: former(key::digest("ck-6"), at(100)), ..named("turned", "ck-7") },
        ]);
        for (secret, expected) in [
            ("ck-1", "the key `gone` was revoked at 1970-01-01T00:00:50Z"),
            ("ck-2", "the key `old` expired at 1970-01-01T00:01:40Z"),
            ("ck-3", "new"),
            ("ck-4", "turning"),
            ("ck-5", "turning"),
            ("ck-6", "the key `turned` was rotated"),
            ("ck-7", "turned"),
        ] {
            let found = found(&ring, &[("x-api-key", secret)], None);
            assert!(found.starts_with(expected), "{secret}: {found}");
        }
        assert!(!ring.is_open());
        let seen = ring.seen(&sight, &headers(&[("x-api-key", "ck-3")]), None, at(100));
        assert_eq!(seen.unwrap().unwrap().to_string(), "new");
    }

    #[test]
    fn rates_hold_over_a_minute_and_over_a_change_of_keys() {
        let keys = || {
            let by_requests = Key { requests_per_minute: Some(2), ..named("requests", "ck-1") };
            let by_tokens = Key { tokens_per_minute: Some(100), ..named("tokens", "ck-2") };
            vec![by_requests, by_tokens, named("free", "ck-3")]
        };
        let ring = Keyring::new(true, keys());
        let count = |secret: &str, second: i64| {
            let holder = ring.holder(&headers(&[("x-api-key", secret)]), None, at(100));
            holder.unwrap().unwrap().count_request(at(second)).map_err(|refusal| {
                assert_eq!(refusal.code, Code::RateLimited);
                refusal.retry_after_s.unwrap()
            })
        };
        assert_eq!([count("ck-1", 100), count("ck-1", 110)], [Ok(()), Ok(())]);
        assert_eq!(count("ck-1", 120), Err(41));
        ring.replace(keys());
        assert_eq!(count("ck-1", 160), Err(1));
        assert_eq!([count("ck-1", 161), count("ck-1", 162)], [Ok(()), Err(9)]);

        ring.used("tokens", 99, at(100));
        ring.used("nobody", 1_000, at(100));
        assert_eq!(count("ck-2", 100), Ok(()));
        ring.used("tokens", 5, at(130));
        assert_eq!(count("ck-2", 130), Err(31));
        assert_eq!(count("ck-2", 161), Ok(()));
        assert!((0..1000).all(|_| count("ck-3", 100) == Ok(())));
    }
}
