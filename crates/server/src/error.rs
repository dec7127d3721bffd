//! Why there is nothing to connect to.

use std::net::SocketAddr;

use crate::guard::GuardError;

/// Why the gateway does not start, or ends.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {error}; choose another with `--listen ADDRESS:PORT`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// Somebody listens there already, and the system would let both share the calls.
    #[error(
        "cannot listen at {address}: another program does already; stop that one, or choose another \
         with `--listen ADDRESS:PORT`"
    )]
    Taken {
        /// The address.
        address: SocketAddr,
    },
    /// The whole network could reach it, and nobody would need a key.
    #[error(
        "{address} can be reached from other machines, and no admin key is set: set `admin_key` in \
         the configuration, or listen at 127.0.0.1"
    )]
    Exposed {
        /// The address.
        address: SocketAddr,
    },
    /// A setting means nothing.
    #[error("{0}")]
    Setting(#[from] GuardError),
    /// The system gives no thread, timer or signal.
    #[error("cannot start: {0}")]
    System(#[from] std::io::Error),
    /// What answers the requests cannot be made.
    #[error("{0}")]
    Service(String),
    /// A worker ended by a defect of the program.
    #[error("a worker stopped by a defect of the program; the output above says where")]
    Defect,
}
