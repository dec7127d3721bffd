//! From settings to where calls go and what is taken.

use std::net::SocketAddr;
use std::sync::Arc;

use centime_providers::known::{self, ANTHROPIC_VERSION, Credential};
use centime_providers::wire::Wire;
use centime_upstream::{Base, BaseError, Timeouts};
use http::{HeaderName, HeaderValue};

use super::house::Limits;
use super::provider::{Alias, Directory, Provider};
use crate::settings::{self, OnDisconnect, Settings};

/// Why settings make no gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// An address that is none.
    #[error("the provider `{provider}`: {error}")]
    Base {
        /// Whose.
        provider: String,
        /// Why.
        error: BaseError,
    },
    /// A header that no request can carry. Its value is not shown: it may be a key.
    #[error(
        "the provider `{provider}`: the value of its header `{header}` has characters in it that \
         no header has"
    )]
    Header {
        /// Whose.
        provider: String,
        /// Which.
        header: String,
    },
}

impl Directory {
    /// The providers and aliases of the settings. Those that speak what the gateway does not are left
    /// out, and named in the second part.
    ///
    /// # Errors
    /// When an address or a header is none.
    pub fn of(settings: &Settings) -> Result<(Self, Vec<String>), SetupError> {
        let mut directory = Self::default();
        let mut left_out = Vec::new();
        for (name, provider) in &settings.providers {
            let wire = match provider.wire {
                known::Wire::OpenAi => Wire::OpenAi,
                known::Wire::Anthropic => Wire::Anthropic,
                known::Wire::Gemini => Wire::Gemini,
                known::Wire::Bedrock => {
                    left_out.push(name.clone());
                    continue;
                }
            };
            let provider = provider_of(name, wire, provider, settings.listen)?;
            directory.providers.insert(name.clone(), Arc::new(provider));
        }
        for (name, alias) in &settings.aliases {
            if let Some(route) = alias.routes.first() {
                let settings::Route { provider, model } = route.clone();
                directory.aliases.insert(name.clone(), Alias { provider, model });
            }
        }
        Ok((directory, left_out))
    }
}

fn provider_of(
    name: &str,
    wire: Wire,
    settings: &settings::Provider,
    listen: SocketAddr,
) -> Result<Provider, SetupError> {
    let base: Base = settings
        .base_url
        .parse()
        .map_err(|error| SetupError::Base { provider: name.to_owned(), error })?;
    let unfit =
        |header: &str| SetupError::Header { provider: name.to_owned(), header: header.to_owned() };
    let mut headers = Vec::new();
    if let Some(key) = &settings.api_key {
        let credential = settings.credential;
        let value = format!("{}{}", credential.prefix(), key.expose());
        let mut value = HeaderValue::from_str(&value).map_err(|_| unfit(credential.header()))?;
        value.set_sensitive(true);
        headers.push((HeaderName::from_static(credential.header()), value));
    }
    if settings.credential == Credential::XApiKey {
        let version = HeaderValue::from_static(ANTHROPIC_VERSION);
        headers.push((HeaderName::from_static("anthropic-version"), version));
    }
    for (header, value) in &settings.headers {
        let name = HeaderName::from_bytes(header.as_bytes()).map_err(|_| unfit(header))?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| unfit(header))?;
        value.set_sensitive(true);
        headers.push((name, value));
    }
    Ok(Provider {
        name: name.to_owned(),
        wire,
        base: base.but_not_at(listen),
        headers,
        has_key: settings.api_key.is_some(),
        needs_key: known::known(name).is_some_and(|known| !known.key_variables.is_empty()),
        tells_usage: settings.asks_usage,
    })
}

impl Limits {
    /// The limits of the settings. `is_loopback`: whether only this machine can reach the gateway.
    #[must_use]
    pub fn of(settings: &Settings, is_loopback: bool) -> Self {
        let settings::Timeouts { connect, first_byte, idle, total } = settings.timeouts;
        Self {
            body_bytes_max: settings.max_body,
            unary_buffer_bytes: settings.unary_buffer,
            timeouts: Timeouts { connect, first_byte, idle, total },
            drain: (settings.on_disconnect == OnDisconnect::Drain).then_some(settings.drain_limit),
            output_tokens_min: settings.min_output_tokens,
            hold_wait: settings.hold_wait,
            allows_unpriced: settings.unpriced == settings::Unpriced::Allow,
            passes_keys: settings.passthrough_keys.unwrap_or(is_loopback),
        }
    }
}
