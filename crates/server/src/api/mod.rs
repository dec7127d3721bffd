//! The gateway's own API, beside the calls it forwards: how it is, its figures, and usage events in.

mod events;
mod health;
mod store;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;

use crate::admin::AdminKey;
use crate::answer::error_body;
use crate::log::Log;
use crate::metrics::Metrics;

pub use store::Store;

/// An answer of the API.
pub type Answer = Response<Full<Bytes>>;

/// What the API needs.
#[derive(Clone)]
pub struct Api {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    log: Arc<Log>,
    /// What opens it, where others than this machine reach it.
    key: Option<AdminKey>,
    body_bytes_max: usize,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    Health,
    Readiness,
    Metrics,
    Events,
}

impl Resource {
    /// Every resource and its path.
    const ALL: [(&str, Self); 4] = [
        ("/healthz", Self::Health),
        ("/readyz", Self::Readiness),
        ("/metrics", Self::Metrics),
        ("/api/v1/events", Self::Events),
    ];

    fn of(path: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == path).map(|(_, resource)| *resource)
    }

    /// Whether whoever keeps the process alive asks, who has no key.
    fn is_open(self) -> bool {
        matches!(self, Self::Health | Self::Readiness)
    }

    fn methods(self) -> &'static str {
        match self {
            Self::Health | Self::Readiness | Self::Metrics => "GET, HEAD",
            Self::Events => "POST",
        }
    }

    fn allows(self, method: &Method) -> bool {
        self.methods().split(", ").any(|allowed| allowed == method.as_str())
    }
}

impl Api {
    /// An API over a store. Where the listener is open to other machines, it wants the admin key.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        log: Arc<Log>,
        listen: SocketAddr,
        admin_key: Option<AdminKey>,
        body_bytes_max: usize,
    ) -> Self {
        let is_local = listen.ip().to_canonical().is_loopback();
        Self { store, metrics, log, key: admin_key.filter(|_| !is_local), body_bytes_max }
    }

    /// Whether a path is the API's, and no call to forward.
    ///
    /// ```
    /// use centime_server::Api;
    ///
    /// assert!(Api::is_for("/metrics") && Api::is_for("/api/v1/events"));
    /// assert!(!Api::is_for("/v1/chat/completions"));
    /// ```
    #[must_use]
    pub fn is_for(path: &str) -> bool {
        path.starts_with("/api/") || Resource::of(path).is_some()
    }

    /// Answers a request.
    pub async fn answer<B>(&self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let (parts, body) = request.into_parts();
        let resource = Resource::of(parts.uri.path());
        let is_open = resource.is_some_and(Resource::is_open);
        if !is_open && self.key.as_ref().is_some_and(|key| !key.is_brought_by(&parts.headers)) {
            return unauthorised(&parts);
        }
        let Some(resource) = resource else {
            return error(
                &parts,
                StatusCode::NOT_FOUND,
                "not_found",
                "there is nothing at this path",
            );
        };
        if !resource.allows(&parts.method) {
            let said = format!("this path answers {}", resource.methods());
            let mut answer = error(&parts, StatusCode::METHOD_NOT_ALLOWED, "wrong_method", &said);
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static(resource.methods()));
            return answer;
        }
        match resource {
            Resource::Health => health::alive(),
            Resource::Readiness => health::ready(Arc::clone(&self.store)).await,
            Resource::Metrics => {
                with_type(StatusCode::OK, "text/plain; version=0.0.4", self.metrics.text())
            }
            Resource::Events => events::post(self, &parts, body).await,
        }
    }
}

fn unauthorised(parts: &Parts) -> Answer {
    let said = "this address is open to other machines: send `Authorization: Bearer ADMIN_KEY`";
    let mut answer = error(parts, StatusCode::UNAUTHORIZED, "invalid_key", said);
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

fn error(parts: &Parts, status: StatusCode, code: &str, message: &str) -> Answer {
    with_type(status, "application/json", error_body(parts.uri.path(), status, code, message))
}

fn json(status: StatusCode, document: &impl serde::Serialize) -> Answer {
    // What the API says has nothing in it that cannot be written.
    let body = serde_json::to_vec(document).unwrap_or_default();
    with_type(status, "application/json", body)
}

fn with_type(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // What is true now is not in a moment.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests;
