//! Identify: by what key a call comes, and whose key pays the provider.

use centime_providers::wire::error::Code;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::house::Limits;
use super::provider::Provider;
use super::refusal::Refusal;
use crate::key_names::KeyNames;

/// Asks that the client's own key be passed on.
const PASSTHROUGH: HeaderName = HeaderName::from_static("x-centime-passthrough");
/// Who calls without a key.
const ANONYMOUS: &str = "anonymous";

/// Where clients of any provider put their key.
const CREDENTIALS: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
];

/// Whose call it is.
#[derive(Debug)]
pub(super) enum Identity {
    /// Nobody's in particular: the provider's key is ours.
    Anonymous,
    /// That of whoever has the provider's key that came with it and goes on with it.
    Own {
        /// The name of the key, which tells nothing of it.
        key: String,
        /// The headers it came in.
        credentials: Vec<(HeaderName, HeaderValue)>,
    },
}

impl Identity {
    /// What the call is attributed to.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Anonymous => ANONYMOUS,
            Self::Own { key, .. } => key,
        }
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
) -> Result<Identity, Refusal> {
    let is_asked = headers.get(PASSTHROUGH).is_some_and(|value| value == "true");
    if is_asked && !limits.passes_keys {
        return Err(Refusal::new(
            Code::Forbidden,
            "keys of clients are not passed on here; see `passthrough_keys` in the configuration",
        ));
    }
    if provider.has_key && !is_asked {
        return Ok(Identity::Anonymous);
    }
    let sent = |name: HeaderName| Some((name.clone(), headers.get(&name)?.clone()));
    let mut credentials: Vec<_> = CREDENTIALS.into_iter().filter_map(sent).collect();
    if credentials.is_empty() || !limits.passes_keys {
        return if provider.needs_key { Err(no_key(provider)) } else { Ok(Identity::Anonymous) };
    }
    let key = names.name(credentials[0].1.as_bytes());
    for (_, value) in &mut credentials {
        value.set_sensitive(true);
    }
    Ok(Identity::Own { key, credentials })
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
        ] {
            let headers: HeaderMap = sent
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            let limits = Limits {
                body_bytes_max: 0,
                unary_buffer_bytes: 0,
                output_tokens_min: 1,
                allows_unpriced: false,
                timeouts: Timeouts::default(),
                drain: None,
                passes_keys,
            };
            let found = match identify(&headers, &provider(has_key), &limits, &names) {
                Ok(identity) => identity.key().to_owned(),
                Err(refusal) => refusal.code.as_str().to_owned(),
            };
            assert_eq!(found, expected, "{sent:?}");
        }
    }
}
