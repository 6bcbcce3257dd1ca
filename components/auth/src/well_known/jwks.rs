//! `GET /.well-known/jwks.json`: the keys that verify access tokens.

use serde::Serialize;
use users_crypto::PublicKey;
use users_web::openapi::constant;
use users_web::{About, Database, Problem, Publication, Published};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::store::signing_keys;

/// The keys that verify access tokens (RFC 7517 section 5).
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"keys": [{
    "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig",
}]})))]
pub(crate) struct JwkSet {
    keys: Vec<Jwk>,
}

/// The public part of a signing key (RFC 8037 section 2).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jwk {
    #[schema(schema_with = key_type)]
    kty: &'static str,
    #[schema(schema_with = curve)]
    crv: &'static str,
    /// The public key in base64url.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    x: String,
    /// The thumbprint of the key (RFC 7638). The header of a token names it.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    kid: String,
    #[schema(schema_with = algorithm)]
    alg: &'static str,
    #[schema(schema_with = key_use)]
    r#use: &'static str,
}

fn key_type() -> Object {
    constant("OKP")
}

fn curve() -> Object {
    constant("Ed25519")
}

fn algorithm() -> Object {
    constant("EdDSA")
}

fn key_use() -> Object {
    constant("sig")
}

impl From<&PublicKey> for Jwk {
    fn from(key: &PublicKey) -> Self {
        Self { kty: "OKP", crv: "Ed25519", x: key.x(), kid: key.kid(), alg: "EdDSA", r#use: "sig" }
    }
}

impl Publication for JwkSet {
    /// RFC 7517 section 8.5.2.
    const MEDIA_TYPE: &'static str = "application/jwk-set+json";
    const CACHE_CONTROL: &'static str = "max-age=300";

    /// The first key signs as soon as it exists. A cache that kept the empty set would hide it.
    fn is_lasting(&self) -> bool {
        !self.keys.is_empty()
    }
}

pub(crate) fn about() -> About {
    About::new("getKeys", "Get the keys that verify access tokens", "The keys. A set without keys is not cached.").text(
        "The public keys as a JWK Set (RFC 7517, RFC 8037), in the order of their first signatures. The next key is in the set a day \
         before it signs. A key leaves the set when its last token has expired, or at once when an operator revokes it. The set is empty \
         until the first token is signed.\n\n\
         Fetch the set again when a token names a `kid` that your copy lacks. The set says nothing about sessions: a token of a session \
         that has ended verifies until it expires. `POST /auth/introspect` knows better.",
    )
}

/// 200 with the keys that are not revoked, also the ones that do not sign yet or no longer.
pub(crate) async fn handle(Database(db): Database) -> Result<Published<JwkSet>, Problem> {
    let keys = signing_keys::published(&db).await?;
    Ok(Published(JwkSet { keys: keys.iter().map(Jwk::from).collect() }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use users_web::{IntoResponse, header};

    use super::*;

    /// The key of RFC 8037, appendix A.2.
    const OCTETS: [u8; 32] = [
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e,
        0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
    ];

    fn cache_control(keys: Vec<Jwk>) -> Option<String> {
        let answer = Published(JwkSet { keys }).into_response();
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/jwk-set+json");
        answer.headers().get(header::CACHE_CONTROL).map(|it| it.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_key_has_the_members_of_rfc_8037() {
        let key = PublicKey::from_octets(&OCTETS).unwrap();
        // RFC 8037, appendices A.2 and A.3.
        let expected = json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig",
        });
        assert_eq!(serde_json::to_value(Jwk::from(&key)).unwrap(), expected);
    }

    #[test]
    fn caches_keep_a_set_with_keys_for_five_minutes_and_never_an_empty_one() {
        let key = Jwk::from(&PublicKey::from_octets(&OCTETS).unwrap());
        assert_eq!(cache_control(vec![key]).as_deref(), Some("max-age=300"));
        // The kit adds `no-store` to every answer without the header.
        assert_eq!(cache_control(vec![]), None);
    }
}
