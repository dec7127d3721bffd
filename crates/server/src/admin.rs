//! The key of whoever administers the gateway.

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The admin key, of which only the digest is kept.
///
/// Digests are compared, in a time that says nothing about where they differ, and not even how long
/// the key is.
///
/// ```
/// use centime_server::AdminKey;
///
/// let key = AdminKey::new("a long secret");
/// assert!(key.is("a long secret"));
/// assert!(!key.is("a long"));
/// ```
#[derive(Clone)]
pub struct AdminKey([u8; 32]);

impl AdminKey {
    /// Keeps the digest of a key.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether a text is the key.
    #[must_use]
    pub fn is(&self, offered: impl AsRef<[u8]>) -> bool {
        let offered: [u8; 32] = Sha256::digest(offered).into();
        self.0.ct_eq(&offered).into()
    }

    /// Whether a request brings the key: `Authorization: Bearer KEY`, once.
    #[must_use]
    pub fn is_brought_by(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (first, second) = (values.next(), values.next());
        let Some(value) = first.filter(|_| second.is_none()) else { return false };
        match value.as_bytes().split_first_chunk() {
            Some((scheme, key)) => {
                let scheme: &[u8; 7] = scheme;
                scheme.eq_ignore_ascii_case(b"bearer ") && self.is(key.trim_ascii())
            }
            None => false,
        }
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AdminKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_brought_once_and_whole() {
        let key = AdminKey::new("secret");
        for (values, expected) in [
            (&["Bearer secret"][..], true),
            (&["bearer  secret "], true),
            (&[], false),
            (&["secret"], false),
            (&["Bearer"], false),
            (&["Bearer "], false),
            (&["Bearer secre"], false),
            (&["Bearer secrets"], false),
            (&["Bearer SECRET"], false),
            (&["Basic secret"], false),
            (&["Bearer secret", "Bearer secret"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            assert_eq!(key.is_brought_by(&headers), expected, "{values:?}");
        }
        assert_eq!(format!("{key:?}"), "AdminKey(…)");
    }
}
