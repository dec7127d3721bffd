//! Errors in the words of the wire format that a path belongs to.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

/// The body of an error: Anthropic's and Google's clients look for theirs, everybody else for OpenAI's.
/// `param` names what of the request it is about.
pub(crate) fn error_body(
    path: &str,
    status: StatusCode,
    code: &str,
    message: &str,
    param: Option<&str>,
) -> Bytes {
    let kind = match status.as_u16() {
        400 | 409 | 415 | 421 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        _ => "api_error",
    };
    let document = if path.starts_with("/v1/messages") {
        json!({"type": "error", "error": {"type": kind, "message": message}})
    } else if path.starts_with("/v1beta/") {
        let name = match status.as_u16() {
            400 | 415 | 421 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            501 => "UNIMPLEMENTED",
            _ => "UNAVAILABLE",
        };
        json!({"error": {"code": status.as_u16(), "message": message, "status": name}})
    } else {
        json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
    };
    Bytes::from(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_answered_in_its_own_words() {
        for (path, pointer, expected) in [
            ("/v1/chat/completions", "/error/code", json!("unknown_host")),
            ("/api/v1/entries", "/error/message", json!("why")),
            ("/v1/messages", "/error/type", json!("invalid_request_error")),
            ("/v1/messages/count_tokens", "/type", json!("error")),
            ("/v1beta/models/x:generateContent", "/error/status", json!("INVALID_ARGUMENT")),
            ("/v1beta/models", "/error/code", json!(421)),
        ] {
            let status = StatusCode::MISDIRECTED_REQUEST;
            let body = error_body(path, status, "unknown_host", "why", None);
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body.pointer(pointer), Some(&expected), "{path}");
        }
    }
}
