//! Errors, in each provider's own shape.

use centime_core::usage::Usage;
use serde_json::json;

use crate::answer::Answer;
use crate::shape::Wire;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    /// The parameter that is wrong, where the provider names it.
    pub(crate) parameter: Option<&'static str>,
}

impl Refusal {
    /// A request that is wrong.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into(), parameter: None }
    }

    /// A request without what it must have.
    pub(crate) fn missing(parameter: &'static str) -> Self {
        let message = format!("Missing required parameter: '{parameter}'.");
        Self { status: 400, message, parameter: Some(parameter) }
    }

    /// What a provider says with a status when that was asked for.
    pub(crate) fn of_status(status: u16) -> Self {
        let message = match status {
            401 => "Incorrect API key provided.",
            403 => "Your API key does not have permission to use this resource.",
            404 => "The model does not exist or you do not have access to it.",
            408 | 504 => "The request timed out.",
            413 => "The request is too large.",
            429 => "Rate limit reached. Please try again later.",
            503 | 529 => "The model is overloaded. Please try again later.",
            500.. => "The server had an error while processing your request.",
            _ => "The request is not valid.",
        };
        Self { status, message: message.to_owned(), parameter: None }
    }

    /// The answer that says so.
    pub(crate) fn answer(&self, wire: Wire) -> Answer {
        let Self { status, message, parameter } = self;
        let content = match wire {
            Wire::OpenAi => json!({"error": {"message": message, "type": self.openai_type(),
                "param": parameter, "code": self.openai_code()}}),
            Wire::Anthropic => json!({"type": "error",
                "error": {"type": self.anthropic_type(), "message": message},
                "request_id": "req_simulated"}),
            Wire::Gemini => {
                json!({"error": {"code": status, "message": message, "status": self.google_status()}})
            }
            Wire::Cohere => json!({"message": message}),
        };
        let mut answer = Answer::json(content, Usage::default());
        answer.status = *status;
        if *status == 429 {
            answer.headers.push(("retry-after", "1".to_owned()));
        }
        answer
    }

    /// <https://platform.openai.com/docs/guides/error-codes>.
    const fn openai_type(&self) -> &'static str {
        match self.status {
            429 => "requests",
            500.. => "server_error",
            _ => "invalid_request_error",
        }
    }

    const fn openai_code(&self) -> Option<&'static str> {
        match self.status {
            401 => Some("invalid_api_key"),
            404 => Some("model_not_found"),
            429 => Some("rate_limit_exceeded"),
            _ => None,
        }
    }

    /// <https://docs.claude.com/en/api/errors>.
    const fn anthropic_type(&self) -> &'static str {
        match self.status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            504 => "timeout_error",
            529 => "overloaded_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        }
    }

    /// <https://ai.google.dev/gemini-api/docs/troubleshooting>.
    const fn google_status(&self) -> &'static str {
        match self.status {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            500.. => "INTERNAL",
            _ => "INVALID_ARGUMENT",
        }
    }
}
