//! What is told: alerts, digests, and that a channel works.

use centime_core::alert::Alert;
use centime_core::time::Timestamp;
use centime_ledger::Message;
use sha2::{Digest as _, Sha256};

use crate::channel::Channel;

/// A report in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// What it is: `LLM cost of 2026-11-23`.
    pub title: String,
    /// From when on; `None`: from the beginning.
    pub since: Option<Timestamp>,
    /// Up to when; `None`: there is no end.
    pub until: Option<Timestamp>,
    /// Its parts: a heading, and its lines.
    pub parts: Vec<(String, Vec<String>)>,
    /// The same for programs: the JSON of `centime report full`.
    pub report: String,
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// Limits that were reached, at one time.
    Alerts(&'a [&'a Alert]),
    /// A report.
    Digest(&'a Digest),
    /// That the channel works.
    Test,
}

impl Notice<'_> {
    /// The word for it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Alerts(_) => "alert",
            Self::Digest(_) => "digest",
            Self::Test => "test",
        }
    }
}

/// The messages that tell a channel of something. Their ids are those of no others.
#[must_use]
pub fn messages(name: &str, channel: &Channel, notice: Notice<'_>, at: Timestamp) -> Vec<Message> {
    let bodies = channel.bodies(notice, at);
    let message = |(number, body): (usize, String)| {
        let mut digest = Sha256::new();
        for part in [name, notice.kind(), &at.to_string(), &number.to_string(), &body] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        let digits =
            digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
        let (id, kind) = (format!("msg_{digits}"), notice.kind().to_owned());
        Message { id, channel: name.to_owned(), kind, body }
    };
    bodies.into_iter().enumerate().map(message).collect()
}
