//! Keys are named in events, never kept.

use std::fmt;

/// How the secret keys of providers and gateways begin.
const SECRETS: [&str; 16] = [
    "sk-", "sk_", "ck-", "AIza", "gsk_", "pplx-", "xai-", "hf_", "nvapi-", "r8_", "fw_", "AKIA",
    "eyJ", "csk-", "tgp_", "ak-",
];
/// From this length on, what is one word of letters and digits is no name that somebody chose.
const SECRET_CHARS_MIN: usize = 40;

/// A key itself, where an event should have its name. It is never shown, and nothing keeps it: the
/// ledger has a name for it under a secret of its own.
///
/// ```
/// use centime_providers::event::OwnKey;
///
/// assert_eq!(OwnKey::told_from("billing-service".to_owned()), Err("billing-service".to_owned()));
/// let key = OwnKey::told_from("Bearer sk-test-1".to_owned()).unwrap();
/// assert_eq!(key.expose(), "sk-test-1");
/// assert_eq!(format!("{key:?}"), "***");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OwnKey(String);

impl OwnKey {
    /// The key in a text that looks like one: it begins as keys do, or is as long and mixed as if
    /// drawn by lot.
    ///
    /// # Errors
    /// The text, where it is a name or a hash, which may be kept.
    pub fn told_from(text: String) -> Result<Self, String> {
        let trimmed = text.trim();
        let bearer = trimmed.strip_prefix("Bearer ").map(str::trim_start);
        let bare = bearer.unwrap_or(trimmed);
        let is_secret = bearer.is_some()
            || SECRETS.iter().any(|secret| bare.starts_with(secret))
            || is_random(bare);
        if is_secret { Ok(Self(bare.to_owned())) } else { Err(text) }
    }

    /// The key, for whoever names it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OwnKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// Whether a word looks as if drawn by lot: long, letters and digits mixed, and no hash, which is
/// safe to keep.
fn is_random(word: &str) -> bool {
    let is_of = |of: fn(&u8) -> bool| word.as_bytes().iter().any(of);
    let is_hash = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    word.len() >= SECRET_CHARS_MIN
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && is_of(u8::is_ascii_digit)
        && is_of(u8::is_ascii_uppercase)
        && !is_hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_names_and_hashes() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (key, is_name) in [
            ("billing-service", true),
            (hash, true),
            ("the-key-of-the-team-that-looks-after-the-search-engine", true),
            ("xai-abc", false),
            ("Bearer anything", false),
            ("qX9aB3kLmN0pQrStUvWxYz123456789abcdefGHI", false),
        ] {
            assert_eq!(OwnKey::told_from(key.to_owned()).is_err(), is_name, "{key}");
        }
    }
}
