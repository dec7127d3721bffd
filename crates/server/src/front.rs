//! The settings of the front.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::admin::AdminKey;
use crate::log::Log;

/// Where to listen, and to whom.
///
/// ```
/// use centime_server::Front;
///
/// let front = Front::new("127.0.0.1:0".parse()?);
/// assert!(front.admin_key.is_none());
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Debug)]
pub struct Front {
    /// `listen`: the address; port 0 is one that is free.
    pub listen: SocketAddr,
    /// How many threads serve; `None` is one a core.
    pub workers: Option<NonZeroUsize>,
    /// `allowed_hosts`: hosts that requests may be for, beside this machine.
    pub allowed_hosts: Vec<String>,
    /// `cors_origins`: origins whose pages may send requests.
    pub cors_origins: Vec<String>,
    /// `admin_key`: what opens the rest to whoever brings it.
    pub admin_key: Option<AdminKey>,
    /// How much anybody gets.
    pub limits: Limits,
    /// Where events are told.
    pub log: Arc<Log>,
}

impl Front {
    /// What holds when nothing else is set.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            workers: None,
            allowed_hosts: Vec::new(),
            cors_origins: Vec::new(),
            admin_key: None,
            limits: Limits::default(),
            log: Arc::new(Log::silent()),
        }
    }
}

/// How much anybody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most connections; a further one waits until one ends.
    pub connections: usize,
    /// The most calls at once in one HTTP/2 connection.
    pub streams: u32,
    /// The most headers of a request; more is a 431.
    pub headers: usize,
    /// The most bytes of a head; more is a 431.
    pub head_bytes: usize,
    /// How long a head may take, and a connection may rest.
    pub head_time: Duration,
    /// How long a body may pause in mid-request.
    pub body_time: Duration,
    /// How long a client may let a piece of an answer lie before it takes it up.
    pub answer_time: Duration,
    /// How long calls in flight may take when the gateway is told to stop.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            streams: 256,
            headers: 100,
            head_bytes: 64 << 10,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(60),
            answer_time: Duration::from_secs(300),
            drain_time: Duration::from_secs(30),
        }
    }
}
