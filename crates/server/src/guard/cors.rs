//! What pages of allowed origins are told, so that their browsers let them read the answers.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use super::Guard;

/// What an answer says of itself, and pages of allowed origins may read.
const EXPOSED: &str = "x-centime-entry, x-centime-cost, x-centime-quote, x-centime-price-version, \
    x-centime-budget-remaining, x-centime-output-limit, x-centime-cache, x-centime-model, \
    x-request-id, request-id, retry-after";

impl Guard {
    /// The allowed origin of somebody else that a request comes from: its answers say that it is.
    #[must_use]
    pub fn allowed_origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        self.origins.allowed(headers).cloned()
    }
}

/// The headers of the answer to a browser that asks on behalf of a page whether it may ask at all;
/// `None` where the request is something else.
pub(crate) fn preflight(parts: &Parts, origin: Option<&HeaderValue>) -> Option<HeaderMap> {
    let is_preflight = parts.method == Method::OPTIONS
        && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let origin = origin.filter(|_| is_preflight)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"),
    );
    if let Some(asked) = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    headers.insert(
        VARY,
        HeaderValue::from_static(
            "origin, access-control-request-method, access-control-request-headers",
        ),
    );
    Some(headers)
}

/// Lets the page of an allowed origin read an answer.
pub(crate) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(VARY, HeaderValue::from_static("origin"));
}
