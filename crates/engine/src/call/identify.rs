//! Identify: by what key a call comes, and whose key pays the provider.

use std::sync::Arc;

use centime_core::key::{ANONYMOUS, Key};
use centime_core::time::Timestamp;
use centime_providers::wire::error::Code;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::house::{Limits, Worker};
use super::keyring::{CREDENTIALS, Holder, is_ours};
use super::provider::Provider;
use super::refusal::Refusal;
use crate::key_names::KeyNames;

/// Asks that the client's own key be passed on.
const PASSTHROUGH: HeaderName = HeaderName::from_static("x-centime-passthrough");

/// Whose call it is.
#[derive(Debug)]
pub(super) struct Identity {
    /// The key of ours that it came by; `None` in open mode.
    holder: Option<Arc<Holder>>,
    /// The name of the provider's key that came with it, which tells nothing of it.
    own: Option<String>,
    /// The headers that this key came in and goes on in; none where the provider's key is ours.
    pub(super) credentials: Vec<(HeaderName, HeaderValue)>,
}

impl Identity {
    /// What the call is attributed to.
    pub(super) fn label(&self) -> &str {
        let own = self.own.as_deref().unwrap_or(ANONYMOUS);
        self.key().map_or(own, Key::label)
    }

    /// The key of ours, by what it is bound to.
    pub(super) fn key(&self) -> Option<&Key> {
        self.holder.as_deref().map(Holder::key)
    }

    /// Counts the call, unless its key may not make it. `named` is the model as the client names it,
    /// `model` by the provider's name for it.
    ///
    /// # Errors
    /// When the key may not call the model, or made too many calls.
    pub(super) fn count(
        &self,
        method: &Method,
        named: &str,
        (provider, model): (&Provider, &str),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(holder) = &self.holder else { return Ok(()) };
        // What names no model and is only looked at has none work.
        if !(named.is_empty() && (method == Method::GET || method == Method::HEAD)) {
            let long = format!("{}/{model}", provider.name);
            let names = if named.is_empty() { &[][..] } else { &[named, model, &long] };
            holder.check_model(names)?;
        }
        holder.count_request(now)
    }
}

impl Worker {
    /// Says by what key a call comes, before anything else of it is read.
    ///
    /// # Errors
    /// When a key is needed and it has none that makes calls.
    pub(super) fn admit(&self, head: &Parts) -> Result<Option<Arc<Holder>>, Refusal> {
        let now = (self.house.clock)();
        let (headers, query) = (&head.headers, head.uri.query());
        let holder = self.house.keyring.seen(&self.keys, headers, query, now)?;
        holder.as_ref().map_or(Ok(()), |holder| holder.check_role())?;
        Ok(holder)
    }
}

/// Says whose call it is. The provider's key is ours where there is one, unless the client asks that
/// its own be passed on.
///
/// # Errors
/// When there is no key to call the provider with.
pub(super) fn identify(
    headers: &HeaderMap,
    provider: &Provider,
    limits: &Limits,
    names: &KeyNames,
    holder: Option<Arc<Holder>>,
) -> Result<Identity, Refusal> {
    let is_asked = headers.get(PASSTHROUGH).is_some_and(|value| value == "true");
    if is_asked && !limits.passes_keys {
        return Err(Refusal::new(
            Code::Forbidden,
            "keys of clients are not passed on here; see `passthrough_keys` in the configuration",
        ));
    }
    let ours = |holder| Identity { holder, own: None, credentials: Vec::new() };
    if provider.has_key && !is_asked {
        return Ok(ours(holder));
    }
    let sent = |name: HeaderName| {
        // A key of ours is none of the provider's.
        let value = headers.get_all(&name).iter().find(|value| !is_ours(value.as_bytes()))?;
        Some((name, value.clone()))
    };
    let mut credentials: Vec<_> = CREDENTIALS.into_iter().filter_map(sent).collect();
    if credentials.is_empty() || !limits.passes_keys {
        return if provider.needs_key { Err(no_key(provider)) } else { Ok(ours(holder)) };
    }
    let own = Some(names.name(credentials[0].1.as_bytes()));
    for (_, value) in &mut credentials {
        value.set_sensitive(true);
    }
    Ok(Identity { holder, own, credentials })
}

fn no_key(provider: &Provider) -> Refusal {
    let name = &provider.name;
    let message = format!(
        "there is no key for the provider `{name}`: set it in the environment or in \
         `[providers.{name}]`, or send your own"
    );
    Refusal::new(Code::InvalidKey, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Keyring;
    use centime_providers::wire::Wire;
    use centime_upstream::Timeouts;

    fn provider(has_key: bool) -> Provider {
        Provider {
            name: "openai".to_owned(),
            wire: Wire::OpenAi,
            base: "http://127.0.0.1:1/v1".parse().unwrap(),
            headers: Vec::new(),
            has_key,
            needs_key: true,
            tells_usage: true,
        }
    }

    #[test]
    fn the_key_is_ours_unless_there_is_none_or_the_client_asks() {
        let names = KeyNames::under(&[7; 32]);
        let name = |key: &str| names.name(key.as_bytes());
        let own = ("authorization", "Bearer sk-1");
        let asks = ("x-centime-passthrough", "true");
        for (sent, has_key, passes_keys, expected) in [
            (&[own][..], true, true, "anonymous"),
            (&[own, asks], true, true, &*name("sk-1")),
            (&[own], false, true, &name("sk-1")),
            (&[("x-api-key", "k")], false, true, &name("k")),
            (&[], false, true, "invalid_key"),
            (&[own], false, false, "invalid_key"),
            (&[own, asks], true, false, "forbidden"),
            // A key of ours is none of a provider's, known or not.
            (&[("x-api-key", "ck-1")], true, true, "anonymous"),
            (&[("x-api-key", "ck-1")], false, true, "invalid_key"),
            (&[("x-api-key", "ck-1"), ("api-key", "k")], false, true, &name("k")),
        ] {
            let headers: HeaderMap = sent
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            let limits = Limits {
                body_bytes_max: 0,
                unary_buffer_bytes: 0,
                output_tokens_min: 1,
                hold_wait: std::time::Duration::ZERO,
                allows_unpriced: false,
                timeouts: Timeouts::default(),
                drain: None,
                passes_keys,
            };
            let found = match identify(&headers, &provider(has_key), &limits, &names, None) {
                Ok(identity) => identity.label().to_owned(),
                Err(refusal) => refusal.code.as_str().to_owned(),
            };
            assert_eq!(found, expected, "{sent:?}");
        }
    }

    fn by(key: Key) -> Identity {
        let ring = Keyring::new(true, vec![key]);
        let headers = HeaderMap::from_iter([(CREDENTIALS[1].clone(), "ck-1".parse().unwrap())]);
        let holder = ring.holder(&headers, None, Timestamp::from_micros(0)).unwrap();
        Identity { holder, own: Some("hmac:1".to_owned()), credentials: Vec::new() }
    }

    #[test]
    fn a_key_of_ours_goes_before_the_name_of_the_providers() {
        let key = Key::new("ck-1", Timestamp::from_micros(0));
        let id = key.id.clone();
        assert_eq!(by(key.clone()).label(), id);
        assert_eq!(by(Key { name: Some("bot".to_owned()), ..key }).label(), "bot");
    }

    #[test]
    fn a_key_calls_the_models_it_may() {
        let key = |models: &[&str]| Key {
            models: models.iter().map(|&it| it.to_owned()).collect(),
            ..Key::new("ck-1", Timestamp::from_micros(0))
        };
        for (models, method, named, expected) in [
            (&[][..], Method::POST, "", true),
            (&["fast"], Method::POST, "fast", true),
            (&["gpt-4o"], Method::POST, "fast", true),
            (&["openai/*"], Method::POST, "fast", true),
            (&["gpt-5"], Method::POST, "fast", false),
            (&["gpt-4o"], Method::GET, "gpt-5", true),
            (&["gpt-5"], Method::GET, "fast", false),
            (&["gpt-5"], Method::GET, "", true),
            (&["gpt-5"], Method::POST, "", false),
        ] {
            let identity = by(key(models));
            let now = Timestamp::from_micros(0);
            let counted = identity.count(&method, named, (&provider(true), "gpt-4o"), now);
            let code = counted.map_err(|refusal| refusal.code);
            let expected = if expected { Ok(()) } else { Err(Code::Forbidden) };
            assert_eq!(code, expected, "{models:?} {method} {named}");
        }
    }
}
