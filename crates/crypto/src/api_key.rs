//! API keys: the secrets by which programs act as an account.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use users_core::Random;
use zeroize::Zeroizing;

/// An API key: `uk_` and 43 characters of base64url without padding. They are 224 random bits, and a checksum of 32 bits.
///
/// The checksum is the first four octets of the SHA-256 of `uk_` and the random octets. A mistyped key is therefore recognised without the
/// database, and a program that looks for leaked keys recognises a real one (docs/SECURITY.md).
///
/// The database stores only the SHA-256 of the whole text (RFC 6819 section 5.1.4.1.3). Nobody can guess a key, so it needs no slow hash
/// (NIST SP 800-63B section 3.1.3.2).
pub struct ApiKeySecret(Zeroizing<String>);

impl ApiKeySecret {
    /// The beginning of every key. No access token and no refresh token begins like this.
    pub const PREFIX: &'static str = "uk_";
    /// The length of a key, in characters.
    pub const CHARACTERS: usize = 46;
    /// The random octets.
    const RANDOM: usize = 28;
    /// The octets of the random part and the checksum.
    const OCTETS: usize = Self::RANDOM + 4;

    /// Generates a key.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut drawn = Zeroizing::new([0; Self::RANDOM]);
        random.fill(drawn.as_mut());
        let mut octets = Zeroizing::new(Vec::with_capacity(Self::OCTETS));
        octets.extend_from_slice(drawn.as_ref());
        octets.extend(checksum(drawn.as_ref()));
        let mut text = Zeroizing::new(String::with_capacity(Self::CHARACTERS));
        text.push_str(Self::PREFIX);
        URL_SAFE_NO_PAD.encode_string(octets.as_slice(), &mut text);
        Self(text)
    }

    /// The text for the owner.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash to store.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Returns true if a text begins as a key does, whether or not it is one.
    #[must_use]
    pub fn is_meant_by(presented: &str) -> bool {
        presented.starts_with(Self::PREFIX)
    }

    /// The hash of a key that a client presents, to look it up. `None` if the text has another form or its checksum is wrong: then no key has
    /// ever been this text.
    #[must_use]
    pub fn hash_of(presented: &str) -> Option<[u8; 32]> {
        let encoded = presented.strip_prefix(Self::PREFIX)?;
        // Refuses any other alphabet, padding, and unused bits that are not zero: a key has one spelling.
        let octets = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (drawn, sum) = octets.split_at_checked(Self::RANDOM)?;
        (sum == checksum(drawn)).then(|| Sha256::digest(presented.as_bytes()).into())
    }
}

/// Does not show the key.
impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeySecret(…)")
    }
}

fn checksum(drawn: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] =
        Sha256::new_with_prefix(ApiKeySecret::PREFIX).chain_update(drawn).finalize().into();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;
    use crate::os_random::Ones;

    #[test]
    fn a_key_is_random_and_only_its_hash_is_stored() {
        let key = ApiKeySecret::generate(&OsRandom);
        assert_eq!(key.as_str().len(), ApiKeySecret::CHARACTERS);
        assert!(ApiKeySecret::is_meant_by(key.as_str()));
        assert_ne!(key.as_str(), ApiKeySecret::generate(&OsRandom).as_str());
        assert_eq!(ApiKeySecret::hash_of(key.as_str()), Some(key.hash()));
        assert_eq!(format!("{key:?}"), "ApiKeySecret(…)");
    }

    /// Programs that look for leaked keys compute the checksum by themselves, so its rule never changes.
    #[test]
    fn the_checksum_is_the_beginning_of_the_sha_256_of_prefix_and_random_part() {
        let key = ApiKeySecret::generate(&Ones);
        let octets = URL_SAFE_NO_PAD.decode(&key.as_str()[3..]).unwrap();
        assert_eq!(octets[..28], [0xff; 28]);
        assert_eq!(octets[28..], Sha256::digest([b"uk_".as_slice(), &[0xff; 28]].concat())[..4]);
    }

    #[test]
    fn every_mistyped_character_is_noticed() {
        let key = ApiKeySecret::generate(&OsRandom);
        for place in 0..ApiKeySecret::CHARACTERS {
            for other in [b'A', b'z', b'7', b'_'] {
                let mut typed = key.as_str().as_bytes().to_vec();
                if typed[place] == other {
                    continue;
                }
                typed[place] = other;
                let typed = String::from_utf8(typed).unwrap();
                assert_eq!(ApiKeySecret::hash_of(&typed), None, "{typed}");
            }
        }
    }

    #[test]
    fn a_key_has_one_spelling() {
        let key = ApiKeySecret::generate(&Ones);
        let key = key.as_str();
        let last = key.chars().last().unwrap();
        // The last character has four bits of the key; a lenient decoder would ignore the other two.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let place = alphabet.find(last).unwrap();
        assert_eq!(place % 4, 0);
        let lenient = format!("{}{}", &key[..45], &alphabet[place + 1..place + 2]);
        for wrong in [
            lenient,
            format!("{key}="),
            format!("{key}A"),
            format!(" {key}"),
            key[..45].to_owned(),
            key[3..].to_owned(),
            key.replace("uk_", "UK_"),
            key.replace("uk_", "uk-"),
            "uk_".to_owned(),
            String::new(),
        ] {
            assert_eq!(ApiKeySecret::hash_of(&wrong), None, "{wrong}");
        }
    }
}
