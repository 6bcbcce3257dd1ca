//! RSA signatures: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2), verification only.
//!
//! The integers are those of `crypto-bigint`, which P-256 uses as well. The crate `rsa` would bring its readers of keys along.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U64, U4096};
use sha2::{Digest, Sha256};

/// The octets of the largest modulus.
const MAX_OCTETS: usize = 512;
/// The octets of the smallest modulus (NIST SP 800-131A revision 2, section 3).
const MIN_OCTETS: usize = 256;
/// FIPS 186-5 section 5.1: exponents are odd, and larger than this number.
const TOO_SMALL_EXPONENT: u32 = 1 << 16;

/// The `DigestInfo` of SHA-256 in DER, without the digest (RFC 8017 section 9.2, note 1).
const SHA_256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// A public key with a modulus of 2,048 to 4,096 bits.
#[derive(Debug, Clone)]
pub(crate) struct RsaKey {
    modulus: Odd<U4096>,
    /// The octets of the modulus, and therefore of a signature.
    octets: usize,
    exponent: u32,
}

impl RsaKey {
    /// Reads the two numbers, which are big-endian without zeros in front (RFC 8230 section 4). `None` if they are too small or too large,
    /// or even.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let has_enough_bits = match modulus {
            [first, rest @ ..] if rest.len() >= MIN_OCTETS => *first != 0,
            [first, ..] => modulus.len() == MIN_OCTETS && *first >= 0x80,
            [] => false,
        };
        if !has_enough_bits || modulus.len() > MAX_OCTETS {
            return None;
        }
        let exponent = small(exponent).filter(|it| it % 2 == 1 && *it > TOO_SMALL_EXPONENT)?;
        let octets = modulus.len();
        Odd::new(number(modulus)?).into_option().map(|modulus| Self { modulus, octets, exponent })
    }

    /// RFC 8017 section 8.2.2. The expected encoding is made and compared, rather than the presented one read: there is one valid encoding
    /// of a message, so nothing can hide in it.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.octets {
            return false;
        }
        let (Some(signature), Some(expected)) = (number(signature), number(&self.encoded(message))) else {
            return false;
        };
        signature < *self.modulus.as_ref() && self.encrypted(&signature) == expected
    }

    /// The signature to the power of the exponent.
    fn encrypted(&self, signature: &U4096) -> U4096 {
        let parameters = FixedMontyParams::new_vartime(self.modulus);
        let signature = FixedMontyForm::new(signature, &parameters);
        signature.pow_vartime(&U64::from_u32(self.exponent)).retrieve()
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): 00 01 ff … ff 00, the prefix and the digest.
    fn encoded(&self, message: &[u8]) -> Vec<u8> {
        let digest = Sha256::digest(message);
        let padding = self.octets.saturating_sub(3 + SHA_256_PREFIX.len() + digest.len());
        [&[0x00, 0x01][..], &vec![0xff; padding], &[0x00], &SHA_256_PREFIX, &digest].concat()
    }
}

/// A big-endian number of at most 512 octets.
fn number(octets: &[u8]) -> Option<U4096> {
    let mut padded = [0; MAX_OCTETS];
    let (_, end) = padded.split_at_mut_checked(MAX_OCTETS.checked_sub(octets.len())?)?;
    end.copy_from_slice(octets);
    Some(U4096::from_be_slice(&padded))
}

/// A big-endian number of at most four octets, without zeros in front.
fn small(octets: &[u8]) -> Option<u32> {
    let is_short = octets.len() <= 4 && octets.first().is_some_and(|first| *first != 0);
    is_short.then(|| octets.iter().fold(0, |number, octet| number << 8 | u32::from(*octet)))
}
