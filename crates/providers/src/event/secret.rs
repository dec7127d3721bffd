//! Keys are named in events, never kept.

use sha2::{Digest, Sha256};

/// How the secret keys of providers and gateways begin.
const SECRETS: [&str; 5] = ["sk-", "ck-", "AIza", "gsk_", "pplx-"];

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
    if bearer.is_none() && !SECRETS.iter().any(|secret| bare.starts_with(secret)) {
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
