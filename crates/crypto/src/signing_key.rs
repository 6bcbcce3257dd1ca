//! Private keys of Ed25519, and how they are stored.

use std::fmt;

use jsonwebtoken::EncodingKey;
use users_core::Random;
use zeroize::Zeroizing;

use crate::PublicKey;
use crate::sealed::{MIN_SECRET_BYTES, SealingKey, WeakKeySecret};

/// The length of a private key, in octets (RFC 8032 section 5.1.5).
const SEED: usize = 32;
/// Keeps the derived key apart from others that are derived from the same secret.
const PURPOSE: &str = "users: sealed signing keys, XChaCha20-Poly1305";

/// A stored private key cannot be opened: it was sealed with another secret, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "key_secret does not open the signing key: set key_secret to the value with which the key was made, or replace the key with `usersctl keys revoke`"
)]
pub struct UnreadableKey;

/// The secret that seals private keys, so that the database alone signs nothing.
#[derive(Clone)]
pub struct KeySecret(SealingKey);

impl KeySecret {
    /// The shortest secret, in bytes.
    pub const MIN_BYTES: usize = MIN_SECRET_BYTES;

    /// Derives the key that encrypts from the variable `key_secret`, by HKDF with SHA-256 (RFC 5869).
    ///
    /// # Errors
    /// [`WeakKeySecret`] when the secret is shorter than [`Self::MIN_BYTES`].
    pub fn new(secret: &[u8]) -> Result<Self, WeakKeySecret> {
        SealingKey::new(secret, PURPOSE).map(Self)
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(…)")
    }
}

/// A private key that signs access tokens. It is zeroized when it is dropped.
pub struct SigningKey {
    seed: EncodingKey,
    public: PublicKey,
    kid: String,
}

impl SigningKey {
    /// Generates a key: 256 random bits.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut seed = Zeroizing::new([0; SEED]);
        random.fill(seed.as_mut());
        Self::of(&seed)
    }

    fn of(seed: &[u8; SEED]) -> Self {
        let public = PublicKey::of(&ed25519_dalek::SigningKey::from_bytes(seed).verifying_key());
        Self { seed: EncodingKey::from_ed_der(seed), public, kid: public.kid() }
    }

    /// The name of the key: see [`PublicKey::kid`].
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Encrypts the key for the database: a random nonce, the ciphertext and the tag of XChaCha20-Poly1305. The name of the key is
    /// authenticated with it, so that nobody can store one key under the name of another.
    #[must_use]
    pub fn seal(&self, secret: &KeySecret, random: &dyn Random) -> Vec<u8> {
        secret.0.seal(self.seed.as_bytes(), self.kid.as_bytes(), random)
    }

    /// Decrypts a stored key with this name.
    ///
    /// # Errors
    /// [`UnreadableKey`] when it was sealed with another secret or under another name, or was changed.
    pub fn open(kid: &str, sealed: &[u8], secret: &KeySecret) -> Result<Self, UnreadableKey> {
        let seed = secret.0.open::<SEED>(sealed, kid.as_bytes()).ok_or(UnreadableKey)?;
        let key = Self::of(&seed);
        if key.kid == kid { Ok(key) } else { Err(UnreadableKey) }
    }

    /// For the library that signs.
    pub(crate) fn as_encoding_key(&self) -> &EncodingKey {
        &self.seed
    }
}

/// Shows the name of the key only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;
    use crate::os_random::Ones;
    use crate::sealed::NONCE;

    fn secret() -> KeySecret {
        KeySecret::new(b"0123456789abcdef0123456789abcdef").unwrap()
    }

    #[test]
    fn a_secret_has_at_least_32_bytes() {
        assert_eq!(KeySecret::new(&[b'x'; 31]).unwrap_err(), WeakKeySecret);
        assert!(KeySecret::new(&[b'x'; 32]).is_ok());
    }

    #[test]
    fn every_bit_of_a_key_is_random() {
        assert_eq!(SigningKey::generate(&Ones).seed.as_bytes(), [0xff; SEED]);
        assert_ne!(SigningKey::generate(&OsRandom).kid(), SigningKey::generate(&OsRandom).kid());
    }

    #[test]
    fn a_sealed_key_is_opened_with_its_secret_and_its_name() {
        let key = SigningKey::generate(&OsRandom);
        let sealed = key.seal(&secret(), &OsRandom);
        assert_eq!(sealed.len(), NONCE + SEED + 16);
        assert_ne!(sealed, key.seal(&secret(), &OsRandom), "each has a nonce of its own");
        assert!(!sealed.windows(SEED).any(|it| it == key.seed.as_bytes()));
        let opened = SigningKey::open(key.kid(), &sealed, &secret()).unwrap();
        assert_eq!((opened.kid(), opened.public_key()), (key.kid(), key.public_key()));
        assert_eq!(opened.seed.as_bytes(), key.seed.as_bytes());
        assert_eq!(PublicKey::from_octets(&key.public_key().octets()), Some(key.public_key()));
    }

    #[test]
    fn a_key_is_not_opened_with_another_secret_or_name_or_when_it_was_changed() {
        let key = SigningKey::generate(&OsRandom);
        let sealed = key.seal(&secret(), &OsRandom);
        let other = KeySecret::new(b"another secret, just as long as ours").unwrap();
        let refused = |kid: &str, sealed: &[u8], secret: &KeySecret| {
            assert_eq!(SigningKey::open(kid, sealed, secret).unwrap_err(), UnreadableKey);
        };
        refused(key.kid(), &sealed, &other);
        refused(SigningKey::generate(&OsRandom).kid(), &sealed, &secret());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            refused(key.kid(), &changed, &secret());
            refused(key.kid(), &sealed[..place], &secret());
        }
    }

    /// Every release and the worker open what the others have sealed.
    #[test]
    fn the_form_of_a_sealed_key_stays() {
        let key = SigningKey::of(&[7; SEED]);
        let sealed: String = key.seal(&secret(), &Ones).iter().map(|it| format!("{it:02x}")).collect();
        assert!(sealed.starts_with(&"ff".repeat(NONCE)));
        assert_eq!(sealed[2 * NONCE..], *SEALED);
    }

    /// Computed by another implementation: HKDF and HChaCha20 in Python, ChaCha20-Poly1305 by OpenSSL.
    const SEALED: &str =
        "9d60b669902e24bc3a97d3486e7c5daf283140e78f72ab30ad7060e5e4d3bb21c6bbeabae554e19c336cbfcfbf82cdc8";

    #[test]
    fn no_secret_is_shown() {
        let key = SigningKey::of(&[7; SEED]);
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
        assert_eq!(format!("{:?}", secret()), "KeySecret(…)");
    }
}
