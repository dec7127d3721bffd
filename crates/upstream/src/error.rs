//! What goes wrong between here and a provider.

use std::io;

/// Why a request got no answer.
///
/// The difference that counts: whether anything of the request can have reached the provider.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection could be made; nothing was sent.
    #[error("cannot connect to {authority}: {source}")]
    Connect {
        /// Host and port.
        authority: String,
        /// What the network said.
        source: io::Error,
    },
    /// No connection was made in time; nothing was sent.
    #[error("no connection to {authority} in time")]
    ConnectTimeout {
        /// Host and port.
        authority: String,
    },
    /// The connection broke before the head of an answer.
    #[error("the connection to {authority} broke before it answered: {source}")]
    Broken {
        /// Host and port.
        authority: String,
        /// Whether any of the request can have reached the provider.
        was_sent: bool,
        /// What HTTP said.
        source: hyper::Error,
    },
    /// The head of an answer did not come in time.
    #[error("{authority} did not answer in time")]
    AnswerTimeout {
        /// Host and port.
        authority: String,
        /// Whether any of the request can have reached the provider.
        was_sent: bool,
    },
}

impl SendError {
    /// Whether any of the request can have reached the provider. Where it cannot, there was no call.
    #[must_use]
    pub const fn was_sent(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::ConnectTimeout { .. } => false,
            Self::Broken { was_sent, .. } | Self::AnswerTimeout { was_sent, .. } => *was_sent,
        }
    }

    /// Whether it is time that ran out.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self, Self::ConnectTimeout { .. } | Self::AnswerTimeout { .. })
    }
}

/// Why an answer ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// The connection broke, or what came was no HTTP.
    #[error("the provider's answer was cut: {0}")]
    Broken(#[from] hyper::Error),
    /// Nothing came for too long.
    #[error("the provider sent nothing for {seconds} seconds")]
    Idle {
        /// How long was waited.
        seconds: u64,
    },
    /// The whole took too long.
    #[error("the call took longer than it may")]
    Total,
}
