//! What keeps strangers out: the checks of a request before anybody works for it.
//!
//! A gateway on a laptop holds keys that spend money, and every page the browser shows can send it
//! requests. So a request says that it is for this machine (`Host`), that it does not come from a page of
//! somebody else (`Origin`), and, where it carries a body, is of a kind that a page cannot send
//! unasked; and its path means the same to everybody who reads it.

mod content;
mod cors;
mod host;
mod origin;
mod path;
mod refusal;

use std::net::IpAddr;

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Method, Version};

use crate::service::Peer;
use host::HostPort;
use origin::Origins;

pub(crate) use cors::{allow, preflight};
pub use path::PathFault;
pub(crate) use path::decode;
pub use refusal::Refusal;

/// A setting of the guard that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// A host that is none.
    #[error("`allowed_hosts`: `{0}` is no host; write `gateway.example` or `gateway.example:8443`")]
    Host(String),
    /// An origin that is none.
    #[error("`cors_origins`: `{0}` is no origin; write `https://app.example`, without a path")]
    Origin(String),
}

/// The checks, as they are set up.
///
/// ```
/// use centime_server::{Guard, Peer, Refusal};
///
/// let guard = Guard::new("127.0.0.1:4000".parse()?, &[], &[])?;
/// let peer = Peer::of_test();
/// let (parts, ()) = http::Request::get("/v1/models").header("host", "evil.example").body(())?.into_parts();
/// assert_eq!(guard.check(&parts, &peer, false), Err(Refusal::Host));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Guard {
    /// The address of the listener, where it is not a loopback one.
    listens_at: Option<IpAddr>,
    hosts: Vec<String>,
    origins: Origins,
}

impl Guard {
    /// Lets in what is sent to a loopback address, to where it listens, or to an allowed host; and pages
    /// of the same origin, or of an allowed one.
    ///
    /// # Errors
    /// When a host or an origin is none.
    pub fn new(
        listen: std::net::SocketAddr,
        allowed_hosts: &[String],
        cors_origins: &[String],
    ) -> Result<Self, GuardError> {
        if let Some(host) = allowed_hosts.iter().find(|host| HostPort::read(host).is_none()) {
            return Err(GuardError::Host(host.clone()));
        }
        let address = listen.ip().to_canonical();
        Ok(Self {
            listens_at: Some(address).filter(|address| !address.is_loopback()),
            hosts: allowed_hosts.to_vec(),
            origins: Origins::new(cors_origins)?,
        })
    }

    /// Whether a request may come in.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, parts: &Parts, peer: &Peer, has_body: bool) -> Result<(), Refusal> {
        if parts.method == Method::CONNECT {
            return Err(Refusal::Connect);
        }
        let host = host_of(parts)?;
        if !self.is_ours(&host, peer) {
            return Err(Refusal::Host);
        }
        self.origins.check(&parts.headers, &host)?;
        path::check(parts.uri.path()).map_err(Refusal::Path)?;
        check_framing(parts)?;
        // A client may offer HTTP/2 in passing; it goes on in HTTP/1.1 where nobody takes it up.
        let asks_for = |upgrade: &HeaderValue| !upgrade.as_bytes().eq_ignore_ascii_case(b"h2c");
        if parts.headers.get_all(UPGRADE).iter().any(asks_for) {
            return Err(Refusal::Upgrade);
        }
        if has_body && is_write(&parts.method) {
            content::check(&parts.headers, parts.uri.path())?;
        }
        Ok(())
    }

    fn is_ours(&self, host: &HostPort<'_>, peer: &Peer) -> bool {
        if host.is_localhost() {
            return true;
        }
        if let Some(address) = host.address() {
            // One that listens at every address of the machine is meant by each of them.
            let is_local = || address == peer.local.ip().to_canonical();
            let is_where_it_listens = |listens_at: IpAddr| {
                listens_at == address || listens_at.is_unspecified() && is_local()
            };
            if address.is_loopback() || self.listens_at.is_some_and(is_where_it_listens) {
                return true;
            }
        }
        self.hosts.iter().filter_map(|allowed| HostPort::read(allowed)).any(|it| it.allows(host))
    }
}

/// The host that a request is for.
fn host_of(parts: &Parts) -> Result<HostPort<'_>, Refusal> {
    let mut named = parts.headers.get_all(HOST).iter();
    let (header, is_more) = (named.next(), named.next().is_some());
    let header = header.map(|host| host.to_str()).transpose().map_err(|_| Refusal::NoHost)?;
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    let text = match (authority, header) {
        _ if is_more => return Err(Refusal::NoHost),
        // In HTTP/1 a target with an authority is meant for a proxy of the old kind, which this is not.
        (Some(_), _) if parts.version < Version::HTTP_2 => return Err(Refusal::AbsoluteTarget),
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => {
            return Err(Refusal::NoHost);
        }
        (Some(host), _) | (None, Some(host)) => host,
        (None, None) => return Err(Refusal::NoHost),
    };
    HostPort::read(text).ok_or(Refusal::NoHost)
}

/// What the bytes of an HTTP/1 connection are watched for holds for HTTP/2 as well.
fn check_framing(parts: &Parts) -> Result<(), Refusal> {
    let lengths = parts.headers.get_all(CONTENT_LENGTH).iter().count();
    if lengths > 1 {
        return Err(Refusal::Framing(crate::framing::Fault::LengthTwice));
    }
    if lengths == 1 && parts.headers.contains_key(TRANSFER_ENCODING) {
        return Err(Refusal::Framing(crate::framing::Fault::LengthAndCoding));
    }
    Ok(())
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

#[cfg(test)]
mod tests;
