//! Secrets that the database keeps encrypted.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use users_core::Random;
use zeroize::Zeroizing;

/// The shortest `key_secret`, in bytes.
pub(crate) const MIN_SECRET_BYTES: usize = 32;
/// The length of a nonce of XChaCha20-Poly1305, in octets: long enough to be drawn at random.
pub(crate) const NONCE: usize = 24;

/// The secret that seals what the database keeps is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "key_secret has fewer than 32 bytes: set it to at least 32 random bytes, for example with `openssl rand -base64 48`"
)]
pub struct WeakKeySecret;

/// The secret that `key_secret` replaced is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("key_secret_previous has fewer than 32 bytes: set it to the previous secret, or leave it empty")]
pub struct WeakPreviousKeySecret;

/// Derives a key from the variable `key_secret`, by HKDF with SHA-256 (RFC 5869). The purpose keeps the key apart from others that are derived
/// from the same secret (section 3.2).
///
/// # Errors
/// [`WeakKeySecret`] when the secret is shorter than [`MIN_SECRET_BYTES`].
pub(crate) fn derive(secret: &[u8], purpose: &str) -> Result<Zeroizing<[u8; 32]>, WeakKeySecret> {
    if secret.len() < MIN_SECRET_BYTES {
        return Err(WeakKeySecret);
    }
    let mut key = Zeroizing::new([0; 32]);
    // HKDF makes up to 255 times as many octets.
    Hkdf::<Sha256>::new(None, secret).expand(purpose.as_bytes(), key.as_mut()).map_err(|_| WeakKeySecret)?;
    Ok(key)
}

/// A key that encrypts secrets of one purpose with XChaCha20-Poly1305.
#[derive(Clone)]
pub(crate) struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// The key for a purpose.
    ///
    /// # Errors
    /// Those of [`derive`].
    pub(crate) fn new(secret: &[u8], purpose: &str) -> Result<Self, WeakKeySecret> {
        derive(secret, purpose).map(Self)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }

    /// Encrypts a secret: a random nonce, the ciphertext and the tag. The name of its owner is authenticated with it, so that nobody who
    /// writes to the database can give the secret to another owner.
    pub(crate) fn seal(&self, secret: &[u8], owner: &[u8], random: &dyn Random) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce);
        // Encryption fails for messages of 256 GiB only. What could not be sealed is then empty, and cannot be opened.
        let payload = Payload { msg: secret, aad: owner };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        [nonce.as_slice(), &sealed].concat()
    }

    /// Decrypts a secret of `N` octets. `None` if it was sealed with another key or for another owner, was changed, or has another length.
    pub(crate) fn open<const N: usize>(&self, sealed: &[u8], owner: &[u8]) -> Option<Zeroizing<[u8; N]>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: owner };
        let secret = self.cipher().decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).ok()?;
        secret.as_slice().try_into().ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    #[test]
    fn a_secret_has_at_least_32_bytes() {
        assert_eq!(derive(&SECRET[..31], "purpose").unwrap_err(), WeakKeySecret);
        assert!(derive(SECRET, "purpose").is_ok());
    }

    #[test]
    fn keys_of_two_purposes_do_not_open_the_same() {
        let key = |purpose| SealingKey::new(SECRET, purpose).unwrap();
        let sealed = key("one").seal(&[7; 20], b"owner", &OsRandom);
        assert_eq!(key("one").open(&sealed, b"owner").as_deref(), Some(&[7; 20]));
        assert_eq!(key("other").open::<20>(&sealed, b"owner"), None);
        assert_eq!(key("one").open::<20>(&sealed, b"other"), None);
        assert_eq!(key("one").open::<19>(&sealed, b"owner"), None, "a length that nobody sealed");
    }
}
