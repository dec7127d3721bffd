//! Keys of the gateway: `ck-…`, what they are bound to, and what they may do.
//!
//! Nobody keeps a key's secret but whoever was given it: a [`Key`] has its digest alone.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::attribution::{Attribution, AttributionError, VALUE_BYTES_MAX};
use crate::time::Timestamp;

/// What every secret begins with.
pub const PREFIX: &str = "ck-";
/// What every id begins with.
const ID_PREFIX: &str = "key_";
/// How many bytes of the digest are in an id.
const ID_BYTES: usize = 4;
/// The most models that one key names.
pub const MODELS_MAX: usize = 100;
/// What calls without a key are attributed to, and so no name of one.
pub const ANONYMOUS: &str = "anonymous";

/// SHA-256 of a secret.
pub type Digest = [u8; 32];

/// A key of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What it is called for good: `key_` and the first digits of its first digest.
    pub id: String,
    /// What people call it; what its calls are attributed to, where it has one.
    pub name: Option<String>,
    /// SHA-256 of its secret.
    pub digest: Digest,
    /// The secret before it, where that is good for a while yet.
    pub former: Option<Former>,
    /// What it opens.
    pub role: Role,
    /// The user that its calls are for, whatever they say.
    pub user: Option<String>,
    /// The team that its calls are for, whatever they say.
    pub team: Option<String>,
    /// The project that its calls are for, whatever they say.
    pub project: Option<String>,
    /// Tags that its calls have, whatever they say; they may have others besides.
    pub tags: BTreeMap<String, String>,
    /// The models that it may call: names, or the beginning of some and `*`. All where there are none.
    pub models: Vec<String>,
    /// The most requests in any 60 seconds.
    pub requests_per_minute: Option<u64>,
    /// The most tokens in any 60 seconds, prompts and answers together.
    pub tokens_per_minute: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is good no more.
    pub expires_at: Option<Timestamp>,
    /// When somebody put an end to it.
    pub revoked_at: Option<Timestamp>,
}

/// A secret that a key had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// SHA-256 of it.
    pub digest: Digest,
    /// From when on it is good no more.
    pub until: Timestamp,
}

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Calls to models.
    Call,
    /// Calls, and all of the HTTP API.
    Admin,
    /// The HTTP API as far as it only tells; no calls.
    ReadOnly,
}

/// How a key is at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// It is good.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody put an end to it.
    Revoked,
}

/// Why a key cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// What it is bound to is no attribution that an entry can have.
    #[error(transparent)]
    Attribution(#[from] AttributionError),
    /// A field that may not be empty is.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A field that is too long.
    #[error("`{field}` is {bytes} bytes long: at most {VALUE_BYTES_MAX} are kept")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its length in bytes.
        bytes: usize,
    },
    /// A field has a character in it that nobody sees.
    #[error("`{0}` has control characters in it")]
    Control(&'static str),
    /// A name that means something else.
    #[error("`name` cannot be `{0}`: that is not the name of a key, but means something else")]
    Reserved(String),
    /// A pattern whose star is not its end.
    #[error("`models` has `{0}` in it: a `*` stands at the end, as in `gpt-4o*`")]
    Star(String),
    /// More models than are kept.
    #[error("`models` has {0} names in it: at most {MODELS_MAX} are kept")]
    TooManyModels(usize),
    /// A rate at which nothing could be called, or that is beyond what is kept.
    #[error("`{0}` must be from 1 to {max}", max = i64::MAX)]
    Rate(&'static str),
    /// Its end is before its beginning.
    #[error("`expires_at` must be later than now")]
    ExpiresBefore,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role: write `call`, `admin` or `read-only`")]
pub struct UnknownRole(String);

impl Key {
    /// A key of a secret that calls any model, bound to nothing and without an end.
    #[must_use]
    pub fn new(secret: &str, created_at: Timestamp) -> Self {
        let digest = digest(secret);
        let mut id = ID_PREFIX.to_owned();
        push_hex(&mut id, digest.iter().take(ID_BYTES));
        Self {
            id,
            name: None,
            digest,
            former: None,
            role: Role::Call,
            user: None,
            team: None,
            project: None,
            tags: BTreeMap::new(),
            models: Vec::new(),
            requests_per_minute: None,
            tokens_per_minute: None,
            created_at,
            expires_at: None,
            revoked_at: None,
        }
    }

    /// What its calls are attributed to: its name, or its id where it has none.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// How it is at a moment.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            KeyState::Expired
        } else {
            KeyState::Active
        }
    }

    /// Whether it may call a model that goes by any of these names.
    #[must_use]
    pub fn allows_model(&self, names: &[&str]) -> bool {
        let fits = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        };
        self.models.is_empty()
            || self.models.iter().any(|pattern| names.iter().any(|name| fits(pattern, name)))
    }

    /// Checks every field against what is kept.
    ///
    /// # Errors
    /// Names the first field that cannot be kept.
    pub fn check(&self) -> Result<(), KeyError> {
        if let Some(name) = &self.name {
            let is_other = name == ANONYMOUS
                || [PREFIX, ID_PREFIX, "hmac:"].iter().any(|start| name.starts_with(start));
            if is_other {
                return Err(KeyError::Reserved(name.clone()));
            }
        }
        let bound = [
            ("name", &self.name),
            ("user", &self.user),
            ("team", &self.team),
            ("project", &self.project),
        ];
        for (field, value) in bound {
            value.as_deref().map_or(Ok(()), |value| fits(field, value))?;
        }
        for (name, value) in &self.tags {
            if [name, value].iter().any(|text| text.chars().any(char::is_control)) {
                return Err(KeyError::Control("tags"));
            }
        }
        Attribution { tags: self.tags.clone(), ..Attribution::default() }.check()?;
        if self.models.len() > MODELS_MAX {
            return Err(KeyError::TooManyModels(self.models.len()));
        }
        for model in &self.models {
            fits("models", model)?;
            if model.strip_suffix('*').unwrap_or(model).contains('*') {
                return Err(KeyError::Star(model.clone()));
            }
        }
        let rates = [
            ("requests_per_minute", self.requests_per_minute),
            ("tokens_per_minute", self.tokens_per_minute),
        ];
        for (field, rate) in rates {
            if rate.is_some_and(|rate| rate == 0 || i64::try_from(rate).is_err()) {
                return Err(KeyError::Rate(field));
            }
        }
        match self.expires_at {
            Some(end) if end <= self.created_at => Err(KeyError::ExpiresBefore),
            _ => Ok(()),
        }
    }
}

fn fits(field: &'static str, value: &str) -> Result<(), KeyError> {
    match value {
        "" => Err(KeyError::Empty(field)),
        _ if value.len() > VALUE_BYTES_MAX => Err(KeyError::TooLong { field, bytes: value.len() }),
        _ if value.chars().any(char::is_control) => Err(KeyError::Control(field)),
        _ => Ok(()),
    }
}

/// A secret of 256 random bits: `ck-` and 64 hexadecimal digits.
///
/// ```
/// use centime_core::key::{Key, secret};
///
/// let secret = secret(&[7; 32]);
/// assert!(secret.starts_with("ck-0707") && secret.len() == 67);
/// let key = Key::new(&secret, centime_core::time::Timestamp::from_micros(0));
/// assert!(key.id.starts_with("key_") && !format!("{key:?}").contains(&secret));
/// ```
#[must_use]
pub fn secret(random: &[u8; 32]) -> String {
    let mut secret = PREFIX.to_owned();
    push_hex(&mut secret, random);
    secret
}

/// SHA-256 of a secret, by which its key is found.
#[must_use]
pub fn digest(secret: impl AsRef<[u8]>) -> Digest {
    Sha256::digest(secret).into()
}

fn push_hex<'a>(text: &mut String, bytes: impl IntoIterator<Item = &'a u8>) {
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Call, Self::Admin, Self::ReadOnly];

    /// The word: `read-only`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Admin => "admin",
            Self::ReadOnly => "read-only",
        }
    }

    /// Whether it may call models.
    #[must_use]
    pub const fn may_call(self) -> bool {
        matches!(self, Self::Call | Self::Admin)
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| UnknownRole(text.chars().take(60).collect()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl KeyState {
    /// The word: `revoked`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new("ck-1", Timestamp::from_micros(1_000))
    }

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn a_key_is_good_until_its_end() {
        let ends = Key { expires_at: Some(at(2_000)), ..key() };
        for (key, now, expected) in [
            (key(), i64::MAX, "active"),
            (ends.clone(), 1_999, "active"),
            (ends.clone(), 2_000, "expired"),
            (Key { revoked_at: Some(at(1_500)), ..ends }, 2_000, "revoked"),
        ] {
            assert_eq!(key.state_at(at(now)).as_str(), expected);
        }
    }

    #[test]
    fn models_are_names_or_beginnings_of_them() {
        for (models, names, expected) in [
            (&[][..], &["gpt-4o"][..], true),
            (&["gpt-4o"], &["gpt-4o"], true),
            (&["gpt-4o"], &["gpt-4o-mini"], false),
            (&["gpt-4o*"], &["gpt-4o-mini"], true),
            (&["openai/*"], &["gpt-4o", "openai/gpt-4o"], true),
            (&["a", "b"], &["b"], true),
            (&["*"], &[""], true),
            (&["a"], &[], false),
        ] {
            let models = models.iter().map(|&model| model.to_owned()).collect();
            let key = Key { models, ..key() };
            assert_eq!(key.allows_model(names), expected, "{:?} {names:?}", key.models);
        }
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        let long = || Some("é".repeat(65));
        let tags = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        let models = |model: &str| vec![model.to_owned()];
        assert_eq!(key().check(), Ok(()));
        for (key, field) in [
            (Key { name: long(), ..key() }, "`name` is 130 bytes"),
            (Key { name: Some(String::new()), ..key() }, "`name` is empty"),
            (Key { name: Some("anonymous".to_owned()), ..key() }, "`name` cannot be"),
            (Key { name: Some("key_00000000".to_owned()), ..key() }, "`name` cannot be"),
            (Key { user: long(), ..key() }, "`user`"),
            (Key { team: Some("a\0".to_owned()), ..key() }, "`team` has control"),
            (Key { project: long(), ..key() }, "`project`"),
            (Key { tags: tags("", "x"), ..key() }, "a tag needs a name"),
            (Key { tags: tags("app", &"x".repeat(129)), ..key() }, "`tags.app`"),
            (Key { tags: tags("app", "\n"), ..key() }, "`tags` has control"),
            (Key { models: models("gpt*4"), ..key() }, "`models` has `gpt*4`"),
            (Key { models: models(""), ..key() }, "`models` is empty"),
            (Key { models: vec!["m".to_owned(); 101], ..key() }, "`models` has 101"),
            (Key { requests_per_minute: Some(0), ..key() }, "`requests_per_minute`"),
            (Key { tokens_per_minute: Some(u64::MAX), ..key() }, "`tokens_per_minute`"),
            (Key { expires_at: Some(at(1_000)), ..key() }, "`expires_at`"),
        ] {
            let error = key.check().unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }

    #[test]
    fn roles_are_words() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        let error = "root".parse::<Role>().unwrap_err().to_string();
        assert!(error.contains("`root` is no role"), "{error}");
    }
}
