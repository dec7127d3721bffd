//! The channels, one file each: what a notice is in each of them, and how it is sent.

mod slack;
mod stdout;
mod webhook;

pub use slack::Slack;
pub use stdout::Stdout;
pub use webhook::{BadSecret, Webhook};

use centime_core::time::Timestamp;

use crate::notice::Notice;

/// Where somebody is told.
#[derive(Debug, Clone)]
pub enum Channel {
    /// A channel of Slack.
    Slack(Slack),
    /// Any receiver of webhooks.
    Webhook(Webhook),
    /// The standard output of the process.
    Stdout(Stdout),
}

/// How a message is sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Outgoing<'a> {
    /// By `POST`, as JSON.
    Post {
        /// Where to; it may be a secret.
        url: &'a str,
        /// Further headers.
        headers: Vec<(&'static str, String)>,
        /// What.
        body: &'a str,
    },
    /// As a line of standard output.
    Line(&'a str),
}

impl Channel {
    /// What is sent to tell of a notice: one message or several.
    #[must_use]
    pub fn bodies(&self, notice: Notice<'_>, at: Timestamp) -> Vec<String> {
        match self {
            Self::Slack(slack) => slack.bodies(notice),
            Self::Webhook(_) | Self::Stdout(_) => webhook::bodies(notice, at),
        }
    }

    /// How a body is sent.
    #[must_use]
    pub fn outgoing<'a>(&'a self, id: &str, body: &'a str, now: Timestamp) -> Outgoing<'a> {
        match self {
            Self::Slack(slack) => slack.outgoing(body),
            Self::Webhook(webhook) => webhook.outgoing(id, body, now),
            Self::Stdout(_) => Outgoing::Line(body),
        }
    }
}
