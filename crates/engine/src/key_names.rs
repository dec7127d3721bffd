//! What keys are called, so that their calls belong together and nobody can use them.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Names keys under a secret of the ledger: HMAC-SHA-256 ([RFC 2104]), so that not even somebody who
/// guesses a key and reads the ledger learns whether it was right.
///
/// ```
/// use centime_engine::KeyNames;
///
/// let names = KeyNames::under(&[7; 32]);
/// let name = names.name(b"Bearer sk-test-1");
/// assert!(name.starts_with("hmac:") && name.len() == 37);
/// assert_eq!(names.name(b"sk-test-1"), name);
/// assert_ne!(KeyNames::under(&[8; 32]).name(b"sk-test-1"), name);
/// ```
///
/// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
#[derive(Clone)]
pub struct KeyNames {
    mac: Hmac<Sha256>,
}

/// How many bytes of the digest are in a name: no two keys have the same.
const NAME_BYTES: usize = 16;

impl KeyNames {
    /// Names under a secret.
    #[must_use]
    pub fn under(secret: &[u8; 32]) -> Self {
        // A key shorter than a block of the digest counts as if zeros followed it.
        let mut block = [0; 64];
        block[..secret.len()].copy_from_slice(secret);
        Self { mac: Hmac::new(&block.into()) }
    }

    /// The name of a key, as it is or as the value of an `authorization` header.
    #[must_use]
    pub fn name(&self, key: &[u8]) -> String {
        let key = key.trim_ascii();
        let bare = key.strip_prefix(b"Bearer ").map_or(key, <[u8]>::trim_ascii_start);
        let digest = self.mac.clone().chain_update(bare).finalize().into_bytes();
        let mut name = String::from("hmac:");
        for byte in digest.iter().take(NAME_BYTES) {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

impl fmt::Debug for KeyNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("KeyNames(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_beginning_of_the_hmac() {
        // By Python: hmac.new(bytes([7]) * 32, b"sk-test-1", "sha256").hexdigest()
        assert_eq!(
            KeyNames::under(&[7; 32]).name(b" Bearer  sk-test-1 "),
            "hmac:91eafb6f6884a510daa16c2733948fcc"
        );
    }
}
