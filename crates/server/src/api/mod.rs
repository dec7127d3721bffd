//! The gateway's own API, beside the calls it forwards: how it is, its figures, usage events in, and
//! what the ledger and the price book say.

mod access;
mod openapi;
mod routes;

mod changes;
mod events;
mod health;
mod keys;
mod questions;
mod rules;

mod query;
mod readers;
mod refusal;
mod store;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;

use crate::admin::AdminKey;
use crate::answer::error_body;
use crate::log::Log;
use crate::metrics::Metrics;

use access::{Access, Denied};
use query::Query;
use questions::{Question, Subject};
use readers::Readers;
use refusal::Refused;
use routes::{Resource, Route};

pub use store::Store;

const JSON: &str = "application/json";

/// An answer of the API.
pub type Answer = Response<Full<Bytes>>;

/// What the API needs.
#[derive(Clone)]
pub struct Api {
    store: Arc<dyn Store>,
    readers: Readers,
    metrics: Arc<Metrics>,
    log: Arc<Log>,
    /// What opens it all the way, beside keys of the ledger.
    key: Option<AdminKey>,
    body_bytes_max: usize,
}

impl Api {
    /// An API over a store, which is open to whom the store's keyring or the admin key lets in.
    ///
    /// # Errors
    /// When the threads that read the ledger cannot be started.
    pub fn new(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        log: Arc<Log>,
        admin_key: Option<AdminKey>,
        body_bytes_max: usize,
    ) -> std::io::Result<Self> {
        let readers = Readers::start(&store)?;
        Ok(Self { store, readers, metrics, log, key: admin_key, body_bytes_max })
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
        path.starts_with("/api/") || Route::of(path).next().is_some()
    }

    /// Answers a request.
    pub async fn answer<B>(&self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let (parts, body) = request.into_parts();
        let mut routes = Route::of(parts.uri.path()).peekable();
        let is_open = routes.peek().is_some_and(|(route, _)| route.is_open());
        let access = match is_open {
            true => Access::Open,
            false => match self.access(&parts) {
                Ok(access) => access,
                Err(denied) => return denied.answer(&parts),
            },
        };
        if routes.peek().is_none() {
            let said =
                "there is nothing at this path; `GET /api/v1/openapi.json` lists what there is";
            return error(&parts, StatusCode::NOT_FOUND, "not_found", said);
        }
        let Some((route, segment)) = routes.find(|(route, _)| route.allows(&parts.method)) else {
            return wrong_method(&parts);
        };
        let subject = match route.resource {
            Resource::Health => return health::alive(),
            Resource::Readiness => return health::ready(Arc::clone(&self.store)).await,
            Resource::Metrics => {
                let text = self.metrics.text();
                return with_type(StatusCode::OK, "text/plain; version=0.0.4", text);
            }
            Resource::Document => return with_type(StatusCode::OK, JSON, openapi::bytes()),
            Resource::Events if !access.may_record() => {
                let why = "a read-only key sends no usage events".to_owned();
                return Denied::Forbidden(why).answer(&parts);
            }
            Resource::Events => return events::post(self, &parts, body).await,
            Resource::NewKey | Resource::Key if !access.may_administer() => {
                let why = "keys are made and revoked with `admin_key` of the configuration, a key of \
                           the role `admin`, or by `centime key` beside the gateway";
                return Denied::Forbidden(why.to_owned()).answer(&parts);
            }
            Resource::SetBudget
            | Resource::Budget
            | Resource::SetPlan
            | Resource::Plan
            | Resource::SetUser
                if !access.may_administer() =>
            {
                let why = "budgets, plans and users are changed with `admin_key` of the configuration, a \
                           key of the role `admin`, or by `centime budget`, `plan` and `user` beside \
                           the gateway";
                return Denied::Forbidden(why.to_owned()).answer(&parts);
            }
            Resource::Keys => return keys::list(self, &parts).await,
            Resource::NewKey => return keys::make(self, &parts, body).await,
            Resource::Key => return keys::revoke(self, &parts, segment).await,
            Resource::SetBudget => return rules::set_budget(self, &parts, body).await,
            Resource::Plans => return rules::plans(self, &parts).await,
            Resource::SetPlan => return rules::set_plan(self, &parts, body).await,
            Resource::Users => return rules::users(self, &parts).await,
            Resource::SetUser => return rules::set_user(self, &parts, body).await,
            Resource::Budget | Resource::Plan => {
                return match query::text_of_path(segment) {
                    Err(wrong) => {
                        error(&parts, StatusCode::BAD_REQUEST, "invalid_path", &wrong.message)
                    }
                    Ok(name) if route.resource == Resource::Plan => {
                        rules::remove_plan(self, &parts, &name).await
                    }
                    Ok(name) => rules::remove_budget(self, &parts, &name).await,
                };
            }
            Resource::Report => Subject::Report,
            Resource::Entries => Subject::Entries,
            Resource::Entry => Subject::Entry,
            Resource::Prices => Subject::Prices,
            Resource::Budgets => Subject::Budgets,
            Resource::Alerts => Subject::Alerts,
            Resource::Me => Subject::Me,
        };
        let query = Query::read(parts.uri.query(), route.parameters);
        let question = query.and_then(|query| Question::new(subject, query, segment));
        let user = (access == Access::Own).then(|| self.user_of(&parts)).flatten();
        let question = question.map(|question| question.by(user));
        let answered = match question {
            Ok(question) => self.readers.ask(move |reader| question.answer(reader)).await,
            Err(wrong) => Err(Refused::Wrong(wrong)),
        };
        match answered {
            Ok(body) => with_type(StatusCode::OK, JSON, body),
            Err(refused) => refused.answer(self, &parts),
        }
    }
}

/// The answer to a method that a path does not know.
fn wrong_method(parts: &Parts) -> Answer {
    let methods: Vec<&str> =
        Route::of(parts.uri.path()).map(|(route, _)| route.methods()).collect();
    let methods = methods.join(", ");
    let said = format!("this path answers {methods}");
    let mut answer = error(parts, StatusCode::METHOD_NOT_ALLOWED, "wrong_method", &said);
    if let Ok(methods) = HeaderValue::try_from(methods) {
        answer.headers_mut().insert(ALLOW, methods);
    }
    answer
}

fn error(parts: &Parts, status: StatusCode, code: &str, message: &str) -> Answer {
    error_about(parts, status, code, message, None)
}

/// An error about a parameter.
fn error_about(
    parts: &Parts,
    status: StatusCode,
    code: &str,
    message: &str,
    parameter: Option<&str>,
) -> Answer {
    with_type(status, JSON, error_body(parts.uri.path(), status, code, message, parameter))
}

fn json(status: StatusCode, document: &impl serde::Serialize) -> Answer {
    // What the API says has nothing in it that cannot be written.
    let body = serde_json::to_vec(document).unwrap_or_default();
    with_type(status, JSON, body)
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
