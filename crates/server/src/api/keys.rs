//! `/api/v1/keys`: the keys of the gateway, for who administers it from afar.

use std::collections::BTreeMap;
use std::error::Error;

use bytes::Bytes;
use centime_answers::keys::Shown;
use centime_core::key::{self, Key, KeyError, Role, UnknownRole};
use centime_core::time::{TimeError, Timestamp};
use centime_ledger::KeyAdded;
use http::request::Parts;
use http_body::Body;
use serde::Deserialize;
use serde_json::Value;

use super::changes::{Refused, answered, asked, document};
use super::{Answer, Api, Store};

/// What is told where there is no such key.
const NO_KEY: Refused =
    Refused::Nothing("there is no key of this id; `GET /api/v1/keys` lists them");
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
    asked(api, parts, body, make_wanted).await
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
            KeyAdded::SameName => {
                return Err(Refused::Taken(format!(
                    "there is a key `{}` already; revoke it, or name this one otherwise",
                    key.label()
                )));
            }
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
        let key = found.ok_or(NO_KEY)?;
        let revoked = Key { revoked_at: key.revoked_at.or(Some(now)), ..key };
        match store.change_key(&revoked)? {
            true => document(&Shown::listed(&revoked, now)),
            false => Err(NO_KEY),
        }
    };
    answered(api, parts, revoke).await
}
