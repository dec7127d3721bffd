//! Keys of the gateway, as programs read them.

use std::collections::BTreeMap;

use centime_core::key::Key;
use centime_core::time::Timestamp;
use serde::Serialize;

use crate::schema::{self, Kind};

/// A key for programs.
#[derive(Debug, Serialize)]
pub struct Shown<'k> {
    id: &'k str,
    name: Option<&'k str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'k str>,
    user: Option<&'k str>,
    team: Option<&'k str>,
    project: Option<&'k str>,
    tags: &'k BTreeMap<String, String>,
    models: &'k [String],
    role: &'static str,
    requests_per_minute: Option<u64>,
    tokens_per_minute: Option<u64>,
    created_at: String,
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    former_until: Option<String>,
}

impl<'k> Shown<'k> {
    fn of(key: &'k Key) -> Self {
        Self {
            id: &key.id,
            name: key.name.as_deref(),
            key: None,
            user: key.user.as_deref(),
            team: key.team.as_deref(),
            project: key.project.as_deref(),
            tags: &key.tags,
            models: &key.models,
            role: key.role.as_str(),
            requests_per_minute: key.requests_per_minute,
            tokens_per_minute: key.tokens_per_minute,
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|at| at.to_string()),
            state: None,
            former_until: None,
        }
    }

    /// A key with its secret: the one time that it is seen.
    #[must_use]
    pub fn with_secret(key: &'k Key, secret: &'k str) -> Self {
        Self { key: Some(secret), ..Self::of(key) }
    }

    /// A key as it stands in a list, and how it is at a moment.
    #[must_use]
    pub fn listed(key: &'k Key, now: Timestamp) -> Self {
        let former = key.former.map(|former| former.until).filter(|until| *until > now);
        let former_until = former.map(|until| until.to_string());
        Self { state: Some(key.state_at(now).as_str()), former_until, ..Self::of(key) }
    }
}

/// What a key is bound to and what it may, whether it is shown or asked for.
const BOUND: [(&str, Kind, &str); 9] = [
    (
        "name",
        Kind::Maybe(&Kind::Text),
        "what its calls are attributed to; its id where it has none",
    ),
    ("user", Kind::Maybe(&Kind::Text), "the user that its calls are for"),
    ("team", Kind::Maybe(&Kind::Text), "the team that its calls are for"),
    ("project", Kind::Maybe(&Kind::Text), "the project that its calls are for"),
    ("tags", Kind::TextByName, "tags that its calls have"),
    ("role", Kind::Text, "call, admin or read-only"),
    ("requests_per_minute", Kind::Maybe(&Kind::Count), "the most requests in any 60 seconds"),
    ("tokens_per_minute", Kind::Maybe(&Kind::Count), "the most tokens in any 60 seconds"),
    ("expires_at", Kind::Maybe(&Kind::Text), "from when on it is good no more"),
];

/// The schemas of a key, of one that was made, and of one that is asked for.
pub(crate) fn schemas() -> Vec<schema::Named> {
    let member = |kind: Kind, says| schema::described(kind.schema(), says);
    let bound = || {
        let models = schema::list(&Kind::Text.schema());
        let models = schema::described(models, "models it may call; empty: all");
        let bound = BOUND.into_iter().map(|(name, kind, says)| (name, member(kind, says)));
        bound.chain([("models", models)])
    };
    let shown = |says, (name, what)| {
        let own = [
            ("id", member(Kind::Text, "what it is called for good")),
            ("created_at", member(Kind::Text, "when it was made")),
            (name, member(Kind::Text, what)),
        ];
        schema::object(says, own.into_iter().chain(bound()))
    };
    let listed = shown("A key.", ("state", "active, expired or revoked"));
    let until = member(Kind::Text, "until when the secret before its last rotation is good");
    let listed = schema::with_optional(listed, [("former_until", until)]);
    let made = shown("A key that was made.", ("key", "its secret, which is shown this once"));
    let wanted = schema::with_optional(schema::object("A key to make.", []), bound());
    vec![("Key", listed), ("NewKey", made), ("WantedKey", wanted)]
}
