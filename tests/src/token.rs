//! Forged access tokens (RFC 7515).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The header of a token.
///
/// # Panics
/// When the text is not a token.
#[must_use]
pub fn header(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a token.
///
/// # Panics
/// When the text is not a token.
#[must_use]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Value {
    let encoded = token.split('.').nth(index).expect("a token has three parts");
    let bytes = URL_SAFE_NO_PAD.decode(encoded).expect("each part is base64url");
    serde_json::from_slice(&bytes).expect("the first two parts are JSON")
}

/// The part of a token that the signature covers.
#[must_use]
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// A public key as a JWK (RFC 8037 section 2).
fn jwk(public: &[u8; 32]) -> Value {
    json!({"crv": "Ed25519", "kty": "OKP", "x": URL_SAFE_NO_PAD.encode(public)})
}

/// The thumbprint of a public key (RFC 7638). The members of an object are sorted.
#[must_use]
pub fn thumbprint(public: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk(public).to_string()))
}

/// A private key of Ed25519, which signs tokens as `auth` does. Numbers make different keys.
#[derive(Debug, Clone)]
pub struct Key(SigningKey);

impl Key {
    /// The key with this number.
    #[must_use]
    pub fn numbered(number: u8) -> Self {
        Self(SigningKey::from_bytes(&[number; 32]))
    }

    /// The octets of the public key (RFC 8032 section 5.1.2).
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The public key as a JWK (RFC 8037 section 2).
    #[must_use]
    pub fn jwk(&self) -> Value {
        jwk(&self.public())
    }

    /// The name of the key: see [`thumbprint`].
    #[must_use]
    pub fn kid(&self) -> String {
        thumbprint(&self.public())
    }

    /// The header of the tokens that the key signs.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": "EdDSA", "kid": self.kid()})
    }

    /// The signature of a message.
    #[must_use]
    pub fn signature(&self, message: &str) -> [u8; 64] {
        self.0.sign(message.as_bytes()).to_bytes()
    }

    /// Creates a token with any header, signed with the key.
    #[must_use]
    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.signature(&message)))
    }
}

/// Creates a token with any header, signed with HMAC-SHA-256.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[must_use]
pub fn signed(secret: impl AsRef<[u8]>, header: &Value, claims: &Value) -> String {
    let message = unsigned(header, claims);
    let key = Hmac::<Sha256>::new_from_slice(secret.as_ref()).expect("HMAC takes any key");
    let mac = key.chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac))
}

/// Returns the same object, with this member set.
#[must_use]
pub fn with(object: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut object = object.clone();
    object[member] = value.into();
    object
}

/// Returns the same object, without this member.
#[must_use]
pub fn without(object: &Value, member: &str) -> Value {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        members.remove(member);
    }
    object
}

/// The SHA-256 in lower-case hexadecimal, as in Postgres' `encode(…, 'hex')`.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|octet| format!("{octet:02x}")).collect()
}
