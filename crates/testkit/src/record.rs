//! The requests that were received, kept for a test to look at.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hyper::http::request;

use crate::config::Recording;

/// A request as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// `POST`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers in their order; the names in lower case. A value that is no text is shown as one.
    pub headers: Vec<(String, String)>,
    /// The body, up to the recorded length.
    pub body: Bytes,
}

impl Received {
    /// The value of a header, of the first with this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// The last requests, as many as are asked for.
#[derive(Debug, Default)]
pub(crate) struct Record {
    kept: Mutex<VecDeque<Received>>,
}

impl Record {
    pub(crate) fn keep(&self, limits: Recording, head: &request::Parts, body: &Bytes) {
        if limits.calls_max == 0 {
            return;
        }
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let received = Received {
            method: head.method.to_string(),
            path,
            headers: headers.collect(),
            body: body.slice(..body.len().min(limits.body_bytes_max)),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= limits.calls_max {
            kept.pop_front();
        }
        kept.push_back(received);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
