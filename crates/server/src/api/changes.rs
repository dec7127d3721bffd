//! What changes the ledger from afar: a body of JSON in, done on a thread that may wait, an answer out.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use centime_ledger::LedgerError;
use http::StatusCode;
use http::request::Parts;
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Answer, Api, Store, health};

/// The longest body, in bytes: what has everything in it is a fraction of that.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Why nothing was changed.
#[derive(Debug)]
pub(super) enum Refused {
    /// The body asks for what cannot be.
    Wrong(String),
    /// What is to be changed is not there.
    Nothing(&'static str),
    /// Another has the name.
    Taken(String),
    /// The configuration says what it is.
    Configured(String),
    /// The ledger failed.
    Ledger(LedgerError),
    /// The program did.
    Defect,
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl Refused {
    fn answer(self, api: &Api, parts: &Parts) -> Answer {
        let (status, code, message) = match self {
            Self::Wrong(message) => (StatusCode::BAD_REQUEST, "invalid_body", message),
            Self::Nothing(message) => (StatusCode::NOT_FOUND, "not_found", message.to_owned()),
            Self::Taken(message) => (StatusCode::CONFLICT, "name_taken", message),
            Self::Configured(message) => (StatusCode::CONFLICT, "configured", message),
            Self::Ledger(error) => {
                api.log.event("change_failed", &[("why", &error.to_string())]);
                let reason = health::reason(&error).to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "ledger_unavailable", reason)
            }
            Self::Defect => {
                let message = "the program has a defect; `centime doctor` looks for it".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "defect", message)
            }
        };
        super::error(parts, status, code, &message)
    }
}

/// Runs what waits for the ledger on a thread that may wait, and answers.
pub(super) async fn answered(
    api: &Api,
    parts: &Parts,
    work: impl FnOnce(&dyn Store) -> Result<Value, Refused> + Send + 'static,
) -> Answer {
    let store = Arc::clone(&api.store);
    let done = tokio::task::spawn_blocking(move || work(&*store)).await;
    match done.unwrap_or(Err(Refused::Defect)) {
        Ok(document) => super::json(StatusCode::OK, &document),
        Err(refused) => refused.answer(api, parts),
    }
}

/// The same with what a body asks for.
pub(super) async fn asked<B, W>(
    api: &Api,
    parts: &Parts,
    body: B,
    work: fn(&dyn Store, &W) -> Result<Value, Refused>,
) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
    W: DeserializeOwned + 'static,
{
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        let wrong = format!("the body is cut off, or longer than {BODY_BYTES_MAX} bytes");
        return Refused::Wrong(wrong).answer(api, parts);
    };
    let body = body.to_bytes();
    answered(api, parts, move |store| {
        let wanted: W =
            serde_json::from_slice(&body).map_err(|error| Refused::Wrong(error.to_string()))?;
        work(store, &wanted)
    })
    .await
}

/// What is shown, as a document.
pub(super) fn document(shown: &impl serde::Serialize) -> Result<Value, Refused> {
    serde_json::to_value(shown).map_err(|_| Refused::Defect)
}
