//! Public keys of Ed25519.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};

/// A key that verifies access tokens (RFC 8032, RFC 8037). It holds the point as coordinates, which cost a square root to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The length in octets.
    pub const OCTETS: usize = 32;
    /// The length of a [`Self::kid`], in characters.
    pub const KID_CHARACTERS: usize = 43;

    /// Reads the encoding of RFC 8032 section 5.1.2. Returns `None` if it is not the canonical encoding of a point, or if the point is
    /// of small order: then some signatures would verify for every message.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        let octets: [u8; Self::OCTETS] = octets.try_into().ok()?;
        let point = VerifyingKey::from_bytes(&octets).ok()?;
        (is_canonical(&octets) && !point.is_weak()).then_some(Self(point))
    }

    /// Reads the octets in base64 (RFC 4648 section 4), as Postgres writes them. See [`Self::from_octets`].
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_octets(&STANDARD.decode(text).ok()?)
    }

    /// True if the text is these octets in base64. This costs less than [`Self::from_base64`].
    #[must_use]
    pub fn is_base64(&self, text: &str) -> bool {
        STANDARD.decode(text).is_ok_and(|octets| octets == self.0.as_bytes())
    }

    pub(crate) fn of(key: &VerifyingKey) -> Self {
        Self(*key)
    }

    /// True if the key signed the message. The verification is strict, so that nobody but the signer can make a second signature of the
    /// same message: R and S have their canonical encodings, and neither R nor the key is of small order (RFC 8032 sections 5.1.7 and 8.4).
    ///
    /// `VerifyingKey::verify_strict` accepts the same signatures, but decompresses R, which costs a square root. `verify` compares R with
    /// the encoding of the point that it computes, so R is canonical, and a point of small order has one of few encodings.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| {
            !SMALL_ORDER.contains(signature.r_bytes()) && self.0.verify(message, &signature).is_ok()
        })
    }

    /// The encoding of RFC 8032 section 5.1.2.
    #[must_use]
    pub fn octets(&self) -> [u8; Self::OCTETS] {
        self.0.to_bytes()
    }

    /// The thumbprint of the key as a JWK (RFC 7638, RFC 8037 section 2), which names the key in the header of a token.
    #[must_use]
    pub fn kid(&self) -> String {
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x());
        URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
    }

    /// The member `x` of the key as a JWK: base64url of the octets (RFC 8037 section 2).
    #[must_use]
    pub fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_bytes())
    }

    /// True if a text may be a [`Self::kid`]: 43 characters of base64url.
    #[must_use]
    pub fn may_be_kid(text: &str) -> bool {
        text.len() == Self::KID_CHARACTERS
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
    }
}

/// The canonical encodings of the eight points of small order.
#[rustfmt::skip]
const SMALL_ORDER: [[u8; PublicKey::OCTETS]; 8] = [
    [
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x85,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0xfa,
    ],
];

/// True if the coordinate is below the prime 2^255 - 19. The highest bit is the sign of the other coordinate. A coordinate whose other one
/// is zero has no sign; these points are of small order, and refused as such.
fn is_canonical(octets: &[u8; PublicKey::OCTETS]) -> bool {
    let [lowest, between @ .., highest] = octets;
    *lowest < 0xed || *highest & 0x7f != 0x7f || between.iter().any(|it| *it != 0xff)
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;

    use super::*;

    /// RFC 8037, appendix A.2.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn key() -> PublicKey {
        PublicKey::from_octets(&URL_SAFE_NO_PAD.decode(X).unwrap()).unwrap()
    }

    #[test]
    fn a_key_is_named_by_the_thumbprint_of_rfc_8037() {
        assert_eq!(key().x(), X);
        // Appendix A.3.
        assert_eq!(key().kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert!(PublicKey::may_be_kid(&key().kid()));
        for other in ["", "../../etc/passwd", "https://example.com/keys", "' OR 1=1--", &"A".repeat(44)] {
            assert!(!PublicKey::may_be_kid(other), "{other}");
        }
    }

    #[test]
    fn base64_is_read_and_compared() {
        let text = STANDARD.encode(key().octets());
        assert_eq!(PublicKey::from_base64(&text), Some(key()));
        assert!(key().is_base64(&text));
        assert!(!key().is_base64("") && !key().is_base64(&STANDARD.encode([7; 32])));
        assert_eq!(PublicKey::from_base64("?"), None);
    }

    #[test]
    fn the_encodings_of_small_order_are_those_of_all_eight_points() {
        let mut points = EIGHT_TORSION.map(|point| point.compress().to_bytes());
        let mut ours = SMALL_ORDER;
        points.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, points);
    }

    #[test]
    fn points_of_small_order_and_other_encodings_are_no_keys() {
        let encodings = [
            // The eight points of small order, as far as their encodings are canonical.
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            // Zero and one plus the prime, three plus the prime (which is no small order), and a number that is no coordinate.
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0200000000000000000000000000000000000000000000000000000000000000",
        ];
        for encoding in encodings {
            let octets: Vec<u8> =
                (0..32).map(|at| u8::from_str_radix(&encoding[2 * at..][..2], 16).unwrap()).collect();
            assert_eq!(PublicKey::from_octets(&octets), None, "{encoding}");
        }
        assert_eq!(PublicKey::from_octets(&[0; 31]), None);
        assert_eq!(PublicKey::from_octets(&[]), None);
    }
}
