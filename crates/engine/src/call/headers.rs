//! Which headers pass between a client and a provider.
//!
//! What a client proves itself by to us is no business of the provider's, nor is what a provider would
//! keep in a browser any of the client's. And what belongs to a connection ends with it.

use http::header::{ACCEPT_ENCODING, CONNECTION, HeaderMap, HeaderName, HeaderValue};

/// Our own headers, in both directions.
const OURS: &str = "x-centime-";

/// What belongs to one connection ([RFC 9110, section 7.6.1]) and to the framing in it.
///
/// [RFC 9110, section 7.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
const OF_CONNECTION: &[&str] = &[
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What says who the client is, and where it comes from.
const OF_CLIENT: &[&str] = &[
    "api-key",
    "authorization",
    "cookie",
    "origin",
    "x-api-key",
    "x-goog-api-key",
    // What is written anew for the request that is made.
    "accept-encoding",
    "content-length",
    "expect",
    "host",
];

/// What a provider says to browsers about its own host.
const OF_PROVIDER: &[&str] =
    &["alt-svc", "clear-site-data", "set-cookie", "set-cookie2", "strict-transport-security"];

/// Parameters of a query that are credentials.
const KEY_PARAMETERS: &[&str] = &["access_token", "api-key", "api_key", "key"];

/// The headers of a client's request that its provider may see, which is asked not to compress.
///
/// The provider's own credential is not among them: whoever makes the call adds it.
///
/// ```
/// use centime_engine::call::headers::to_provider;
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("authorization", "Bearer ck-1".parse()?);
/// headers.insert("x-centime-user", "alice".parse()?);
/// headers.insert("anthropic-version", "2023-06-01".parse()?);
/// let passed = to_provider(&headers);
/// assert_eq!(passed["anthropic-version"], "2023-06-01");
/// assert_eq!(passed["accept-encoding"], "identity");
/// assert_eq!(passed.len(), 2);
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[must_use]
pub fn to_provider(headers: &HeaderMap) -> HeaderMap {
    let mut passed =
        pass(headers, |name| !OF_CLIENT.contains(&name) && !name.starts_with("sec-fetch-"));
    passed.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    passed
}

/// The headers of a provider's answer that its client may see.
///
/// ```
/// use centime_engine::call::headers::to_client;
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("set-cookie", "__cf_bm=1".parse()?);
/// headers.insert("x-centime-cost", "0".parse()?);
/// headers.insert("x-request-id", "req_1".parse()?);
/// assert_eq!(to_client(&headers).keys().collect::<Vec<_>>(), ["x-request-id"]);
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[must_use]
pub fn to_client(headers: &HeaderMap) -> HeaderMap {
    pass(headers, |name| {
        // Which pages may read an answer is for us to say, and not for the provider.
        !OF_PROVIDER.contains(&name) && !name.starts_with("access-control-")
    })
}

/// The query of a request without the credentials in it; `None` where nothing is left.
///
/// ```
/// use centime_engine::call::headers::query_to_provider;
///
/// assert_eq!(query_to_provider("alt=sse&key=secret").as_deref(), Some("alt=sse"));
/// assert_eq!(query_to_provider("key=secret"), None);
/// ```
#[must_use]
pub fn query_to_provider(query: &str) -> Option<String> {
    let is_key = |parameter: &&str| {
        let name = decoded(parameter.split('=').next().unwrap_or_default());
        KEY_PARAMETERS.iter().any(|key| name.eq_ignore_ascii_case(key.as_bytes()))
    };
    let passed: Vec<&str> = query.split('&').filter(|parameter| !is_key(parameter)).collect();
    Some(passed.join("&")).filter(|query| !query.is_empty())
}

fn pass(headers: &HeaderMap, may_pass: impl Fn(&str) -> bool) -> HeaderMap {
    let named = named_by_connection(headers);
    let mut passed = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let text = name.as_str();
        let is_kept = !text.starts_with(OURS)
            && !OF_CONNECTION.contains(&text)
            && !named.contains(name)
            && may_pass(text);
        if is_kept {
            passed.append(name, value.clone());
        }
    }
    passed
}

/// The headers that a sender says belong to its connection.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let texts = headers.get_all(CONNECTION).iter();
    texts
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|name| !name.eq_ignore_ascii_case(b"keep-alive"))
        .filter_map(|name| HeaderName::from_bytes(name).ok())
        .collect()
}

/// The name of a parameter as its reader decodes it.
fn decoded(name: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        if let (b'%', [high, low, beyond @ ..]) = (byte, after)
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            decoded.push(high << 4 | low);
            rest = beyond;
        } else {
            decoded.push(*byte);
        }
    }
    decoded
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes of headers given as `name: value`, in order.
    fn passed(pass: fn(&HeaderMap) -> HeaderMap, lines: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        pass(&headers).iter().map(line).collect()
    }

    #[test]
    fn nothing_of_the_client_itself_reaches_a_provider() {
        let lines = [
            "Authorization: Bearer ck-1",
            "authorization: Bearer sk-2",
            "X-Api-Key: ck-1",
            "x-goog-api-key: ck-1",
            "api-key: ck-1",
            "proxy-authorization: Basic x",
            "cookie: a=b",
            "x-centime-user: alice",
            "x-centime-anything-to-come: 1",
            "host: localhost:4000",
            "origin: http://localhost:4000",
            "sec-fetch-site: same-origin",
            "content-length: 12",
            "transfer-encoding: chunked",
            "connection: keep-alive, X-Secret",
            "connection: x-other",
            "x-secret: 1",
            "x-other: 2",
            "keep-alive: timeout=5",
            "te: trailers",
            "trailer: x",
            "upgrade: h2c",
            "http2-settings: AA",
            "expect: 100-continue",
            "accept-encoding: gzip, br",
        ];
        assert_eq!(passed(to_provider, &lines), ["accept-encoding: identity"]);
    }

    #[test]
    fn what_is_meant_for_the_provider_reaches_it() {
        let lines = [
            "content-type: application/json",
            "anthropic-version: 2023-06-01",
            "anthropic-beta: a",
            "anthropic-beta: b",
            "openai-organization: org-1",
            "idempotency-key: k",
            "user-agent: sdk/1",
            "x-stainless-retry-count: 0",
            "x-secret: 1",
            "accept-encoding: identity",
        ];
        assert_eq!(passed(to_provider, &lines), lines);
    }

    #[test]
    fn nothing_of_the_providers_own_host_reaches_a_client() {
        let lines = [
            "set-cookie: a=b",
            "set-cookie: c=d",
            "x-centime-cost: 0",
            "X-Centime-Entry: forged",
            "connection: close, x-hop",
            "x-hop: 1",
            "transfer-encoding: chunked",
            "keep-alive: timeout=5",
            "upgrade: h2c",
            "alt-svc: h3=\":443\"",
            "strict-transport-security: max-age=1; includeSubDomains",
            "access-control-allow-origin: *",
            "access-control-expose-headers: x",
        ];
        assert!(passed(to_client, &lines).is_empty());
        let lines = [
            "content-type: text/event-stream",
            "content-length: 12",
            "x-request-id: req_1",
            "x-ratelimit-remaining-tokens: 5",
            "retry-after: 3",
            "openai-processing-ms: 7",
            "vary: a",
            "vary: b",
        ];
        assert_eq!(passed(to_client, &lines), lines);
    }

    #[test]
    fn a_query_loses_its_credentials_alone() {
        for (query, expected) in [
            ("alt=sse", "alt=sse"),
            ("key=k&alt=sse", "alt=sse"),
            ("alt=sse&key=k&b=c&KEY=k", "alt=sse&b=c"),
            ("%6bey=k&a=%6bey", "a=%6bey"),
            ("access_token=k&api_key=k&api-key=k&api-version=1", "api-version=1"),
            ("keys=1&monkey=2&a=key", "keys=1&monkey=2&a=key"),
            ("%zz=1&%=2&%6=3", "%zz=1&%=2&%6=3"),
            ("key", ""),
            ("", ""),
        ] {
            assert_eq!(query_to_provider(query).unwrap_or_default(), expected, "{query}");
        }
    }
}
