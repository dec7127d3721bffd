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
}

impl Access {
    /// Whether usage events may be sent in.
    pub(super) const fn may_record(self) -> bool {
        matches!(self, Self::Open | Self::All)
    }
}

impl Api {
    /// How far whoever sends a request is let in: all the way with the admin key, or with a key of the
    /// role; to everybody while the gateway is open.
    pub(super) fn access(&self, parts: &Parts) -> Result<Access, Answer> {
        if self.key.as_ref().is_some_and(|key| key.is_brought_by(&parts.headers)) {
            return Ok(Access::All);
        }
        // No key in a query: addresses are kept in logs and histories.
        let held = self.store.keyring().holder(&parts.headers, None, self.store.now());
        let holder = match held {
            Ok(None) => return Ok(Access::Open),
            Ok(Some(holder)) => holder,
            Err(refusal) => {
                let said = format!(
                    "{refusal}. The API is open to `admin_key` of the configuration, and to keys of the \
                     role `admin` or `read-only`"
                );
                let mut answer = error(parts, StatusCode::UNAUTHORIZED, "invalid_key", &said);
                let scheme = HeaderValue::from_static("Bearer");
                answer.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                return Err(answer);
            }
        };
        match holder.key().role {
            Role::Admin => Ok(Access::All),
            Role::ReadOnly => Ok(Access::Reading),
            Role::Call => {
                Err(forbidden(parts, &format!("the key `{holder}` calls models and opens no API")))
            }
        }
    }
}

/// The answer to somebody who is known and may not do that.
pub(super) fn forbidden(parts: &Parts, message: &str) -> Answer {
    error(parts, StatusCode::FORBIDDEN, "forbidden", message)
}
