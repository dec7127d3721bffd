//! Hosts, as requests and settings name them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host, and its port where one is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HostPort<'a> {
    /// The name or the address, one of IPv6 in its brackets.
    pub(super) host: &'a str,
    /// The port.
    pub(super) port: Option<u16>,
}

impl<'a> HostPort<'a> {
    /// Reads `name`, `name:80`, `127.0.0.1:80` or `[::1]:80`; nothing else is a host.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let after_host = match text.strip_prefix('[') {
            Some(inside) => inside.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (host, rest) = text.split_at(after_host);
        let port = match rest.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            Some(_) => return None,
            None if rest.is_empty() => None,
            None => return None,
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let found = Self { host, port };
        let is_host = match host.starts_with('[') {
            true => found.address().is_some(),
            false => !host.is_empty() && host.bytes().all(is_name),
        };
        is_host.then_some(found)
    }

    /// The address, where it is one: in the one form that everybody reads the same way.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let inside = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let address = match inside {
            Some(host) => host.parse::<Ipv6Addr>().map(IpAddr::V6),
            None => self.host.parse::<Ipv4Addr>().map(IpAddr::V4),
        };
        address.ok().map(|address| address.to_canonical())
    }

    /// Whether it is called `localhost`, which every resolver answers itself.
    pub(super) fn is_localhost(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
    }

    /// Whether this, as a setting, means that: with any port where it names none.
    pub(super) fn allows(&self, other: &HostPort<'_>) -> bool {
        let is_same = match (self.address(), other.address()) {
            (Some(one), Some(other)) => one == other,
            _ => self.host.eq_ignore_ascii_case(other.host),
        };
        is_same && (self.port.is_none() || self.port == other.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_in_one_way_only() {
        let host = |host, port| Some(HostPort { host, port });
        for (text, expected) in [
            ("localhost", host("localhost", None)),
            ("localhost:4000", host("localhost", Some(4000))),
            ("a-b_c.example:1", host("a-b_c.example", Some(1))),
            ("[::1]", host("[::1]", None)),
            ("[::1]:4000", host("[::1]", Some(4000))),
            ("", None),
            (":80", None),
            ("localhost:", None),
            ("localhost:x", None),
            ("localhost:+1", None),
            ("localhost:65536", None),
            ("localhost:1:2", None),
            ("user@localhost", None),
            ("localhost/evil.example", None),
            ("local host", None),
            ("::1", None),
            ("[::1", None),
            ("[::1]x", None),
            ("[localhost]", None),
            ("[é]", None),
        ] {
            assert_eq!(HostPort::read(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_has_one_form() {
        for (text, is_loopback) in [
            ("127.0.0.1", true),
            ("127.8.8.8:80", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("127.1", false),
            ("2130706433", false),
            ("0x7f.0.0.1", false),
            ("127.0.0.01", false),
            ("127.0.0.1.example", false),
            ("10.0.0.1", false),
        ] {
            let address = HostPort::read(text).unwrap().address();
            assert_eq!(address.is_some_and(|it| it.is_loopback()), is_loopback, "{text}");
        }
    }

    #[test]
    fn an_allowed_host_means_any_port_unless_it_names_one() {
        for (allowed, host, expected) in [
            ("a.example", "A.Example", true),
            ("a.example", "a.example:8443", true),
            ("a.example:8443", "a.example:8443", true),
            ("a.example:8443", "a.example", false),
            ("a.example", "b.a.example", false),
            ("a.example", "a.example.evil", false),
            ("[0:0::1:2]", "[::1:2]:5", true),
        ] {
            let read = |text| HostPort::read(text).unwrap();
            assert_eq!(read(allowed).allows(&read(host)), expected, "{allowed} {host}");
        }
    }
}
