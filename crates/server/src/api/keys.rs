//! `/api/v1/keys`: the keys of the gateway, for who administers it from afar.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use centime_answers::keys::Shown;
use centime_answers::schema;
use centime_core::key::{self, Key, KeyError, Role, UnknownRole};
use centime_core::time::{TimeError, Timestamp};
use centime_ledger::{KeyAdded, LedgerError};
use http::StatusCode;
use http::request::Parts;
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Api, Store, health};

/// The longest body, in bytes: a key that has everything is a fraction of it.
const BODY_BYTES_MAX: usize = 64 << 10;
/// How often an id that is taken is drawn anew: one in four billion is.
const DRAWS_MAX: usize = 8;

/// A key as it is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    name: Option<String>,
    user: Option<String>,
    team: Option<String>,
    project: Option<String>,
    tags: BTreeMap<String, String>,
    models: Vec<String>,
    role: Option<String>,
    requests_per_minute: Option<u64>,
    tokens_per_minute: Option<u64>,
    expires_at: Option<String>,
}

/// Why there is no answer.
#[derive(Debug)]
enum Refused {
    Wrong(String),
    Nothing,
    Taken(String),
    Ledger(LedgerError),
    Defect,
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<KeyError> for Refused {
    fn from(error: KeyError) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl From<UnknownRole> for Refused {
    fn from(error: UnknownRole) -> Self {
        Self::Wrong(format!("`role`: {error}"))
    }
}

impl From<TimeError> for Refused {
    fn from(error: TimeError) -> Self {
        Self::Wrong(format!("`expires_at`: {error}"))
    }
}

impl Refused {
    fn answer(self, api: &Api, parts: &Parts) -> Answer {
        let (status, code, message) = match self {
            Self::Wrong(message) => (StatusCode::BAD_REQUEST, "invalid_body", message),
            Self::Nothing => {
                let message = "there is no key of this id; `GET /api/v1/keys` lists them";
                (StatusCode::NOT_FOUND, "not_found", message.to_owned())
            }
            Self::Taken(name) => {
                let message = format!(
                    "there is a key `{name}` already; revoke it, or name this one otherwise"
                );
                (StatusCode::CONFLICT, "name_taken", message)
            }
            Self::Ledger(error) => {
                api.log.event("keys_failed", &[("why", &error.to_string())]);
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
async fn answered(
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

fn document(shown: &impl serde::Serialize) -> Result<Value, Refused> {
    serde_json::to_value(shown).map_err(|_| Refused::Defect)
}

/// Lists all keys.
pub(super) async fn list(api: &Api, parts: &Parts) -> Answer {
    let list = |store: &dyn Store| {
        let (keys, now) = (store.reader()?.keys()?, store.now());
        document(&keys.iter().map(|key| Shown::listed(key, now)).collect::<Vec<_>>())
    };
    answered(api, parts, list).await
}

/// Makes a key.
pub(super) async fn make<B>(api: &Api, parts: &Parts, body: B) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        let wrong = format!("the body is cut off, or longer than {BODY_BYTES_MAX} bytes");
        return Refused::Wrong(wrong).answer(api, parts);
    };
    let body = body.to_bytes();
    answered(api, parts, move |store| {
        let wanted: Wanted =
            serde_json::from_slice(&body).map_err(|error| Refused::Wrong(error.to_string()))?;
        make_wanted(store, &wanted)
    })
    .await
}

fn make_wanted(store: &dyn Store, wanted: &Wanted) -> Result<Value, Refused> {
    let now = store.now();
    let role = wanted.role.as_deref().map_or(Ok(Role::Call), str::parse)?;
    let zone = store.zone();
    let expires_at = wanted.expires_at.as_deref();
    let expires_at = expires_at.map(|text| Timestamp::parse_in(text, &zone)).transpose()?;
    for _ in 0..DRAWS_MAX {
        let secret = key::secret(&store.random_bits().map_err(|_| Refused::Defect)?);
        let key = Key {
            name: wanted.name.clone(),
            role,
            user: wanted.user.clone(),
            team: wanted.team.clone(),
            project: wanted.project.clone(),
            tags: wanted.tags.clone(),
            models: wanted.models.clone(),
            requests_per_minute: wanted.requests_per_minute,
            tokens_per_minute: wanted.tokens_per_minute,
            expires_at,
            ..Key::new(&secret, now)
        };
        key.check()?;
        match store.add_key(&key)? {
            KeyAdded::New => return document(&Shown::with_secret(&key, &secret)),
            KeyAdded::SameName => return Err(Refused::Taken(key.label().to_owned())),
            KeyAdded::SameId => {}
        }
    }
    Err(Refused::Defect)
}

/// Puts an end to a key.
pub(super) async fn revoke(api: &Api, parts: &Parts, id: &str) -> Answer {
    let id = id.to_owned();
    let revoke = move |store: &dyn Store| {
        let now = store.now();
        let found = store.reader()?.keys()?.into_iter().find(|key| key.id == id);
        let key = found.ok_or(Refused::Nothing)?;
        let revoked = Key { revoked_at: key.revoked_at.or(Some(now)), ..key };
        match store.change_key(&revoked)? {
            true => document(&Shown::listed(&revoked, now)),
            false => Err(Refused::Nothing),
        }
    };
    answered(api, parts, revoke).await
}

/// What may be sent.
pub(super) fn request_body() -> Value {
    let wanted = schema::named("WantedKey");
    json!({"required": true, "content": {"application/json": {"schema": wanted}}})
}
