//! The public keys of passkeys.

use ecdsa::signature::Verifier;
use p256::ecdsa::{Signature as EcdsaSignature, VerifyingKey as EcdsaKey};

use crate::cbor::Reader;
use crate::rsa::RsaKey;
use crate::{Algorithm, PasskeyError};

/// The most octets of a key in COSE. One for RSA with 4,096 bits has 534.
const MAX_OCTETS: usize = 600;

/// The key types of COSE (RFC 9053 section 7, RFC 8230 section 4).
mod kty {
    pub(super) const OKP: i64 = 1;
    pub(super) const EC2: i64 = 2;
    pub(super) const RSA: i64 = 3;
}

/// The curves of COSE (RFC 9053 section 7.1).
mod crv {
    pub(super) const P256: i64 = 1;
    pub(super) const ED25519: i64 = 6;
}

/// A public key that was read from COSE (WebAuthn section 6.5.1.1).
#[derive(Debug, Clone)]
pub struct PublicKey(Key);

#[derive(Debug, Clone)]
enum Key {
    Es256(EcdsaKey),
    EdDsa(ed25519_dalek::VerifyingKey),
    /// In a box, because it is many times as large as the others.
    Rs256(Box<RsaKey>),
}

impl PublicKey {
    /// Reads a COSE key, which has to be complete, and to have no optional members, as the standard requires. The point is on the curve, and
    /// not of small order. A modulus for RSA has 2,048 to 4,096 bits.
    ///
    /// # Errors
    /// [`PasskeyError::Algorithm`] for one that the service does not offer, and [`PasskeyError::PublicKey`] for a key that is malformed or
    /// weak.
    pub fn from_cose(octets: &[u8]) -> Result<Self, PasskeyError> {
        if octets.len() > MAX_OCTETS {
            return Err(PasskeyError::TooLong("the public key"));
        }
        let key = CoseKey::parse(octets).ok_or(PasskeyError::PublicKey)?;
        let number = key.alg.ok_or(PasskeyError::PublicKey)?;
        let algorithm = Algorithm::from_cose_id(number).ok_or(PasskeyError::Algorithm(number))?;
        let read = match algorithm {
            Algorithm::Es256 => key.p256().map(Key::Es256),
            Algorithm::EdDsa => key.ed25519().map(Key::EdDsa),
            Algorithm::Rs256 => key.rsa().map(|key| Key::Rs256(Box::new(key))),
        };
        read.map(Self).ok_or(PasskeyError::PublicKey)
    }

    /// The algorithm that the key verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Key::Es256(_) => Algorithm::Es256,
            Key::EdDsa(_) => Algorithm::EdDsa,
            Key::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// True if the key signed the message. The signature has the form of WebAuthn section 6.5.5: DER for ES256, octets for the others.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Key::Es256(key) => {
                EcdsaSignature::from_der(signature).is_ok_and(|it| key.verify(message, &it).is_ok())
            }
            Key::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|it| key.verify_strict(message, &it).is_ok()),
            Key::Rs256(key) => key.has_signed(message, signature),
        }
    }
}

/// The members that a key may have. The meaning of the negative ones depends on `kty`.
#[derive(Default)]
struct CoseKey<'a> {
    /// Label 1.
    kty: Option<i64>,
    /// Label 3.
    alg: Option<i64>,
    /// Label -1, as a number: `crv`.
    curve: Option<i64>,
    /// Label -1, as octets: `n`.
    modulus: Option<&'a [u8]>,
    /// Label -2: `x` or `e`.
    second: Option<&'a [u8]>,
    /// Label -3: `y`. A compressed point, which has a truth value here, is not allowed.
    third: Option<&'a [u8]>,
}

impl<'a> CoseKey<'a> {
    fn parse(octets: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(octets);
        let mut key = Self::default();
        for _ in 0..reader.map()? {
            let is_new = match reader.integer()? {
                1 => key.kty.replace(reader.integer()?).is_none(),
                3 => key.alg.replace(reader.integer()?).is_none(),
                -1 if reader.clone().integer().is_some() => key.curve.replace(reader.integer()?).is_none(),
                -1 => key.modulus.replace(reader.bytes()?).is_none(),
                -2 => key.second.replace(reader.bytes()?).is_none(),
                -3 => key.third.replace(reader.bytes()?).is_none(),
                _ => return None,
            };
            if !is_new {
                return None;
            }
        }
        reader.rest().is_empty().then_some(key)
    }

    fn p256(&self) -> Option<EcdsaKey> {
        let Self { kty: Some(kty::EC2), curve: Some(crv::P256), modulus: None, .. } = self else {
            return None;
        };
        let (x, y): ([u8; 32], [u8; 32]) = (self.second?.try_into().ok()?, self.third?.try_into().ok()?);
        // SEC 1 section 2.3.4: an uncompressed point.
        let point = [&[4][..], &x, &y].concat();
        EcdsaKey::from_sec1_bytes(&point).ok()
    }

    fn ed25519(&self) -> Option<ed25519_dalek::VerifyingKey> {
        let Self { kty: Some(kty::OKP), curve: Some(crv::ED25519), modulus: None, third: None, .. } = self
        else {
            return None;
        };
        let octets: [u8; 32] = self.second?.try_into().ok()?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&octets).ok()?;
        // The reader accepts other encodings of a point as well. RFC 8032 section 5.1.3 does not.
        let is_canonical = ed25519_dalek::VerifyingKey::from(key.to_edwards()).to_bytes() == octets;
        (is_canonical && !key.is_weak()).then_some(key)
    }

    fn rsa(&self) -> Option<RsaKey> {
        let Self { kty: Some(kty::RSA), curve: None, third: None, .. } = self else {
            return None;
        };
        RsaKey::new(self.modulus?, self.second?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 8037 appendix A.2.
    const ED25519_X: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    /// RFC 6979 appendix A.2.5.
    const P256_X: &str = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
    const P256_Y: &str = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..][..2], 16).unwrap()).collect()
    }

    fn read(text: &str) -> Result<Algorithm, PasskeyError> {
        PublicKey::from_cose(&hex(text)).map(|key| key.algorithm())
    }

    fn rsa(modulus: &str, exponent: &str) -> String {
        format!("a401030339010020{modulus}21{exponent}")
    }

    fn modulus(octets: usize, first: &str, last: &str) -> String {
        format!("59{octets:04x}{first}{}{last}", "ab".repeat(octets - 2))
    }

    #[test]
    fn complete_keys_are_read() {
        assert_eq!(read(&format!("a5010203262001215820{P256_X}225820{P256_Y}")), Ok(Algorithm::Es256));
        assert_eq!(read(&format!("a4010103272006215820{ED25519_X}")), Ok(Algorithm::EdDsa));
        for octets in [256, 384, 512] {
            assert_eq!(
                read(&rsa(&modulus(octets, "80", "01"), "43010001")),
                Ok(Algorithm::Rs256),
                "{octets}"
            );
        }
        // 3,482 bits, as in the test vectors of the standard.
        assert_eq!(read(&rsa(&modulus(436, "03", "01"), "43010001")), Ok(Algorithm::Rs256));
        // The members in another order.
        assert_eq!(read(&format!("a4215820{ED25519_X}200603270101")), Ok(Algorithm::EdDsa));
    }

    #[test]
    fn other_algorithms_are_named() {
        assert_eq!(
            read(&format!("a50102033822200121 5820{P256_X}225820{P256_Y}").replace(' ', "")),
            Err(PasskeyError::Algorithm(-35))
        );
        assert_eq!(
            read(&format!("a4010103383420062158 20{ED25519_X}").replace(' ', "")),
            Err(PasskeyError::Algorithm(-53))
        );
        assert_eq!(read("a20102033a0000fffe"), Err(PasskeyError::Algorithm(-65535)));
    }

    #[test]
    fn keys_of_another_type_curve_or_length_are_refused() {
        for key in [
            // ES256 with the type of Ed25519, another curve, a modulus, no y, a y that is a truth value, short, and off the curve.
            format!("a5010103262001215820{P256_X}225820{P256_Y}"),
            format!("a5010203262002215820{P256_X}225820{P256_Y}"),
            format!("a601020326200120410121 5820{P256_X}225820{P256_Y}").replace(' ', ""),
            format!("a4010203262001215820{P256_X}"),
            format!("a5010203262001215820{P256_X}22f5"),
            format!("a501020326200121581f{}225820{P256_Y}", &P256_X[2..]),
            format!("a5010203262001215820{P256_Y}225820{P256_X}"),
            format!("a5010203262001215820{}225820{}", "00".repeat(32), "00".repeat(32)),
            format!("a5010203262001215820{}225820{}", "ff".repeat(32), "ff".repeat(32)),
            // EdDSA on P-256, with a y, of small order, and one plus the prime.
            format!("a4010203272001215820{ED25519_X}"),
            format!("a5010103272006215820{ED25519_X}2240"),
            format!("a401010327200621582001{}", "00".repeat(31)),
            format!("a4010103272006215820ee{}7f", "ff".repeat(30)),
            // Without an algorithm, without a type, a member twice, another member, and something that follows.
            format!("a301012006215820{ED25519_X}"),
            format!("a303272006215820{ED25519_X}"),
            format!("a50101010103272006215820{ED25519_X}"),
            format!("a5010102410003272006215820{ED25519_X}"),
            format!("a4010103272006215820{ED25519_X}00"),
            "a0".to_owned(),
            "80".to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&key), Err(PasskeyError::PublicKey), "{key}");
        }
    }

    #[test]
    fn weak_keys_for_rsa_are_refused() {
        let good = modulus(256, "80", "01");
        for key in [
            rsa(&modulus(255, "ff", "01"), "43010001"),
            rsa(&modulus(256, "7f", "01"), "43010001"),
            rsa(&modulus(257, "00", "01"), "43010001"),
            rsa(&modulus(256, "80", "02"), "43010001"),
            rsa(&modulus(513, "80", "01"), "43010001"),
            // The exponents 3, 65536, one with a zero in front, one of five octets, and none.
            rsa(&good, "4103"),
            rsa(&good, "43010000"),
            rsa(&good, "4400010001"),
            rsa(&good, "450100000001"),
            rsa(&good, "40"),
        ] {
            assert_eq!(read(&key), Err(PasskeyError::PublicKey), "{key}");
        }
        assert_eq!(
            read(&rsa(&modulus(600, "80", "01"), "43010001")),
            Err(PasskeyError::TooLong("the public key"))
        );
    }

    /// RFC 8032 section 7.1, test 2, and RFC 6979 appendix A.2.5.
    #[test]
    fn signatures_of_the_rfcs_verify() {
        let key = PublicKey::from_cose(&hex(&format!(
            "a4010103272006215820{}",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        )))
        .unwrap();
        let signature = hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert!(key.has_signed(b"\x72", &signature) && !key.has_signed(b"\x73", &signature));

        let key = PublicKey::from_cose(&hex(&format!("a5010203262001215820{P256_X}225820{P256_Y}"))).unwrap();
        let signature = hex(
            "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        );
        assert!(key.has_signed(b"sample", &signature) && !key.has_signed(b"simple", &signature));
        // The same numbers without DER, and cut off.
        assert!(!key.has_signed(b"sample", &hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")));
        assert!(!key.has_signed(b"sample", &signature[..signature.len() - 1]));
        assert!(!key.has_signed(b"sample", &[&signature[..], &[0]].concat()));
        assert!(!key.has_signed(b"sample", &hex("3006020100020100")), "zeros");
    }

    proptest! {
        #[test]
        fn any_octets_are_a_key_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = PublicKey::from_cose(&octets);
        }

        #[test]
        fn any_octets_are_no_signature(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let keys = [
                format!("a5010203262001215820{P256_X}225820{P256_Y}"),
                format!("a4010103272006215820{ED25519_X}"),
                rsa(&modulus(256, "80", "01"), "43010001"),
            ];
            for key in keys {
                prop_assert!(!PublicKey::from_cose(&hex(&key)).unwrap().has_signed(b"message", &octets));
            }
        }
    }
}
