//! The challenge of a ceremony.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use users_core::Random;

use crate::Octets;

/// The random octets that an authenticator has to sign, so that nobody can use an answer a second time (WebAuthn section 13.4.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(Vec<u8>);

impl Challenge {
    /// The length of a generated challenge, in octets.
    pub const OCTETS: usize = 32;
    /// The fewest octets, by WebAuthn section 13.4.3.
    const MIN_OCTETS: usize = 16;
    /// The most octets of a challenge that somebody else made.
    const MAX_OCTETS: usize = 256;

    /// Generates a challenge of [`Self::OCTETS`].
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut octets = vec![0; Self::OCTETS];
        random.fill(&mut octets);
        Self(octets)
    }

    /// Reads a challenge that was stored. `None` unless it has 16 to 256 octets.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        (Self::MIN_OCTETS..=Self::MAX_OCTETS).contains(&octets.len()).then(|| Self(octets.to_vec()))
    }

    /// The octets, to be stored.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// True if a client data has this challenge. The comparison takes the same time for all challenges of one length.
    pub(crate) fn is(&self, presented: &str) -> bool {
        self.to_base64url().as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// Reads a challenge in base64url without padding. `None` unless it has 16 to 64 octets.
    #[must_use]
    pub fn from_base64url(text: &str) -> Option<Self> {
        Self::from_octets(&URL_SAFE_NO_PAD.decode(text).ok()?)
    }

    /// The octets in base64url without padding, as the JSON of browsers has them.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    pub(crate) fn to_json(&self) -> Octets {
        self.0.as_slice().into()
    }
}

/// Does not show the challenge.
impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }

    #[test]
    fn a_challenge_has_256_random_bits() {
        let challenge = Challenge::generate(&Ones);
        assert_eq!(challenge.octets(), [0xff; 32]);
        assert_eq!(Challenge::from_octets(challenge.octets()), Some(challenge.clone()));
        assert_eq!(format!("{challenge:?}"), "Challenge(…)");
    }

    #[test]
    fn a_challenge_is_the_one_with_the_same_text() {
        let challenge = Challenge::generate(&Ones);
        let text = URL_SAFE_NO_PAD.encode([0xff; 32]);
        assert!(challenge.is(&text));
        assert_eq!(challenge.to_base64url(), text);
        assert_eq!(Challenge::from_base64url(&text), Some(challenge.clone()));
        for other in ["", &format!("{text}="), &text[1..], &URL_SAFE_NO_PAD.encode([0xfe; 32])] {
            assert!(!challenge.is(other), "{other}");
        }
    }

    #[test]
    fn a_short_or_long_text_is_no_challenge() {
        for octets in [0, 15, 257] {
            assert_eq!(Challenge::from_octets(&vec![1; octets]), None);
        }
        assert_eq!(Challenge::from_base64url("?"), None);
    }
}
