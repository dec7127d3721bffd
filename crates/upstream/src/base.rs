//! Where a provider is.

use std::net::SocketAddr;

use http::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};

/// The base URL of a provider: what it is reached by, and what paths are appended to.
///
/// ```
/// use centime_upstream::Base;
///
/// let base: Base = "https://api.openai.com/v1/".parse()?;
/// assert_eq!(base.authority(), "api.openai.com");
/// assert_eq!(base.path("/chat/completions").unwrap().as_str(), "/v1/chat/completions");
/// # Ok::<(), centime_upstream::BaseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Base {
    is_tls: bool,
    authority: Authority,
    host: HeaderValue,
    /// Without a slash at its end.
    prefix: String,
    /// Whose calls it takes, and so none of them.
    own: Option<SocketAddr>,
}

/// Why a text is no base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no base URL: {what}; write it as `https://host/path`")]
pub struct BaseError {
    url: String,
    what: &'static str,
}

impl std::str::FromStr for Base {
    type Err = BaseError;

    fn from_str(url: &str) -> Result<Self, BaseError> {
        let error = |what| BaseError { url: url.to_owned(), what };
        let uri: Uri = url.parse().map_err(|_| error("it cannot be read"))?;
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(error("it begins with neither `https://` nor `http://`")),
        };
        let authority = uri.authority().cloned().ok_or_else(|| error("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(error("a name or password in it would be sent in clear"));
        }
        if uri.query().is_some() {
            return Err(error("paths are appended to it, so it has no `?`"));
        }
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| error("its host"))?;
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { is_tls, authority, host, prefix, own: None })
    }
}

impl Base {
    /// Host and port as they were written.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The value of the `host` header.
    #[must_use]
    pub fn host_header(&self) -> HeaderValue {
        self.host.clone()
    }

    /// A path and its query, appended to the base and never joined with it as a URL; `None` where
    /// it does not begin with a slash or is no path.
    #[must_use]
    pub fn path(&self, path_and_query: &str) -> Option<PathAndQuery> {
        if !path_and_query.starts_with('/') {
            return None;
        }
        if self.prefix.is_empty() {
            return path_and_query.parse().ok();
        }
        let mut path = String::with_capacity(self.prefix.len() + path_and_query.len());
        path.push_str(&self.prefix);
        path.push_str(path_and_query);
        PathAndQuery::from_maybe_shared(path).ok()
    }

    /// The same, to which no connection is made where it leads back to who listens at this address: a
    /// call would come back for ever, whatever name it goes by.
    #[must_use]
    pub fn but_not_at(self, own: SocketAddr) -> Self {
        Self { own: Some(own), ..self }
    }

    /// Whether a connection from one address to another leads back.
    pub(crate) fn leads_back(&self, from: SocketAddr, to: SocketAddr) -> bool {
        let Some(own) = self.own else { return false };
        let (own_ip, ip) = (own.ip().to_canonical(), to.ip().to_canonical());
        // Who listens at every address of a machine is met by whoever stays on it.
        let is_met =
            own_ip.is_unspecified() && (ip.is_loopback() || ip == from.ip().to_canonical());
        to.port() == own.port() && (ip == own_ip || is_met)
    }

    pub(crate) const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The host, an IPv6 address without its brackets.
    pub(crate) fn host(&self) -> &str {
        let host = self.authority.host();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    pub(crate) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.is_tls { 443 } else { 80 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_scheme_a_host_and_a_prefix() {
        for (url, host, port, path) in [
            ("https://api.openai.com/v1", "api.openai.com", 443, "/v1/x?y=1"),
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, "/x?y=1"),
            ("http://[::1]:9/a/b/", "::1", 9, "/a/b/x?y=1"),
        ] {
            let base: Base = url.parse().unwrap();
            assert_eq!((base.host(), base.port()), (host, port), "{url}");
            assert_eq!(base.path("/x?y=1").unwrap().as_str(), path, "{url}");
            assert_eq!(base.path("x"), None);
        }
    }

    #[test]
    fn a_connection_leads_back_where_its_gateway_listens() {
        for (own, from, to, expected) in [
            ("127.0.0.1:4000", "127.0.0.1:50000", "127.0.0.1:4000", true),
            ("127.0.0.1:4000", "127.0.0.1:50000", "127.0.0.1:4001", false),
            ("127.0.0.1:4000", "127.0.0.1:50000", "127.0.0.2:4000", false),
            ("127.0.0.1:4000", "[::ffff:127.0.0.1]:50000", "[::ffff:127.0.0.1]:4000", true),
            ("10.0.0.5:4000", "10.0.0.5:50000", "10.0.0.5:4000", true),
            ("10.0.0.5:4000", "10.0.0.5:50000", "10.0.0.6:4000", false),
            ("0.0.0.0:4000", "127.0.0.1:50000", "127.0.0.1:4000", true),
            ("0.0.0.0:4000", "10.0.0.5:50000", "10.0.0.5:4000", true),
            ("0.0.0.0:4000", "10.0.0.5:50000", "10.0.0.6:4000", false),
            ("[::]:4000", "[fd00::5]:50000", "[fd00::5]:4000", true),
            ("[::]:4000", "10.0.0.5:50000", "10.0.0.5:4000", true),
            ("[::]:4000", "[fd00::5]:50000", "[fd00::6]:4000", false),
        ] {
            let at = |text: &str| text.parse::<SocketAddr>().unwrap();
            let base: Base = "http://gateway.example:4000".parse().unwrap();
            assert!(!base.leads_back(at(from), at(to)));
            let base = base.but_not_at(at(own));
            assert_eq!(base.leads_back(at(from), at(to)), expected, "{own} {from} {to}");
        }
    }

    #[test]
    fn what_is_no_base_says_why() {
        for (url, word) in [
            ("api.openai.com", "neither"),
            ("ftp://x", "neither"),
            ("https://me:secret@host/v1", "password"),
            ("https://host/v1?key=1", "appended"),
            ("https://", "cannot be read"),
        ] {
            let error = url.parse::<Base>().unwrap_err().to_string();
            assert!(error.contains(word), "{url}: {error}");
        }
    }
}
