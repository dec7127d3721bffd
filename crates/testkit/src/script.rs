//! What goes over the wire, step by step: an answer as bytes and delays, which faults rewrite.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::answer::{Answer, Content};
use crate::config::Pace;

/// A step of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing, for so long.
    Wait(Duration),
    /// These bytes.
    Send(Bytes),
    /// These bytes so many times: answers of any length in little memory.
    Repeat(Bytes, u64),
    /// Nothing, for ever.
    Hang,
    /// The end before the end: the connection is closed.
    Close,
    /// The same, and the client is told that the connection is lost (RST).
    Reset,
}

/// An answer as bytes and delays.
#[derive(Debug)]
pub(crate) struct Script {
    /// The time to the head; `None`: it never comes.
    pub(crate) head_after: Option<Duration>,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Whether its length is not said beforehand.
    pub(crate) is_stream: bool,
    /// The length that it says it has, where it is another than it has.
    pub(crate) promised: Option<u64>,
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// The script of an answer that comes at a pace, the first byte after a time.
    pub(crate) fn of(answer: &Answer, pace: &Pace, first_byte: Duration) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in &answer.headers {
            set(&mut headers, name, value);
        }
        let (kind, is_stream, steps) = match &answer.content {
            Content::Json(value) => {
                ("application/json", false, vec![Step::Send(Bytes::from(value.to_string()))])
            }
            Content::Bytes(kind, bytes) => (*kind, false, vec![Step::Send(bytes.clone())]),
            Content::Events(events, framing) => {
                let mut steps = Vec::with_capacity(events.len() + 1);
                for (at, event) in events.iter().enumerate() {
                    // The first tokens came with the head.
                    let wait = pace.time_for(event.tokens);
                    if !wait.is_zero() {
                        steps.push(Step::Wait(wait));
                    }
                    steps.push(Step::Send(Bytes::from(event.text(*framing, at == 0))));
                }
                if !framing.end().is_empty() {
                    steps.push(Step::Send(Bytes::from_static(framing.end().as_bytes())));
                }
                (framing.content_type(), true, steps)
            }
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let written = if is_stream { 0 } else { answer.written_tokens };
        let head_after = Some(first_byte + pace.time_for(written));
        Self { head_after, status: answer.status, headers, is_stream, promised: None, steps }
    }

    /// The bytes that it sends; what is repeated counts as often as it is.
    pub(crate) fn length(&self) -> u64 {
        let length = |bytes: &Bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.steps.iter().fold(0, |sum: u64, step| match step {
            Step::Send(bytes) => sum.saturating_add(length(bytes)),
            Step::Repeat(bytes, times) => sum.saturating_add(length(bytes).saturating_mul(*times)),
            _ => sum,
        })
    }

    /// The script of an answer that is given at once.
    pub(crate) fn at_once(answer: &Answer) -> Self {
        Self::of(answer, &Pace::default(), Duration::ZERO)
    }

    /// The length that the client is told.
    pub(crate) fn told_length(&self) -> Option<u64> {
        self.promised.or_else(|| (!self.is_stream).then(|| self.length()))
    }

    /// Where its pieces are among the steps.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = usize> {
        let steps = self.steps.iter().enumerate();
        steps.filter(|(_, step)| matches!(step, Step::Send(_))).map(|(at, _)| at)
    }

    /// Rewrites each piece that it sends.
    pub(crate) fn rewrite(&mut self, mut change: impl FnMut(Bytes) -> Vec<Step>) {
        let steps = std::mem::take(&mut self.steps);
        for step in steps {
            match step {
                Step::Send(bytes) => self.steps.extend(change(bytes)),
                other => self.steps.push(other),
            }
        }
    }
}

/// Adds a header; one that HTTP does not allow is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.append(name, value);
    }
}
