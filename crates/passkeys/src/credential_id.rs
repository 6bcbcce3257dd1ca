//! The name of a passkey towards authenticators.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The name that an authenticator gave a passkey (WebAuthn section 4, *credential ID*). It is public, and unique among all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// The most octets, by WebAuthn section 7.1.
    pub const MAX_OCTETS: usize = 1023;

    /// `None` unless it has 1 to [`Self::MAX_OCTETS`] octets.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        (1..=Self::MAX_OCTETS).contains(&octets.len()).then(|| Self(octets.to_vec()))
    }

    /// The octets, to be stored and looked up.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// The octets in base64url without padding, as the JSON of browsers has them.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_at_most_1023_octets() {
        for octets in [1, 16, 1023] {
            assert_eq!(CredentialId::from_octets(&vec![7; octets]).unwrap().octets().len(), octets);
        }
        for octets in [0, 1024] {
            assert_eq!(CredentialId::from_octets(&vec![7; octets]), None);
        }
        assert_eq!(CredentialId::from_octets(&[0xfb, 0xff]).unwrap().to_base64url(), "-_8");
    }
}
