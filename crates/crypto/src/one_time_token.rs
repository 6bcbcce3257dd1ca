//! The tokens in links of e-mails.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use users_core::Random;
use zeroize::Zeroizing;

/// The token in a link of an e-mail: 256 random bits in base64url without padding, 43 characters.
///
/// The database stores only its SHA-256. Nobody can guess the token, so it needs no slow hash (NIST SP 800-63B section 3.1.3.2).
pub struct OneTimeToken(Zeroizing<String>);

impl OneTimeToken {
    /// Generates a token.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bits = Zeroizing::new([0; 32]);
        random.fill(bits.as_mut());
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bits.as_ref())))
    }

    /// The text for the link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash to store.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Self::hash_of(&self.0)
    }

    /// The hash of a text that a client presents as a token, to look it up.
    #[must_use]
    pub fn hash_of(presented: &str) -> [u8; 32] {
        Sha256::digest(presented.as_bytes()).into()
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeToken(…)")
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
        assert_eq!(format!("{token:?}"), "OneTimeToken(…)");
    }

    /// One program stores the hash, and another one looks it up.
    #[test]
    fn the_hash_is_the_sha_256_of_the_text() {
        let hash: String = OneTimeToken::hash_of("abc").iter().map(|it| format!("{it:02x}")).collect();
        // FIPS 180-2, appendix B.1.
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
