//! The algorithms of passkeys.

/// An algorithm that a passkey may sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 9053 section 2.1). Nearly all authenticators have it.
    Es256,
    /// EdDSA, with Ed25519 only (RFC 9053 section 2.2; WebAuthn section 5.8.5).
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 section 2). The TPMs of Windows Hello have no other.
    Rs256,
}

impl Algorithm {
    /// All of them, in the order in which the service offers them.
    pub const OFFERED: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The number in the registry of COSE.
    #[must_use]
    pub const fn cose_id(self) -> i32 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// The algorithm of a number in the registry of COSE. `None` if the service does not offer it.
    #[must_use]
    pub fn from_cose_id(id: i64) -> Option<Self> {
        Self::OFFERED.into_iter().find(|it| i64::from(it.cose_id()) == id)
    }

    /// The name in the registry of COSE.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_is_found_by_its_number() {
        for algorithm in Algorithm::OFFERED {
            assert_eq!(Algorithm::from_cose_id(algorithm.cose_id().into()), Some(algorithm));
        }
        // ES384, Ed448 and RS1.
        for other in [-35, -53, -65535, 0, i64::MIN] {
            assert_eq!(Algorithm::from_cose_id(other), None, "{other}");
        }
    }
}
