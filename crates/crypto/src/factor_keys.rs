//! The keys for what the database keeps of second factors.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use users_core::{Random, RecoveryCode, UserId};
use zeroize::Zeroizing;

use crate::sealed::{SealingKey, WeakKeySecret, WeakPreviousKeySecret, derive};

/// Keep the derived keys apart from each other, and from the one that seals private keys.
const SEALING: &str = "users: sealed secrets of authenticators, XChaCha20-Poly1305";
const HASHING: &str = "users: recovery codes, HMAC-SHA-256";

/// The keys that seal the secrets of authenticators and hash recovery codes, so that a dump of the database passes no second factor. Both are
/// derived from the variable `key_secret`.
///
/// `limit_secret` would not do: operators may replace it at any time, and the recovery codes of all accounts would end with it.
///
/// A recovery code is stored as HMAC-SHA-256 (RFC 2104) of the account and the code. Argon2id would be no better: it protects passwords, which
/// can be guessed from a dump. A code has 50 random bits, and without the key not even one of them can be tried, since HMAC is a pseudorandom
/// function. Ten Argon2id hashes would instead cost 0.3 s of computing for each attempt, and ten hash slots; a keyed hash is looked up by the one
/// statement that spends the code.
#[derive(Clone)]
pub struct FactorKeys {
    present: Keys,
    previous: Option<Keys>,
}

#[derive(Clone)]
struct Keys {
    sealing: SealingKey,
    hashing: Hmac<Sha256>,
}

impl Keys {
    fn new(secret: &[u8]) -> Result<Self, WeakKeySecret> {
        let hashing = derive(secret, HASHING)?;
        Ok(Self {
            sealing: SealingKey::new(secret, SEALING)?,
            // A key of any length fits HMAC.
            hashing: <Hmac<Sha256> as KeyInit>::new_from_slice(hashing.as_ref())
                .map_err(|_| WeakKeySecret)?,
        })
    }

    /// Both parts have a fixed length, so the border between them needs no mark.
    fn hash(&self, user: UserId, code: &RecoveryCode) -> [u8; 32] {
        let hmac = self.hashing.clone().chain_update(user.get().to_be_bytes()).chain_update(code.as_bytes());
        hmac.finalize().into_bytes().into()
    }
}

impl FactorKeys {
    /// Derives the keys from the variable `key_secret`, by HKDF with SHA-256 (RFC 5869).
    ///
    /// # Errors
    /// [`WeakKeySecret`] when the secret is shorter than 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, WeakKeySecret> {
        Ok(Self { present: Keys::new(secret)?, previous: None })
    }

    /// Adds the variable `key_secret_previous`: the secret that `key_secret` replaced. An empty one is none. What was stored under it still works,
    /// and nothing more is stored under it.
    ///
    /// # Errors
    /// [`WeakPreviousKeySecret`] when the secret is shorter than 32 bytes.
    pub fn with_previous(self, secret: &[u8]) -> Result<Self, WeakPreviousKeySecret> {
        if secret.is_empty() {
            return Ok(self);
        }
        Ok(Self { previous: Some(Keys::new(secret).map_err(|_| WeakPreviousKeySecret)?), ..self })
    }

    /// The hash of a new recovery code, to store.
    #[must_use]
    pub fn recovery_hash(&self, user: UserId, code: &RecoveryCode) -> [u8; 32] {
        self.present.hash(user, code)
    }

    /// The hashes under which a recovery code may be stored: with the present secret, and with the previous one. They are equal while there is no
    /// previous one.
    #[must_use]
    pub fn recovery_hashes(&self, user: UserId, code: &RecoveryCode) -> [[u8; 32]; 2] {
        let previous = self.previous.as_ref().unwrap_or(&self.present);
        [&self.present, previous].map(|keys| keys.hash(user, code))
    }

    pub(crate) fn seal(&self, secret: &[u8], owner: &[u8], random: &dyn Random) -> Vec<u8> {
        self.present.sealing.seal(secret, owner, random)
    }

    pub(crate) fn open<const N: usize>(&self, sealed: &[u8], owner: &[u8]) -> Option<Zeroizing<[u8; N]>> {
        [Some(&self.present), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|keys| keys.sealing.open(sealed, owner))
    }

    /// Returns true when the present secret opens what is sealed.
    pub(crate) fn is_present<const N: usize>(&self, sealed: &[u8], owner: &[u8]) -> bool {
        self.previous.is_none() || self.present.sealing.open::<N>(sealed, owner).is_some()
    }
}

impl fmt::Debug for FactorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactorKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const OTHER: &[u8] = b"another secret, just as long as ours";

    fn keys(secret: &[u8]) -> FactorKeys {
        FactorKeys::new(secret).unwrap()
    }

    fn user(id: i32) -> UserId {
        UserId::try_from(id).unwrap()
    }

    fn code(text: &str) -> RecoveryCode {
        RecoveryCode::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_secret_has_at_least_32_bytes() {
        assert_eq!(FactorKeys::new(&SECRET[..31]).unwrap_err(), WeakKeySecret);
        assert_eq!(keys(SECRET).with_previous(&SECRET[..31]).unwrap_err(), WeakPreviousKeySecret);
        assert_eq!(format!("{:?}", keys(SECRET)), "FactorKeys(…)");
    }

    #[test]
    fn a_recovery_code_is_one_for_its_account_and_its_secret() {
        let hash = keys(SECRET).recovery_hash(user(7), &code("7K3QX-0PV9M"));
        assert_eq!(hash, keys(SECRET).recovery_hash(user(7), &code("7k3qx opv9m")));
        assert_ne!(hash, keys(SECRET).recovery_hash(user(8), &code("7K3QX-0PV9M")));
        assert_ne!(hash, keys(SECRET).recovery_hash(user(7), &code("7K3QX-0PV9N")));
        assert_ne!(hash, keys(OTHER).recovery_hash(user(7), &code("7K3QX-0PV9M")));
    }

    #[test]
    fn a_code_is_also_looked_up_under_the_previous_secret() {
        let (user, code) = (user(7), code("7K3QX-0PV9M"));
        let [present, previous] = [SECRET, OTHER].map(|secret| keys(secret).recovery_hash(user, &code));
        assert_eq!(keys(SECRET).recovery_hashes(user, &code), [present, present]);
        let both = keys(SECRET).with_previous(OTHER).unwrap();
        assert_eq!(both.recovery_hashes(user, &code), [present, previous]);
        assert_eq!(both.recovery_hash(user, &code), present);
        let none = keys(SECRET).with_previous(b"").unwrap();
        assert_eq!(none.recovery_hashes(user, &code), [present, present]);
    }

    /// Every release finds what the others have stored.
    #[test]
    fn the_hash_of_a_code_stays() {
        let hash = keys(SECRET).recovery_hash(user(7), &code("7K3QX-0PV9M"));
        assert_eq!(hash.iter().map(|it| format!("{it:02x}")).collect::<String>(), HASH);
    }

    /// Computed by another implementation: HKDF and HMAC in Python.
    const HASH: &str = "a5ae7f3e9dfe1b70549b1f6badfbeac036d9ec4d73f09932ac17ec53e797f88f";
}
