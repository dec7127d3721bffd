//! Whom the API is open to.

use centime_core::key::Role;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::{Answer, Api, error};

/// How far somebody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// As far as anybody is who is on this machine, while there is no key yet.
    Open,
    /// To look, and to change nothing.
    Reading,
    /// To everything.
    All,
    /// To what is its own: the key makes calls.
    Own,
}

impl Access {
    /// Whether keys may be made and revoked. Whoever is on this machine has the command line for it.
    pub(super) const fn may_administer(self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether usage events may be sent in.
    pub(super) const fn may_record(self) -> bool {
        matches!(self, Self::Open | Self::All)
    }
}

/// Why somebody is not let in.
#[derive(Debug)]
pub(super) enum Denied {
    /// Nobody knows who it is.
    Unknown(String),
    /// It is known who it is, and that may not.
    Forbidden(String),
}

impl Denied {
    /// What is told.
    pub(super) fn answer(&self, parts: &Parts) -> Answer {
        match self {
            Self::Unknown(why) => {
                let said = format!(
                    "{why}. The API is open to `admin_key` of the configuration, and to keys of the \
                     role `admin` or `read-only`"
                );
                let mut answer = error(parts, StatusCode::UNAUTHORIZED, "invalid_key", &said);
                let scheme = HeaderValue::from_static("Bearer");
                answer.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                answer
            }
            Self::Forbidden(why) => error(parts, StatusCode::FORBIDDEN, "forbidden", why),
        }
    }
}

impl Api {
    /// The user that the key of a request is bound to.
    pub(super) fn user_of(&self, parts: &Parts) -> Option<String> {
        let held = self.store.keyring().holder(&parts.headers, None, self.store.now());
        held.ok().flatten().and_then(|holder| holder.key().user.clone())
    }

    /// How far whoever sends a request is let in: all the way with the admin key, or with a key of the
    /// role; to everybody while the gateway is open.
    pub(super) fn access(&self, parts: &Parts) -> Result<Access, Denied> {
        if self.key.as_ref().is_some_and(|key| key.is_brought_by(&parts.headers)) {
            return Ok(Access::All);
        }
        // No key in a query: addresses are kept in logs and histories.
        let held = self.store.keyring().holder(&parts.headers, None, self.store.now());
        let Some(holder) = held.map_err(|refusal| Denied::Unknown(refusal.to_string()))? else {
            return Ok(Access::Open);
        };
        match holder.key().role {
            Role::Admin => Ok(Access::All),
            Role::ReadOnly => Ok(Access::Reading),
            // Whoever calls may ask what it may spend.
            Role::Call if parts.uri.path() == "/api/v1/me" => Ok(Access::Own),
            Role::Call => {
                Err(Denied::Forbidden(format!("the key `{holder}` calls models and opens no API")))
            }
        }
    }
}
