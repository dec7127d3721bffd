//! Why a call is not made.

use std::borrow::Cow;

use centime_providers::wire::error::Code;

/// A call that is refused here, or that got no answer.
///
/// The message goes to the client. It names what it sent and what to do, and nothing that is secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What programs read.
    pub code: Code,
    /// What was wrong, and the remedy.
    pub message: Cow<'static, str>,
    /// What programs may read besides, by name.
    pub details: Vec<(&'static str, String)>,
    /// How many seconds to wait before it is worth trying again, where that is known.
    pub retry_after_s: Option<u64>,
}

impl Refusal {
    /// A refusal.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), retry_after_s: None }
    }

    /// With details that programs may read.
    #[must_use]
    pub fn with(self, details: Vec<(&'static str, String)>) -> Self {
        Self { details, ..self }
    }

    /// The request is not what it should be.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidRequest, message)
    }

    /// No provider serves this model.
    pub(super) fn unknown_model(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::UnknownModel, message)
    }

    /// The body is longer than is taken.
    pub(super) fn body_too_large(bytes_max: usize) -> Self {
        let message = format!(
            "the body is longer than {bytes_max} bytes; raise `max_body` in the configuration"
        );
        Self::new(Code::BodyTooLarge, message)
    }
}
