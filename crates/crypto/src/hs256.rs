//! HS256, the only signature algorithm of the service, as a provider for `jsonwebtoken`.
//!
//! The providers that come with `jsonwebtoken` also contain RSA, ECDSA and EdDSA. Without them a component is smaller, and the
//! header of a token cannot select another algorithm.

use hmac::{Hmac, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;
use signature::{Signer, Verifier};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this the only algorithm of `jsonwebtoken` in the process. A second call has no effect.
pub(crate) fn install() {
    // An error means that a provider is already installed. Only this function installs one.
    let _ = PROVIDER.install_default();
}

/// HMAC with SHA-256 (RFC 7518 section 3.2).
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
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

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    #[test]
    fn no_other_algorithm_signs_or_verifies() {
        for algorithm in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::EdDSA] {
            assert!(signer(&algorithm, &EncodingKey::from_secret(KEY)).is_err(), "{algorithm:?}");
            assert!(verifier(&algorithm, &DecodingKey::from_secret(KEY)).is_err(), "{algorithm:?}");
        }
    }

    #[test]
    fn only_the_whole_signature_of_the_message_verifies() {
        let signer = signer(&Algorithm::HS256, &EncodingKey::from_secret(KEY)).unwrap();
        let verifier = verifier(&Algorithm::HS256, &DecodingKey::from_secret(KEY)).unwrap();
        let signature = signer.sign(b"message");
        assert_eq!(signature.len(), 32);
        assert!(verifier.verify(b"message", &signature).is_ok());
        assert!(verifier.verify(b"messages", &signature).is_err());
        assert!(verifier.verify(b"message", &signature[..31].to_vec()).is_err());
        assert!(verifier.verify(b"message", &Vec::new()).is_err());
    }
}
