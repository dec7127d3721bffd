//! What answers requests: a provider's path is a call, everything else is ours.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use centime_core::entry::{Entry, Status};
use centime_engine::call::{House, Keyring, Observer, Reply, Worker};
use centime_providers::wire::error::{self, Code};
use centime_providers::wire::{Endpoint, Wire};
use centime_server::{Api, Ended, Log, Metrics, Peer, Received, Service, WorkerMetrics};
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt as _;

use super::watching::Signs;
use crate::app::now;

/// One thread's answers.
pub(super) struct Gateway {
    worker: Rc<Worker>,
    api: Api,
}

impl Gateway {
    /// The gateway of one thread.
    pub(super) fn new(house: &Arc<House>, api: &Api) -> Result<Self, String> {
        Ok(Self { worker: Worker::new(Arc::clone(house))?, api: api.clone() })
    }
}

impl Service for Gateway {
    type Body = Reply;

    async fn call(self: &Rc<Self>, request: Request<Received>, _: Peer) -> Response<Reply> {
        // The path outlives the request that it is read from.
        let path = request.uri().path().to_owned();
        if let Some(door) = Endpoint::of(request.method().as_str(), &path) {
            return Rc::clone(&self.worker).call(request, door).await;
        }
        if Api::is_for(&path) {
            let (head, body) = self.api.answer(request).await.into_parts();
            let body = body.collect().await.unwrap_or_else(|never| match never {}).to_bytes();
            return Response::from_parts(head, Reply::of_text(body));
        }
        let message = format!("there is nothing at `{} {path}`", request.method());
        let text = error::body(Wire::OpenAi, Code::NotFound, &message, &[]);
        let mut response = Response::new(Reply::of_text(text));
        *response.status_mut() = StatusCode::NOT_FOUND;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

/// Counts calls for those who watch the gateway, and their tokens for the rates of keys; and tells of
/// those that failed.
pub(super) struct Counting {
    metrics: Mutex<WorkerMetrics>,
    keyring: Arc<Keyring>,
    log: Arc<Log>,
    signs: Arc<Signs>,
}

impl Counting {
    pub(super) fn new(
        metrics: &Metrics,
        keyring: Arc<Keyring>,
        log: Arc<Log>,
        signs: Arc<Signs>,
    ) -> Self {
        Self { metrics: Mutex::new(metrics.worker()), keyring, log, signs }
    }
}

impl Observer for Counting {
    fn settled(&self, entry: &Entry, prepared_in: Duration) {
        let tokens = |tokens: i64| u64::try_from(tokens).unwrap_or_default();
        if let Some(label) = &entry.attribution.key {
            let used = tokens(entry.input_tokens()).saturating_add(tokens(entry.output_tokens()));
            self.keyring.used(label, used, now());
        }
        let counted = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        counted.took(prepared_in);
        counted.ended(&Ended {
            status: entry.status,
            input_tokens: tokens(entry.input_tokens()),
            output_tokens: tokens(entry.output_tokens()),
            charge: entry.charge,
        });
        drop(counted);
        self.signs.see(entry);
        if entry.status == Status::Error {
            let provider = entry.provider.as_deref().unwrap_or_default();
            let fields = [("entry", &*entry.uid.to_string()), ("provider", provider)];
            self.log.event("call_failed", &fields);
        }
    }

    fn unanswered(&self, provider: &str, why: &str) {
        self.log.event("provider_failed", &[("provider", provider), ("why", why)]);
    }

    fn refused(&self) {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).refused();
    }
}
