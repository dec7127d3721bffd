//! Keys are named in events, never kept.

use sha2::{Digest, Sha256};

/// How the secret keys of providers and gateways begin.
const SECRETS: [&str; 16] = [
    "sk-", "sk_", "ck-", "AIza", "gsk_", "pplx-", "xai-", "hf_", "nvapi-", "r8_", "fw_", "AKIA",
    "eyJ", "csk-", "tgp_", "ak-",
];
/// From this length on, what is one word of letters and digits is no name that somebody chose.
const SECRET_CHARS_MIN: usize = 40;

/// What may be kept of the `key` of an event: a name or a hash as it is; of what looks like the
/// secret itself, `sha256:` and the first 16 digits of its hash, so that its calls still belong
/// together and nobody can use it.
///
/// ```
/// use centime_providers::event::nameable_key;
///
/// assert_eq!(nameable_key("billing-service".to_owned()), "billing-service");
/// assert_eq!(nameable_key("sk-test-1".to_owned()), "sha256:db567a0dd8d24a1a");
/// ```
#[must_use]
pub fn nameable_key(key: String) -> String {
    let key_trimmed = key.trim();
    let bearer = key_trimmed.strip_prefix("Bearer ").map(str::trim_start);
    let bare = bearer.unwrap_or(key_trimmed);
    let is_secret = bearer.is_some()
        || SECRETS.iter().any(|secret| bare.starts_with(secret))
        || is_random(bare);
    if !is_secret {
        return key;
    }
    use std::fmt::Write as _;
    let mut kept = String::from("sha256:");
    for byte in Sha256::digest(bare.as_bytes()).iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(kept, "{byte:02x}");
    }
    kept
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
    fn secrets_are_not_kept_and_names_and_hashes_are() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (key, is_kept) in [
            ("billing-service", true),
            (hash, true),
            ("the-key-of-the-team-that-looks-after-the-search-engine", true),
            ("xai-abc", false),
            ("Bearer anything", false),
            ("qX9aB3kLmN0pQrStUvWxYz123456789abcdefGHI", false),
        ] {
            assert_eq!(nameable_key(key.to_owned()) == key, is_kept, "{key}");
        }
    }
}
