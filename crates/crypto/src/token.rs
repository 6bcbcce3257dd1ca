//! Random tokens: one-time tokens in links, challenges of logins, and refresh tokens.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use users_core::Random;
use zeroize::Zeroizing;

/// A token of 256 random bits in base64url without padding, 43 characters. `U` is its use: tokens of two uses are two types.
///
/// The database stores only its SHA-256 (RFC 6819 section 5.1.4.1.3). Nobody can guess the token, so it needs no slow hash (NIST SP 800-63B
/// section 3.1.3.2).
pub struct Token<U> {
    text: Zeroizing<String>,
    of: PhantomData<U>,
}

/// The token in a link of an e-mail.
pub type OneTimeToken = Token<OneTime>;

/// The use of a [`OneTimeToken`].
#[derive(Debug)]
pub enum OneTime {}

/// The token that names a login whose password was right, and which waits for the second factor.
pub type LoginChallenge = Token<Login>;

/// The use of a [`LoginChallenge`].
#[derive(Debug)]
pub enum Login {}

impl<U> Token<U> {
    /// Generates a token.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bits = Zeroizing::new([0; 32]);
        random.fill(bits.as_mut());
        Self::of(&bits)
    }

    pub(crate) fn of(bits: &[u8; 32]) -> Self {
        Self { text: Zeroizing::new(URL_SAFE_NO_PAD.encode(bits)), of: PhantomData }
    }

    /// The text for its holder.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The hash to store.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Self::hash_of(&self.text)
    }

    /// The hash of a text that a client presents as a token, to look it up.
    #[must_use]
    pub fn hash_of(presented: &str) -> [u8; 32] {
        Sha256::digest(presented.as_bytes()).into()
    }
}

/// Does not show the token.
impl<U> fmt::Debug for Token<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;
    use crate::os_random::Ones;

    #[test]
    fn a_token_has_256_random_bits_and_its_text_is_hashed() {
        let token = OneTimeToken::generate(&Ones);
        assert_eq!(URL_SAFE_NO_PAD.decode(token.as_str()).unwrap(), [0xff; 32]);
        assert_eq!(token.hash(), OneTimeToken::hash_of(token.as_str()));
        assert_ne!(token.as_str(), OneTimeToken::generate(&OsRandom).as_str());
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    /// One program or release stores the hash, and another one looks it up.
    #[test]
    fn the_hash_is_the_sha_256_of_the_text() {
        let hash: String = OneTimeToken::hash_of("abc").iter().map(|it| format!("{it:02x}")).collect();
        // FIPS 180-2, appendix B.1.
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
