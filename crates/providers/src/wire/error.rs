//! Errors of our own, in the words of each format, so that the official libraries raise what their
//! users catch.
//!
//! <https://platform.openai.com/docs/guides/error-codes>,
//! <https://docs.claude.com/en/api/errors>, <https://google.aip.dev/193>.

use serde_json::{Map, Value, json};

use super::endpoint::Wire;

/// Why a call is not made, or has no answer. The same word in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The call itself cannot be read.
    InvalidRequest,
    /// No provider can be chosen for the model.
    UnknownModel,
    /// No key, or one that is not known.
    InvalidKey,
    /// A budget is used up.
    BudgetExceeded,
    /// What is left of a budget does not pay for the call.
    InsufficientBudget,
    /// The model has no price, and a budget needs one.
    UnpricedModel,
    /// What it costs is not known in time, and a budget needs it.
    Unmeterable,
    /// The key or the origin may not do that.
    Forbidden,
    /// There is nothing at this path.
    NotFound,
    /// The body is longer than is taken.
    BodyTooLarge,
    /// The host is not one of ours.
    Misdirected,
    /// More calls than are allowed.
    RateLimited,
    /// Something went wrong here.
    Internal,
    /// What is asked for cannot be done here.
    NotImplemented,
    /// The provider cannot be reached.
    ProviderUnreachable,
    /// The ledger cannot be written to.
    LedgerUnavailable,
    /// The provider took too long.
    ProviderTimeout,
}

/// What a code is in each format.
struct Words {
    status: u16,
    code: &'static str,
    openai: &'static str,
    anthropic: &'static str,
    google: &'static str,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 17] = [
        Self::InvalidRequest,
        Self::UnknownModel,
        Self::InvalidKey,
        Self::BudgetExceeded,
        Self::InsufficientBudget,
        Self::UnpricedModel,
        Self::Unmeterable,
        Self::Forbidden,
        Self::NotFound,
        Self::BodyTooLarge,
        Self::Misdirected,
        Self::RateLimited,
        Self::Internal,
        Self::NotImplemented,
        Self::ProviderUnreachable,
        Self::LedgerUnavailable,
        Self::ProviderTimeout,
    ];

    const fn words(self) -> Words {
        let (status, code, openai, anthropic, google) = match self {
            Self::InvalidRequest => (400, "invalid_request", REQUEST, REQUEST, "INVALID_ARGUMENT"),
            Self::UnknownModel => (400, "unknown_model", REQUEST, REQUEST, "INVALID_ARGUMENT"),
            Self::InvalidKey => (401, "invalid_key", KEY, KEY, "UNAUTHENTICATED"),
            Self::BudgetExceeded => (402, "budget_exceeded", QUOTA, BILLING, "RESOURCE_EXHAUSTED"),
            Self::InsufficientBudget => {
                (402, "insufficient_budget", QUOTA, BILLING, "RESOURCE_EXHAUSTED")
            }
            Self::UnpricedModel => (402, "unpriced_model", QUOTA, BILLING, "FAILED_PRECONDITION"),
            Self::Unmeterable => (402, "unmeterable", QUOTA, BILLING, "FAILED_PRECONDITION"),
            Self::Forbidden => {
                (403, "forbidden", "permission_error", "permission_error", "PERMISSION_DENIED")
            }
            Self::NotFound => (404, "not_found", REQUEST, "not_found_error", "NOT_FOUND"),
            Self::BodyTooLarge => {
                (413, "body_too_large", REQUEST, "request_too_large", "INVALID_ARGUMENT")
            }
            Self::Misdirected => (421, "misdirected", REQUEST, REQUEST, "INVALID_ARGUMENT"),
            Self::RateLimited => {
                (429, "rate_limited", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED")
            }
            Self::Internal => (500, "internal", SERVER, "api_error", "INTERNAL"),
            Self::NotImplemented => (501, "not_implemented", SERVER, "api_error", "UNIMPLEMENTED"),
            Self::ProviderUnreachable => {
                (502, "provider_unreachable", SERVER, "api_error", "UNAVAILABLE")
            }
            Self::LedgerUnavailable => {
                (503, "ledger_unavailable", SERVER, "api_error", "UNAVAILABLE")
            }
            Self::ProviderTimeout => {
                (504, "provider_timeout", SERVER, "timeout_error", "DEADLINE_EXCEEDED")
            }
        };
        Words { status, code, openai, anthropic, google }
    }

    /// The status of the answer. The libraries choose what they raise by it.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.words().status
    }

    /// The word: `budget_exceeded`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.words().code
    }
}

const REQUEST: &str = "invalid_request_error";
const KEY: &str = "authentication_error";
const QUOTA: &str = "insufficient_quota";
const BILLING: &str = "billing_error";
const SERVER: &str = "server_error";

/// The body of an error in a format, with details by name: the budget, its limit, what was spent.
///
/// ```
/// use centime_providers::wire::{Wire, error::{Code, body}};
///
/// let told = body(Wire::OpenAi, Code::UnknownModel, "no provider has `gpt-9`", &[]);
/// assert_eq!(
///     told,
///     r#"{"error":{"message":"no provider has `gpt-9`","type":"invalid_request_error","param":null,"code":"unknown_model"}}"#,
/// );
/// ```
#[must_use]
pub fn body(wire: Wire, code: Code, message: &str, details: &[(&str, &str)]) -> String {
    let words = code.words();
    let details: Map<String, Value> =
        details.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    let text = |text: &str| Value::from(text).to_string();
    let extra = match details.is_empty() {
        true => String::new(),
        false => format!(r#","details":{}"#, Value::from(details.clone())),
    };
    let (code, message) = (text(words.code), text(message));
    // Written out, so that members stand in the order that people know.
    match wire {
        Wire::OpenAi => format!(
            r#"{{"error":{{"message":{message},"type":"{}","param":null,"code":{code}{extra}}}}}"#,
            words.openai
        ),
        Wire::Anthropic => format!(
            r#"{{"type":"error","error":{{"type":"{}","message":{message},"code":{code}{extra}}},"request_id":null}}"#,
            words.anthropic
        ),
        Wire::Gemini => {
            let info = json!({
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "domain": "centime",
                "metadata": details,
                "reason": words.code.to_ascii_uppercase(),
            });
            format!(
                r#"{{"error":{{"code":{},"message":{message},"status":"{}","details":[{info}]}}}}"#,
                words.status, words.google
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_told_in_every_format() {
        for code in Code::ALL {
            let details = [("budget", "team \"a\""), ("limit", "10")];
            let read = |wire| -> Value {
                serde_json::from_str(&body(wire, code, "no \"more\"\n", &details)).unwrap()
            };
            let openai = read(Wire::OpenAi);
            assert_eq!(openai["error"]["message"], "no \"more\"\n");
            assert_eq!(openai["error"]["code"], code.as_str());
            assert_eq!(openai["error"]["details"]["limit"], "10");
            assert!(openai["error"]["type"].is_string());
            let anthropic = read(Wire::Anthropic);
            assert_eq!(anthropic["type"], "error");
            assert_eq!(anthropic["error"]["code"], code.as_str());
            assert_eq!(anthropic["error"]["details"]["budget"], "team \"a\"");
            let google = read(Wire::Gemini);
            assert_eq!(google["error"]["code"], code.status());
            assert_eq!(google["error"]["message"], "no \"more\"\n");
            let info = &google["error"]["details"][0];
            assert_eq!(info["reason"], code.as_str().to_ascii_uppercase());
            assert_eq!(info["metadata"]["limit"], "10");
        }
    }

    #[test]
    fn codes_have_words_of_their_own() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
        for (code, status) in [
            (Code::InvalidKey, 401),
            (Code::BudgetExceeded, 402),
            (Code::UnknownModel, 400),
            (Code::BodyTooLarge, 413),
            (Code::RateLimited, 429),
            (Code::ProviderUnreachable, 502),
            (Code::LedgerUnavailable, 503),
            (Code::ProviderTimeout, 504),
        ] {
            assert_eq!(code.status(), status);
        }
    }
}
