//! The providers that calls are forwarded to.

use std::collections::BTreeMap;
use std::sync::Arc;

use centime_providers::wire::Wire;
use centime_upstream::Base;
use http::{HeaderName, HeaderValue};

/// A provider as it is configured.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name: the price book's, or one of the configuration's own.
    pub name: String,
    /// The format of its requests and answers.
    pub wire: Wire,
    /// Where it is.
    pub base: Base,
    /// What is sent with every call: its key, a version. Values that are secret are marked so.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether there is a key of ours among them; where there is none, the client's own is passed on.
    pub has_key: bool,
    /// Whether it answers nobody without a key.
    pub needs_key: bool,
    /// Whether it tells the usage of a stream when asked to by `stream_options.include_usage`.
    pub tells_usage: bool,
}

/// Another name for a model.
#[derive(Debug, Clone)]
pub struct Alias {
    /// The provider by its name.
    pub provider: String,
    /// The model by the provider's name for it.
    pub model: String,
}

/// All providers, and all names of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// By name.
    pub providers: BTreeMap<String, Arc<Provider>>,
    /// By name.
    pub aliases: BTreeMap<String, Alias>,
}
