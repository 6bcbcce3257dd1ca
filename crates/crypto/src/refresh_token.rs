//! Refresh tokens.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use users_core::Random;
use zeroize::Zeroizing;

use crate::token::Token;

/// A refresh token. A session begins with a generated one, and every use rotates it (RFC 9700 section 4.14.2).
pub type RefreshToken = Token<Refresh>;

/// The use of a [`RefreshToken`].
#[derive(Debug)]
pub enum Refresh {}

/// The secret that turns a refresh token into its successor: 256 random bits. Each rotation generates a new one.
///
/// The database keeps the nonce for a short time, so that a client that lost the answer gets the same successor again. Without the
/// spent token, the nonce is worthless. Together with the spent token, the nonce yields one token only, because the next rotation
/// has another nonce.
pub struct RefreshNonce(Zeroizing<[u8; Self::OCTETS]>);

impl RefreshNonce {
    /// The length in octets.
    pub const OCTETS: usize = 32;

    /// Generates a nonce.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bits = Zeroizing::new([0; Self::OCTETS]);
        random.fill(bits.as_mut());
        Self(bits)
    }

    /// Reads a stored nonce. Returns `None` if it does not have 32 octets.
    #[must_use]
    pub fn from_stored(octets: &[u8]) -> Option<Self> {
        octets.try_into().ok().map(Zeroizing::new).map(Self)
    }

    /// The octets to store.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.0.as_ref()
    }
}

impl fmt::Debug for RefreshNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshNonce(…)")
    }
}

impl Token<Refresh> {
    /// The successor of a token that a client presents: HMAC-SHA-256 with the nonce as its key (RFC 2104). The same nonce yields
    /// the same successor. Without the nonce, a token reveals nothing about its successor.
    #[must_use]
    pub fn successor(presented: &str, nonce: &RefreshNonce) -> Self {
        // HMAC extends a key with zeros to a block of 64 octets (RFC 2104 section 2).
        let mut key = Zeroizing::new([0; 64]);
        key.iter_mut().zip(nonce.as_octets()).for_each(|(octet, drawn)| *octet = *drawn);
        let bits =
            <Hmac<Sha256> as KeyInit>::new((&*key).into()).chain_update(presented.as_bytes()).finalize();
        Self::of(&Zeroizing::new(bits.into_bytes().into()))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::OsRandom;
    use crate::os_random::Ones;

    #[test]
    fn a_nonce_is_random_and_survives_its_storage() {
        let nonce = RefreshNonce::generate(&Ones);
        assert_eq!(nonce.as_octets(), [0xff; 32]);
        assert_eq!(format!("{nonce:?}"), "RefreshNonce(…)");
        let stored = RefreshNonce::from_stored(nonce.as_octets()).unwrap();
        assert_eq!(stored.as_octets(), nonce.as_octets());
        assert!(
            RefreshNonce::from_stored(&[0; 31]).is_none() && RefreshNonce::from_stored(&[0; 33]).is_none()
        );
    }

    #[test]
    fn the_same_nonce_and_token_make_the_same_successor_and_no_others_do() {
        let (one, other) = (RefreshNonce::generate(&OsRandom), RefreshNonce::generate(&OsRandom));
        let successor = |presented, nonce| RefreshToken::successor(presented, nonce).as_str().to_owned();
        assert_eq!(successor("token", &one), successor("token", &one));
        assert_ne!(successor("token", &one), successor("token", &other));
        assert_ne!(successor("token", &one), successor("tokens", &one));
        assert_eq!(URL_SAFE_NO_PAD.decode(successor("token", &one)).unwrap().len(), 32);
    }

    /// A release must create the same successors as every other release.
    #[test]
    fn a_successor_is_the_hmac_of_the_token_under_the_nonce() {
        let mut stored = [0; RefreshNonce::OCTETS];
        stored[..4].copy_from_slice(b"Jefe");
        let nonce = RefreshNonce::from_stored(&stored).unwrap();
        let successor = RefreshToken::successor("what do ya want for nothing?", &nonce);
        let bits = URL_SAFE_NO_PAD.decode(successor.as_str()).unwrap();
        let hex: String = bits.iter().map(|it| format!("{it:02x}")).collect();
        // RFC 4231 section 4.3. Its key of four octets is equal to the key with zeros after it.
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
