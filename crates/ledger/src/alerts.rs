//! What somebody was told, and what has to be told still.

use centime_core::alert::Alert;
use centime_core::time::Timestamp;

/// An alert that was raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The alert.
    pub alert: Alert,
    /// When it was raised.
    pub at: Timestamp,
}

/// A message to a channel. It is sent until the channel has taken it, each time with the same id and
/// the same body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Tells it from every other.
    pub id: String,
    /// The channel, by its name in the configuration.
    pub channel: String,
    /// What it is: `alert`, `digest`, …
    pub kind: String,
    /// What is sent.
    pub body: String,
}

/// A message that somebody has taken on to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// When it was put in.
    pub created_at: Timestamp,
    /// How often it was tried before.
    pub attempts: u32,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The channel has it.
    Delivered,
    /// It is tried again at this moment.
    Later {
        /// When.
        due_at: Timestamp,
        /// Why it did not go out, without a secret.
        why: String,
    },
    /// It is not tried again.
    GivenUp {
        /// Why, without a secret.
        why: String,
    },
}

/// How far the messages of a channel are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelState {
    /// How many wait to be sent.
    pub waiting: u64,
    /// How many the channel has.
    pub delivered: u64,
    /// How many were given up.
    pub given_up: u64,
    /// Why the last one that failed did.
    pub last_error: Option<String>,
}
