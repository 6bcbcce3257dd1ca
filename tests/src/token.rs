//! Forged access tokens (RFC 7515).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
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

/// Creates a token with any header, signed with HMAC-SHA-256.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[must_use]
pub fn signed(secret: &str, header: &Value, claims: &Value) -> String {
    let message = unsigned(header, claims);
    let key = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes any key");
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
