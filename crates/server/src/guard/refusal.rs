//! Why a request is not let in, and what its sender is told.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

use super::PathFault;
use crate::framing::Fault;

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody can say for certain where it ends.
    #[error("{0}")]
    Framing(Fault),
    /// It names no host, or several.
    #[error("a request names one host, in `Host`")]
    NoHost,
    /// Its target is a whole URL.
    #[error("the target is a whole URL; send its path, and its host in `Host`")]
    AbsoluteTarget,
    /// Its path could be read in several ways.
    #[error("{0}")]
    Path(PathFault),
    /// It is for another host.
    #[error(
        "this host is not served here; use `localhost`, or put the host into `allowed_hosts` of the \
         configuration"
    )]
    Host,
    /// A page of another origin sends it.
    #[error(
        "a page of another origin may not send requests; put the origin into `cors_origins` of the \
         configuration to allow it"
    )]
    Origin,
    /// A page of another site sends it.
    #[error("a page of another site may not send requests")]
    CrossSite,
    /// Its body is not said to be JSON.
    #[error("the body is JSON or multipart; say so by `Content-Type: application/json`")]
    ContentType,
    /// It asks for another protocol.
    #[error("no other protocol is spoken on this connection; ask without `Upgrade`")]
    Upgrade,
    /// It asks for a tunnel.
    #[error("this is no proxy for tunnels; send requests to it, without `CONNECT`")]
    Connect,
}

impl Refusal {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Framing(_) | Self::NoHost | Self::AbsoluteTarget | Self::Path(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Upgrade | Self::Connect => StatusCode::NOT_IMPLEMENTED,
        }
    }

    /// A word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Framing(_) => "ambiguous_framing",
            Self::NoHost => "missing_host",
            Self::AbsoluteTarget | Self::Path(_) => "invalid_target",
            Self::Host => "unknown_host",
            Self::Origin | Self::CrossSite => "foreign_origin",
            Self::ContentType => "unsupported_content_type",
            Self::Upgrade | Self::Connect => "unsupported_protocol",
        }
    }

    /// Whether nothing more can be read from the connection.
    pub(crate) fn ends_connection(&self) -> bool {
        matches!(self, Self::Framing(_) | Self::Connect)
    }

    /// The answer, in the words of the wire format that the path belongs to.
    pub(crate) fn answer(&self, path: &str) -> Response<Full<Bytes>> {
        let body =
            crate::answer::error_body(path, self.status(), self.code(), &self.to_string(), None);
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.ends_connection() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
