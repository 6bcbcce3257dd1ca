//! The keys of passkeys.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Encoding, Odd, U4096};
use ecdsa::signature::Signer;
use sha2::{Digest, Sha256};

use crate::cbor::{bytes, integer, map};
use crate::rsa_keys::{KEYS, RsaNumbers};

/// An algorithm that the authenticator has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The number in the registry of COSE.
    #[must_use]
    pub const fn cose_id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// A key pair.
pub(crate) enum Key {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
    Rs256(&'static RsaNumbers),
}

impl Key {
    /// Makes a key of 32 random octets. A key for RSA is one of a few that are ready: two keys after another differ.
    ///
    /// # Panics
    /// There is no key for RSA with so many bits.
    pub(crate) fn new(algorithm: Algorithm, seed: &[u8; 32], rsa_bits: u16, number: usize) -> Self {
        match algorithm {
            Algorithm::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(seed);
                Self::Es256(key.expect("a hash is below the order of P-256"))
            }
            Algorithm::EdDsa => Self::EdDsa(ed25519_dalek::SigningKey::from_bytes(seed)),
            Algorithm::Rs256 => {
                let fitting: Vec<&RsaNumbers> = KEYS.iter().filter(|key| key.bits == rsa_bits).collect();
                assert!(!fitting.is_empty(), "the authenticator has no RSA key of {rsa_bits} bits");
                Self::Rs256(fitting[number % fitting.len()])
            }
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// The public key in COSE (RFC 9053 section 7, RFC 8230 section 4).
    pub(crate) fn cose(&self) -> Vec<u8> {
        let alg = (integer(3), integer(self.algorithm().cose_id()));
        match self {
            Self::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                map(&[
                    (integer(1), integer(2)),
                    alg,
                    (integer(-1), integer(1)),
                    (integer(-2), bytes(x)),
                    (integer(-3), bytes(y)),
                ])
            }
            Self::EdDsa(key) => map(&[
                (integer(1), integer(1)),
                alg,
                (integer(-1), integer(6)),
                (integer(-2), bytes(key.verifying_key().as_bytes())),
            ]),
            Self::Rs256(numbers) => map(&[
                (integer(1), integer(3)),
                alg,
                (integer(-1), bytes(&from_hex(numbers.modulus))),
                (integer(-2), bytes(&[1, 0, 1])),
            ]),
        }
    }

    /// The signature in the form of WebAuthn section 6.5.5.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
            Self::Rs256(numbers) => sign_rsa(numbers, message),
        }
    }
}

/// RFC 8017 sections 8.2.1 and 9.2.
fn sign_rsa(numbers: &RsaNumbers, message: &[u8]) -> Vec<u8> {
    const PREFIX: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
    let octets = usize::from(numbers.bits / 8);
    let digest = Sha256::digest(message);
    let padding = vec![0xff; octets - 3 - PREFIX.len() - digest.len()];
    let encoded = [&[0, 1][..], &padding, &[0], PREFIX, &digest].concat();

    let modulus = Odd::new(number(&from_hex(numbers.modulus))).expect("the modulus is odd");
    let parameters = FixedMontyParams::new_vartime(modulus);
    let exponent = number(&from_hex(numbers.private_exponent));
    let signature = FixedMontyForm::new(&number(&encoded), &parameters).pow_vartime(&exponent).retrieve();
    let signature = Encoding::to_be_bytes(&signature);
    let signature = signature.as_ref();
    signature[signature.len() - octets..].to_vec()
}

fn number(octets: &[u8]) -> U4096 {
    let mut padded = [0; 512];
    padded[512 - octets.len()..].copy_from_slice(octets);
    U4096::from_be_slice(&padded)
}

fn from_hex(text: &str) -> Vec<u8> {
    let octet =
        |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("the key is in hexadecimal");
    (0..text.len() / 2).map(octet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_seed_are_the_same_and_of_another_seed_others() {
        for algorithm in Algorithm::ALL {
            let key = |seed, number| Key::new(algorithm, &[seed; 32], 2048, number).cose();
            assert_eq!(key(1, 0), key(1, 0), "{algorithm:?}");
            assert_ne!(key(1, 0), key(2, 1), "{algorithm:?}");
        }
    }

    /// A signature to the power of 65,537 is the encoded message again.
    #[test]
    fn the_rsa_keys_are_pairs() {
        for numbers in &KEYS {
            let signature = sign_rsa(numbers, b"message");
            let modulus = Odd::new(number(&from_hex(numbers.modulus))).unwrap();
            let signature = FixedMontyForm::new(&number(&signature), &FixedMontyParams::new_vartime(modulus));
            let encoded = signature.pow_vartime(&U4096::from_u32(65_537)).retrieve();
            let encoded = Encoding::to_be_bytes(&encoded);
            assert!(encoded.as_ref().ends_with(&Sha256::digest(b"message")), "{}", numbers.bits);
        }
    }
}
