//! EdDSA with Ed25519 (RFC 8037) and HS256 (RFC 7518 section 3.2), the only signature algorithms of the service, as a provider for
//! `jsonwebtoken`.
//!
//! The providers that come with `jsonwebtoken` also contain RSA and ECDSA. Without them a component is smaller, and the header of a
//! token cannot select another algorithm. A key is for one algorithm: neither signs with a key of the other one. EdDSA only signs here:
//! `jsonwebtoken` would have the public key decompressed for every token (see [`PublicKey::has_signed`](crate::PublicKey::has_signed)).

use ed25519_dalek::{SecretKey, Signature, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use sha2::Sha256;
use signature::{Signer, Verifier};
use zeroize::Zeroizing;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes these the only algorithms of `jsonwebtoken` in the process. A second call has no effect.
pub(crate) fn install() {
    // An error means that a provider is already installed. Only this function installs one.
    let _ = PROVIDER.install_default();
}

/// HMAC with SHA-256.
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(secret: &[u8]) -> Result<Self, Error> {
        Hmac::new_from_slice(secret).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        // `verify_slice` compares in constant time, and refuses a signature of another length.
        self.0.clone().chain_update(message).verify_slice(signature).map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

/// A private key of Ed25519. It is zeroized when it is dropped.
struct Ed25519Signer(SigningKey);

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(Signer::<Signature>::try_sign(&self.0, message)?.to_bytes().to_vec())
    }
}

impl JwtSigner for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Ok(match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Box::new(Hs256::new(key.as_bytes())?),
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => {
            let seed: Zeroizing<SecretKey> =
                Zeroizing::new(key.as_bytes().try_into().map_err(|_| ErrorKind::InvalidKeyFormat)?);
            Box::new(Ed25519Signer(SigningKey::from_bytes(&seed)))
        }
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    })
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    Ok(match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Box::new(Hs256::new(key.try_get_as_bytes()?)?),
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use curve25519_dalek::Scalar;
    use sha2::{Digest, Sha512};

    use super::*;
    use crate::PublicKey;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
    /// The key of RFC 8037, appendix A.1.
    const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn octets(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn no_other_algorithm_signs_or_verifies() {
        let (secret, seed) =
            (EncodingKey::from_secret(KEY).unwrap(), EncodingKey::from_ed_der(&octets(SEED)));
        let (shared, public) =
            (DecodingKey::from_secret(KEY).unwrap(), DecodingKey::from_ed_der(&octets(PUBLIC)));
        for algorithm in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::ES256] {
            assert!(signer(&algorithm, &secret).is_err() && signer(&algorithm, &seed).is_err());
            assert!(verifier(&algorithm, &shared).is_err() && verifier(&algorithm, &public).is_err());
        }
    }

    #[test]
    fn a_key_is_for_its_own_algorithm_only() {
        let (secret, seed) =
            (EncodingKey::from_secret(KEY).unwrap(), EncodingKey::from_ed_der(&octets(SEED)));
        let (shared, public) =
            (DecodingKey::from_secret(KEY).unwrap(), DecodingKey::from_ed_der(&octets(PUBLIC)));
        assert!(signer(&Algorithm::EdDSA, &secret).is_err() && signer(&Algorithm::HS256, &seed).is_err());
        assert!(verifier(&Algorithm::EdDSA, &shared).is_err());
        assert!(verifier(&Algorithm::HS256, &public).is_err());
    }

    #[test]
    fn only_the_whole_hmac_of_the_message_verifies() {
        let signer = signer(&Algorithm::HS256, &EncodingKey::from_secret(KEY).unwrap()).unwrap();
        let verifier = verifier(&Algorithm::HS256, &DecodingKey::from_secret(KEY).unwrap()).unwrap();
        let signature = signer.sign(b"message");
        assert_eq!(signature.len(), 32);
        assert!(verifier.verify(b"message", &signature).is_ok());
        assert!(verifier.verify(b"messages", &signature).is_err());
        assert!(verifier.verify(b"message", &signature[..31].to_vec()).is_err());
        assert!(verifier.verify(b"message", &Vec::new()).is_err());
    }

    #[test]
    fn a_signature_of_ed25519_is_that_of_rfc_8037() {
        let signer = signer(&Algorithm::EdDSA, &EncodingKey::from_ed_der(&octets(SEED))).unwrap();
        let key = PublicKey::from_octets(&octets(PUBLIC)).unwrap();
        // Appendix A.4.
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = signer.sign(message);
        assert_eq!(
            URL_SAFE_NO_PAD.encode(&signature),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
        assert!(key.has_signed(message, &signature));
        assert!(!key.has_signed(b"another", &signature));
        for other in [&signature[..63], &[], &[0; 64]] {
            assert!(!key.has_signed(message, other), "{other:?}");
        }
    }

    /// S is a number below the order of the group. S plus that order verifies as well, unless the verification is strict.
    #[test]
    fn a_second_signature_of_the_same_message_is_refused() {
        let signer = signer(&Algorithm::EdDSA, &EncodingKey::from_ed_der(&octets(SEED))).unwrap();
        let key = PublicKey::from_octets(&octets(PUBLIC)).unwrap();
        let mut signature = signer.sign(b"message");
        let order: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut carry = 0;
        for (octet, more) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*octet) + u16::from(more) + carry;
            *octet = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert!(!key.has_signed(b"message", &signature));
    }

    /// With the neutral element as R, the private key can make a signature that holds in the equation. The holder of the key could then
    /// present one signature for several messages.
    #[test]
    fn a_signature_of_small_order_is_refused() {
        let private = SigningKey::from_bytes(&octets(SEED).try_into().unwrap());
        let public = private.verifying_key();
        let mut signature = [0; 64];
        signature[0] = 1;
        let hash = Sha512::new().chain_update(&signature[..32]).chain_update(public.as_bytes());
        let hash = hash.chain_update(b"message").finalize();
        let scalar = Scalar::from_bytes_mod_order_wide(&hash.into()) * private.to_scalar();
        signature[32..].copy_from_slice(scalar.as_bytes());
        let is_equal = public.verify(b"message", &Signature::from_bytes(&signature)).is_ok();
        assert!(is_equal, "expected a signature that only the check of R refuses");
        assert!(!PublicKey::of(&public).has_signed(b"message", &signature));
    }
}
