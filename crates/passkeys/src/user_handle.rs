//! The name of an account towards authenticators.

use std::fmt;

use users_core::Random;

/// The name of an account towards authenticators (`user.id`, WebAuthn section 5.4.3). It is random, because anybody who holds an
/// authenticator can read it: it tells neither the address nor the id of the account (section 14.6.1). An account has the same one for
/// all its passkeys.
#[derive(Clone, PartialEq, Eq)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    /// The length of a generated handle, in octets.
    pub const OCTETS: usize = 32;
    /// The most octets, by WebAuthn section 5.4.3.
    const MAX_OCTETS: usize = 64;

    /// Generates a handle of [`Self::OCTETS`].
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut octets = vec![0; Self::OCTETS];
        random.fill(&mut octets);
        Self(octets)
    }

    /// Reads a handle that was stored, or that an authenticator returned. `None` unless it has 1 to 64 octets.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        (1..=Self::MAX_OCTETS).contains(&octets.len()).then(|| Self(octets.to_vec()))
    }

    /// The octets, to be stored.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// Does not show the handle.
impl fmt::Debug for UserHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserHandle(…)")
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
    fn a_handle_is_random_and_has_at_most_64_octets() {
        let handle = UserHandle::generate(&Ones);
        assert_eq!(handle.octets(), [0xff; 32]);
        assert_eq!(UserHandle::from_octets(handle.octets()), Some(handle.clone()));
        assert_eq!(UserHandle::from_octets(&[]), None);
        assert_eq!(UserHandle::from_octets(&[1; 65]), None);
        assert_eq!(format!("{handle:?}"), "UserHandle(…)");
    }
}
