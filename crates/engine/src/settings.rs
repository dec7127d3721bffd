//! What the gateway is told: plain values, read from wherever by whoever starts it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use centime_providers::known::{Credential, Wire};

/// How the gateway behaves, and whom it calls.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What opens the admin API; `None` leaves it read-only.
    pub admin_key: Option<Secret>,
    /// What a call waits for before it is made.
    pub durability: Durability,
    /// How often the journal is handed to the disk.
    pub journal_sync: Duration,
    /// What happens to calls while the ledger cannot be written.
    pub ledger_failure: LedgerFailure,
    /// What happens to a call whose client has left.
    pub on_disconnect: OnDisconnect,
    /// How long such a call is read on.
    pub drain_limit: Duration,
    /// What happens under a hard budget to a call that has no price.
    pub unpriced: Unpriced,
    /// The output limit of a call is never lowered below this many tokens.
    pub min_output_tokens: u64,
    /// How long a call waits for calls in flight to end, where a budget pays for it without their holds.
    pub hold_wait: Duration,
    /// Up to how many bytes an answer is held back, so that its cost fits into a header.
    pub unary_buffer: usize,
    /// How many bytes a request may have.
    pub max_body: usize,
    /// Whether clients' own provider keys are passed on; `None` means only on loopback.
    pub passthrough_keys: Option<bool>,
    /// Names that a `Host` header may have beside those of the loopback.
    pub allowed_hosts: Vec<String>,
    /// Origins whose pages may call the gateway.
    pub cors_origins: Vec<String>,
    /// How long to wait for a provider.
    pub timeouts: Timeouts,
    /// Whom to call, by name.
    pub providers: BTreeMap<String, Provider>,
    /// Model names of one's own.
    pub aliases: BTreeMap<String, Alias>,
}

/// What a call waits for before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The kernel has the journal: nothing is lost when the process dies.
    Process,
    /// The disk has it: nothing is lost when the power fails.
    Power,
}

/// What happens to calls while the ledger cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerFailure {
    /// They are refused.
    Refuse,
    /// They are made and kept beside the ledger until it can be written again.
    Spool,
}

/// What happens to a call whose client has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDisconnect {
    /// The provider is left too, and what was used is estimated.
    Cancel,
    /// The answer is read on until it says what was used.
    Drain,
}

/// What happens under a hard budget to a call that has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpriced {
    /// It is refused.
    Refuse,
    /// It is made, and recorded without a price.
    Allow,
}

/// How long to wait for a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// From the request until the answer begins.
    pub first_byte: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// For the whole call.
    pub total: Duration,
}

/// A provider that may be called.
#[derive(Debug, Clone)]
pub struct Provider {
    /// What it speaks.
    pub wire: Wire,
    /// Where it is: `http` or `https`, a host, a path where it has one, and no slash at the end.
    pub base_url: String,
    /// The key that calls are made with.
    pub api_key: Option<Secret>,
    /// How it is given the key.
    pub credential: Credential,
    /// Whether a stream is asked for its usage, by `stream_options.include_usage`.
    pub asks_usage: bool,
    /// Headers that every call to it gets; names are in lower case.
    pub headers: Vec<(String, Secret)>,
}

/// A model name of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What it stands for; the first is tried first. Never empty.
    pub routes: Vec<Route>,
}

/// A model of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The provider's name.
    pub provider: String,
    /// The model's name there.
    pub model: String,
}

impl fmt::Display for Route {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.provider, self.model)
    }
}

/// A text that is never shown: it has no `Display`, and its `Debug` says only that it is there.
///
/// ```
/// use centime_engine::settings::Secret;
///
/// let secret = Secret::new("sk-1234".to_owned());
/// assert_eq!(format!("{secret:?}"), "***");
/// assert_eq!(secret.expose(), "sk-1234");
/// ```
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one place that sends or compares it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}
