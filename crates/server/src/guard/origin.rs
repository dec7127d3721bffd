//! Which pages may send requests.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};

use super::host::HostPort;
use super::{GuardError, Refusal};

/// The header by which browsers say how far the page is from here.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// The origins of others that may come in.
#[derive(Debug)]
pub(super) struct Origins(Vec<HeaderValue>);

impl Origins {
    /// Reads the setting.
    pub(super) fn new(origins: &[String]) -> Result<Self, GuardError> {
        let read = |origin: &String| {
            let text = origin.strip_suffix('/').unwrap_or(origin).to_ascii_lowercase();
            let is_origin = text.split_once("://").is_some_and(|(scheme, authority)| {
                !scheme.is_empty() && HostPort::read(authority).is_some()
            });
            let value = HeaderValue::try_from(text).ok().filter(|_| is_origin);
            value.ok_or_else(|| GuardError::Origin(origin.clone()))
        };
        origins.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The allowed origin that a request comes from, where it comes from one.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> Option<&HeaderValue> {
        if self.0.is_empty() {
            return None;
        }
        let origin = single(headers, ORIGIN.as_str())?;
        self.0.iter().find(|it| it.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
    }

    /// Whether the page that sends a request may: a program that is no browser names none.
    pub(super) fn check(&self, headers: &HeaderMap, host: &HostPort<'_>) -> Result<(), Refusal> {
        let is_far = |site: &HeaderValue| site.as_bytes().eq_ignore_ascii_case(b"cross-site");
        let names_origin = headers.contains_key(ORIGIN);
        if names_origin && self.allowed(headers).is_some() {
            return Ok(());
        }
        let own = single(headers, ORIGIN.as_str()).and_then(|origin| origin.to_str().ok());
        if names_origin && !own.is_some_and(|origin| is_of(origin, host)) {
            return Err(Refusal::Origin);
        }
        match headers.get_all(SEC_FETCH_SITE).iter().any(is_far) {
            true => Err(Refusal::CrossSite),
            false => Ok(()),
        }
    }
}

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    first.filter(|_| values.next().is_none())
}

/// Whether an origin is that of a host: in front of us there may be somebody who speaks TLS.
fn is_of(origin: &str, host: &HostPort<'_>) -> bool {
    let (authority, port) = match origin.split_once("://") {
        Some((scheme, authority)) if scheme.eq_ignore_ascii_case("http") => (authority, 80),
        Some((scheme, authority)) if scheme.eq_ignore_ascii_case("https") => (authority, 443),
        _ => return false,
    };
    HostPort::read(authority).is_some_and(|page| {
        page.host.eq_ignore_ascii_case(host.host)
            && page.port.unwrap_or(port) == host.port.unwrap_or(port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_hosts_own_or_foreign() {
        for (origin, host, expected) in [
            ("http://localhost:4000", "localhost:4000", true),
            ("https://gateway.example", "gateway.example", true),
            ("https://gateway.example", "gateway.example:443", true),
            ("http://localhost:80", "localhost", true),
            ("http://localhost:3000", "localhost:4000", false),
            ("http://localhost", "localhost:4000", false),
            ("https://gateway.example", "gateway.example:80", false),
            ("http://127.0.0.1:4000", "localhost:4000", false),
            ("http://evil.example", "localhost:4000", false),
            ("http://localhost:4000.evil.example", "localhost:4000", false),
            ("http://localhost:4000/", "localhost:4000", false),
            ("null", "localhost:4000", false),
            ("", "localhost:4000", false),
            ("file://", "localhost", false),
        ] {
            assert_eq!(is_of(origin, &HostPort::read(host).unwrap()), expected, "{origin} {host}");
        }
    }

    #[test]
    fn an_allowed_origin_is_an_origin() {
        for (text, is_origin) in [
            ("https://app.example", true),
            ("https://app.example/", true),
            ("http://localhost:3000", true),
            ("chrome-extension://abcdef", true),
            ("https://app.example/page", false),
            ("app.example", false),
            ("*", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(Origins::new(&[text.to_owned()]).is_ok(), is_origin, "{text}");
        }
    }
}
