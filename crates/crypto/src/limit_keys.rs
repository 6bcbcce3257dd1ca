//! Keyed hashes of whom a limit is for.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that hashes client addresses and addresses of e-mail is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "limit_secret has fewer than 32 bytes: set it to at least 32 random bytes, for example with `openssl rand -base64 48`"
)]
pub struct WeakLimitSecret;

/// Makes the keys under which attempts are counted: HMAC-SHA-256 (RFC 2104) of what is tried, and of who tries it.
///
/// The rows name nobody: without the secret, not even a trial of all addresses shows whom a row is about.
#[derive(Clone)]
pub struct LimitKeys(Hmac<Sha256>);

impl LimitKeys {
    /// The shortest secret, in bytes.
    pub const MIN_SECRET_BYTES: usize = 32;

    /// Keys of this secret.
    ///
    /// # Errors
    /// [`WeakLimitSecret`] when the secret is shorter than [`Self::MIN_SECRET_BYTES`].
    pub fn new(secret: &[u8]) -> Result<Self, WeakLimitSecret> {
        if secret.len() < Self::MIN_SECRET_BYTES {
            return Err(WeakLimitSecret);
        }
        // A key of any length fits HMAC.
        <Hmac<Sha256> as KeyInit>::new_from_slice(secret).map(Self).map_err(|_| WeakLimitSecret)
    }

    /// The key for a purpose and the parts that name somebody. Each part is hashed with its length, so that the border between two of them
    /// counts.
    #[must_use]
    pub fn key(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let mut hmac = self.0.clone();
        for part in [purpose].iter().chain(parts) {
            hmac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hmac.update(part.as_bytes());
        }
        hmac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for LimitKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LimitKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    #[test]
    fn a_secret_has_at_least_32_bytes() {
        assert_eq!(LimitKeys::new(&SECRET[..31]).unwrap_err(), WeakLimitSecret);
        assert_eq!(format!("{:?}", LimitKeys::new(SECRET).unwrap()), "LimitKeys(…)");
    }

    #[test]
    fn purpose_parts_their_borders_and_the_secret_make_different_keys() {
        let keys = LimitKeys::new(SECRET).unwrap();
        let key = keys.key("a", &["b", "c"]);
        assert_eq!(key, keys.key("a", &["b", "c"]));
        for (purpose, parts) in
            [("x", &["b", "c"][..]), ("a", &["c", "b"]), ("a", &["bc"]), ("ab", &["c"]), ("a", &["b"])]
        {
            assert_ne!(key, keys.key(purpose, parts), "{purpose} {parts:?}");
        }
        let others = LimitKeys::new(b"another secret that is as long as it").unwrap();
        assert_ne!(key, others.key("a", &["b", "c"]));
    }

    /// Replicas of all releases count together, so the keys never change.
    #[test]
    fn a_key_is_the_hmac_of_the_parts_with_their_lengths() {
        let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(SECRET).unwrap();
        hmac.update(b"\0\0\0\0\0\0\0\x06logins\0\0\0\0\0\0\0\x09192.0.2.7");
        let expected: [u8; 32] = hmac.finalize().into_bytes().into();
        assert_eq!(LimitKeys::new(SECRET).unwrap().key("logins", &["192.0.2.7"]), expected);
    }
}
