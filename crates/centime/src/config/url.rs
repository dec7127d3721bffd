//! Addresses of providers, and of pages.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::setting::{Raw, Setting};

/// Where a provider is: `http` or `https`, a host, a port, a path; without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseUrl(pub String);

impl Setting for BaseUrl {
    fn read(raw: &Raw) -> Result<Self, String> {
        let (Raw::Text(text) | Raw::Open(text)) = raw else {
            return Err("must be a text".to_owned());
        };
        base_url(text.trim()).map(Self).map_err(|what| format!("is no base URL: {what}"))
    }
}

/// Checks an address and takes the slashes off its end. The text itself is not in the error: a
/// password might be in it.
pub(super) fn base_url(text: &str) -> Result<String, &'static str> {
    let text = text.trim_end_matches('/');
    let (_, rest) = split_scheme(text).ok_or("it starts with neither `https://` nor `http://`")?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    if authority.contains('@') {
        return Err("a user's name or password has no place in it; set `api_key`");
    }
    let (host, port) = split_port(authority).ok_or("its port is no number from 1 to 65535")?;
    if !is_host(host) || port == Some(0) {
        return Err("its host is no name and no address, such as `api.example.com`");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte);
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    if !path.bytes().all(is_plain) || path.contains("//") || path.split('/').any(is_dots) {
        return Err("its path has more than plain segments: no `?`, `#`, `%`, `\\`, `//` or `..`");
    }
    Ok(text.to_owned())
}

/// Whether an address is the gateway's own, so that a call would come back to it for ever.
pub(super) fn is_own(url: &str, listen: SocketAddr) -> bool {
    let Some((scheme, rest)) = split_scheme(url) else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let Some((host, port)) = split_port(authority) else {
        return false;
    };
    let port = port.unwrap_or(if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 });
    let address = match host.eq_ignore_ascii_case("localhost") {
        true => Some(listen.ip()).filter(IpAddr::is_loopback).or(Some(Ipv6Addr::LOCALHOST.into())),
        false => host.trim_matches(['[', ']']).parse::<IpAddr>().ok(),
    };
    let is_ours = |address: IpAddr| match listen.ip() {
        ours if ours.is_unspecified() => address.is_loopback() || address.is_unspecified(),
        ours => address == ours || (address.is_unspecified() && ours.is_loopback()),
    };
    port == listen.port() && address.is_some_and(is_ours)
}

/// Whether a page's origin is written as browsers write it.
pub(super) fn is_origin(text: &str) -> bool {
    let authority = split_scheme(text).map(|(_, rest)| rest);
    let parts = authority.and_then(split_port);
    parts.is_some_and(|(host, port)| is_host(host) && port != Some(0))
}

/// Whether a text is the name or the address of a host, without a port.
pub(super) fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty()
        && text.len() <= 253
        && text.bytes().all(is_plain)
        && !text.split('.').any(str::is_empty)
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_http.then_some((scheme, rest))
}

/// The host and the port of an authority; `None` where what stands for a port is none.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = authority.rfind(']').map_or(0, |end| end + 1);
    match authority.get(host_end..)?.find(':').map(|at| host_end + at) {
        None => Some((authority, None)),
        Some(colon) => {
            let port = authority.get(colon + 1..)?;
            let is_plain = port.bytes().all(|byte| byte.is_ascii_digit());
            Some((authority.get(..colon)?, Some(port.parse().ok().filter(|_| is_plain)?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_plain() {
        for (text, expected) in [
            ("https://api.example.com", Some("https://api.example.com")),
            ("https://api.example.com/v1//", Some("https://api.example.com/v1")),
            ("http://127.0.0.1:8080/v1", Some("http://127.0.0.1:8080/v1")),
            ("http://[::1]:8080/v1", Some("http://[::1]:8080/v1")),
            ("HTTP://vllm:8000/a.b_c~d/v1", Some("HTTP://vllm:8000/a.b_c~d/v1")),
            ("api.example.com/v1", None),
            ("ftp://api.example.com", None),
            ("https://", None),
            ("https:///v1", None),
            ("https://me:secret@api.example.com", None),
            ("https://api.example.com:0", None),
            ("https://api.example.com:99999", None),
            ("https://api.example.com:+80", None),
            ("https://api.example.com:", None),
            ("https://[::1/v1", None),
            ("https://a..b", None),
            ("https://a b", None),
            ("https://a/b c", None),
            ("https://a//b", None),
            ("https://a/../b", None),
            ("https://a/%2e%2e/b", None),
            ("https://a/b?c=d", None),
            ("https://a/b#c", None),
            ("https://a\\b", None),
            ("https://bücher.example", None),
        ] {
            assert_eq!(base_url(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_gateway_knows_its_own_address() {
        for (url, listen, expected) in [
            ("http://127.0.0.1:4000/v1", "127.0.0.1:4000", true),
            ("http://localhost:4000/v1", "127.0.0.1:4000", true),
            ("http://LOCALHOST:4000", "[::1]:4000", true),
            ("http://localhost:4000", "0.0.0.0:4000", true),
            ("http://127.0.0.1:4000", "0.0.0.0:4000", true),
            ("http://0.0.0.0:4000", "127.0.0.1:4000", true),
            ("http://[::1]:4000/v1", "[::]:4000", true),
            ("http://localhost", "127.0.0.1:80", true),
            ("https://localhost/v1", "127.0.0.1:443", true),
            ("http://10.0.0.5:4000", "10.0.0.5:4000", true),
            ("http://127.0.0.1:4001/v1", "127.0.0.1:4000", false),
            ("http://10.0.0.6:4000", "10.0.0.5:4000", false),
            ("http://localhost:4000", "10.0.0.5:4000", false),
            ("http://127.0.0.2:4000", "127.0.0.1:4000", false),
            ("https://api.openai.com/v1", "127.0.0.1:443", false),
            ("nonsense", "127.0.0.1:4000", false),
        ] {
            assert_eq!(is_own(url, listen.parse().unwrap()), expected, "{url} {listen}");
        }
    }

    #[test]
    fn origins_are_those_of_browsers() {
        for (text, expected) in [
            ("https://app.example.com", true),
            ("http://localhost:3000", true),
            ("https://[::1]:3000", true),
            ("*", false),
            ("null", false),
            ("https://app.example.com/", false),
            ("https://app.example.com/x", false),
            ("app.example.com", false),
        ] {
            assert_eq!(is_origin(text), expected, "{text}");
        }
    }
}
