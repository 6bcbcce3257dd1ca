//! Access tokens: signed JWTs (RFC 7519) in the profile of RFC 9068.

use std::fmt;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use users_core::{Random, SessionId, UserId};

use crate::hs256;

/// The `typ` of an access token (RFC 9068 section 2.1). It distinguishes access tokens from other JWTs.
const TYP: &str = "at+jwt";

/// Signs and verifies access tokens for one issuer and one audience. During a change of the secret, it also verifies tokens that
/// were signed with another secret.
pub struct AccessTokens {
    signing: EncodingKey,
    /// The current secret comes first.
    verifying: Vec<DecodingKey>,
    validation: Validation,
    issuer: String,
    audience: String,
}

/// A secret is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// The secret that signs tokens.
    #[error(
        "jwt_secret has fewer than 32 bytes: set it to at least 32 random bytes, for example with `openssl rand -base64 48`"
    )]
    Current,
    /// The secret that only verifies tokens.
    #[error("jwt_secret_previous has fewer than 32 bytes: set it to the previous secret, or leave it empty")]
    Previous,
}

/// The token was not issued by this service, or it was changed. The reason is withheld, because it would help an attacker to
/// forge a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access token is malformed or was not signed by this service")]
pub struct InvalidToken;

/// The claims of a verified token. Callers look up in the database whether the account and the session still exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// `sub`
    pub user: UserId,
    /// `sid`
    pub session: SessionId,
    /// `exp`, in seconds since 1970
    expires: i64,
}

impl Claims {
    /// Returns true when the token has expired at `now`, in seconds since 1970 (RFC 7519 section 4.1.4). There is no leeway:
    /// the database's clock gives the time both when a token is issued and when it is presented.
    #[must_use]
    pub fn has_expired(&self, now: i64) -> bool {
        now >= self.expires
    }
}

/// The claims on the wire (RFC 9068 section 2.2; `sid` is from OpenID Connect Front-Channel Logout 1.0 section 3).
#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
}

impl AccessTokens {
    /// The shortest secret, in bytes: as long as the hash (RFC 7518 section 3.2).
    pub const MIN_SECRET_BYTES: usize = 32;

    /// Creates a signer and verifier. `issuer` and `audience` are the values of `iss` and `aud`.
    ///
    /// # Errors
    /// [`WeakSecret`] when the secret is shorter than [`Self::MIN_SECRET_BYTES`].
    pub fn new(secret: &[u8], issuer: &str, audience: &str) -> Result<Self, WeakSecret> {
        if secret.len() < Self::MIN_SECRET_BYTES {
            return Err(WeakSecret::Current);
        }
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // Callers compare the expiry with the database's clock: see `Claims::has_expired`.
        validation.validate_exp = false;
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            verifying: vec![DecodingKey::from_secret(secret)],
            validation,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// Also accepts tokens that were signed with another secret: the previous one, or the next one that other replicas already use.
    /// The other secret signs no tokens. An empty secret is ignored.
    ///
    /// # Errors
    /// [`WeakSecret`] when the secret is not empty and shorter than [`Self::MIN_SECRET_BYTES`].
    pub fn with_previous_secret(mut self, secret: &[u8]) -> Result<Self, WeakSecret> {
        if secret.is_empty() {
            return Ok(self);
        }
        if secret.len() < Self::MIN_SECRET_BYTES {
            return Err(WeakSecret::Previous);
        }
        self.verifying.push(DecodingKey::from_secret(secret));
        Ok(self)
    }

    /// Signs a token for a session, valid for `lifetime` from `now`, in seconds since 1970.
    ///
    /// # Errors
    /// [`InvalidToken`] when the token cannot be signed. Signing never fails with a secret that [`Self::new`] accepted.
    pub fn issue(
        &self,
        user: UserId,
        session: SessionId,
        now: i64,
        lifetime: Duration,
        random: &dyn Random,
    ) -> Result<String, InvalidToken> {
        let payload = Payload {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: user.to_string(),
            sid: session.to_string(),
            jti: token_id(random),
            iat: now,
            exp: now.saturating_add_unsigned(lifetime.as_secs()),
        };
        let header = Header { typ: Some(TYP.to_owned()), ..Header::new(Algorithm::HS256) };
        encode(&header, &payload, &self.signing).map_err(|_| InvalidToken)
    }

    /// Verifies a token, except for its expiry and the existence of its account and session.
    ///
    /// # Errors
    /// [`InvalidToken`] when the token is malformed, has a wrong signature, or is for another issuer or audience.
    pub fn verify(&self, token: &str) -> Result<Claims, InvalidToken> {
        let header = decode_header(token).map_err(|_| InvalidToken)?;
        // The service supports no extensions, so a critical extension makes the token invalid (RFC 7515 section 4.1.11).
        if !header.typ.as_deref().is_some_and(is_access_token_type) || header.crit.is_some() {
            return Err(InvalidToken);
        }
        let verified = self.verifying.iter().find_map(|key| decode(token, key, &self.validation).ok());
        let payload: Payload = verified.ok_or(InvalidToken)?.claims;
        Ok(Claims {
            user: payload.sub.parse().map_err(|_| InvalidToken)?,
            session: payload.sid.parse().map_err(|_| InvalidToken)?,
            expires: payload.exp,
        })
    }
}

/// Compares a media type: case does not matter, and the prefix is optional (RFC 9068 section 4, RFC 7515 section 4.1.9).
fn is_access_token_type(typ: &str) -> bool {
    typ.eq_ignore_ascii_case(TYP) || typ.eq_ignore_ascii_case("application/at+jwt")
}

/// A `jti` of 128 random bits, in hexadecimal.
fn token_id(random: &dyn Random) -> String {
    let mut bits = [0; 16];
    random.fill(&mut bits);
    format!("{:032x}", u128::from_be_bytes(bits))
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, Mac};
    use serde_json::{Value, json};
    use sha2::{Sha256, Sha512};

    use super::*;
    use crate::OsRandom;
    use crate::os_random::Ones;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const OTHER_SECRET: &[u8] = b"another secret, just as long as ours";
    const NOW: i64 = 1_780_000_000;
    const LIFETIME: Duration = Duration::from_secs(900);

    fn tokens() -> AccessTokens {
        AccessTokens::new(SECRET, "users", "users-api").unwrap()
    }

    fn issue() -> String {
        tokens().issue(7.try_into().unwrap(), 9_i64.try_into().unwrap(), NOW, LIFETIME, &OsRandom).unwrap()
    }

    fn part(token: &str, index: usize) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap())
            .unwrap()
    }

    fn message(header: &Value, payload: &Value) -> String {
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(payload.to_string())
        )
    }

    /// A token with a valid signature of the service.
    fn signed(header: &Value, payload: &Value) -> String {
        let message = message(header, payload);
        let mac =
            Hmac::<Sha256>::new_from_slice(SECRET).unwrap().chain_update(&message).finalize().into_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    fn changed(value: &Value, key: &str, to: Value) -> Value {
        let mut value = value.clone();
        value[key] = to;
        value
    }

    fn without(value: &Value, key: &str) -> Value {
        let mut value = value.clone();
        value.as_object_mut().unwrap().remove(key);
        value
    }

    #[test]
    fn a_token_has_the_claims_of_the_profile_and_lives_15_minutes() {
        let token = issue();
        assert_eq!(part(&token, 0), json!({"typ": "at+jwt", "alg": "HS256"}));
        let payload = part(&token, 1);
        assert_eq!(
            without(&payload, "jti"),
            json!({
                "iss": "users", "aud": "users-api", "sub": "7", "sid": "9", "iat": NOW, "exp": NOW + 900,
            })
        );
        assert_eq!(payload["jti"].as_str().unwrap().len(), 32);
        let claims = tokens().verify(&token).unwrap();
        assert_eq!((claims.user.get(), claims.session.get()), (7, 9));
        assert!(!claims.has_expired(NOW + 899));
        assert!(claims.has_expired(NOW + 900));
    }

    #[test]
    fn every_bit_of_a_token_id_is_random() {
        assert_eq!(token_id(&Ones), "f".repeat(32));
        assert_ne!(part(&issue(), 1)["jti"], part(&issue(), 1)["jti"]);
    }

    #[test]
    fn a_secret_has_at_least_32_bytes() {
        assert_eq!(AccessTokens::new(&SECRET[..31], "i", "a").unwrap_err(), WeakSecret::Current);
        assert!(AccessTokens::new(SECRET, "i", "a").is_ok());
        assert_eq!(tokens().with_previous_secret(&OTHER_SECRET[..31]).unwrap_err(), WeakSecret::Previous);
        assert!(tokens().with_previous_secret(&OTHER_SECRET[..32]).is_ok());
    }

    #[test]
    fn a_previous_secret_verifies_but_does_not_sign() {
        let old = AccessTokens::new(OTHER_SECRET, "users", "users-api").unwrap();
        let issue = |tokens: &AccessTokens| {
            tokens.issue(7.try_into().unwrap(), 9_i64.try_into().unwrap(), NOW, LIFETIME, &OsRandom).unwrap()
        };
        let both = tokens().with_previous_secret(OTHER_SECRET).unwrap();
        assert!(both.verify(&issue(&old)).is_ok());
        assert!(both.verify(&issue(&tokens())).is_ok());
        assert!(tokens().verify(&issue(&both)).is_ok(), "signed with the current secret");
        assert_eq!(old.verify(&issue(&both)), Err(InvalidToken), "not signed with the previous one");
        assert_eq!(tokens().verify(&issue(&old)), Err(InvalidToken));
    }

    #[test]
    fn an_empty_previous_secret_is_ignored() {
        let tokens = tokens().with_previous_secret(b"").unwrap();
        assert_eq!(tokens.verifying.len(), 1);
    }

    #[test]
    fn a_token_signed_with_the_previous_secret_obeys_every_other_rule() {
        let both = tokens().with_previous_secret(OTHER_SECRET).unwrap();
        for (issuer, audience) in [("users", "other"), ("other", "users-api")] {
            let other = AccessTokens::new(OTHER_SECRET, issuer, audience).unwrap();
            let token = other
                .issue(7.try_into().unwrap(), 9_i64.try_into().unwrap(), NOW, LIFETIME, &OsRandom)
                .unwrap();
            assert_eq!(both.verify(&token), Err(InvalidToken));
        }
    }

    #[test]
    fn a_forged_or_changed_token_is_invalid() {
        let good = issue();
        let (header, payload) = (part(&good, 0), part(&good, 1));
        assert!(tokens().verify(&signed(&header, &payload)).is_ok(), "the test signs as the service does");

        let mut attacks = vec![
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "a.b.c".to_owned(),
            format!("{good}."),
            format!("{good}.x"),
            format!(" {good}"),
            format!("{good}="),
            message(&header, &payload),
            format!("{}.", message(&header, &payload)),
            format!("{}.", message(&json!({"typ": "at+jwt", "alg": "none"}), &payload)),
            format!("{}.", message(&json!({"typ": "at+jwt", "alg": "None"}), &payload)),
            signed(&json!({"typ": "at+jwt", "alg": "none"}), &payload),
            signed(&without(&header, "alg"), &payload),
        ];
        // Correctly signed, but not an access token of this service.
        for (key, value) in [
            ("alg", json!("HS384")),
            ("alg", json!("HS512")),
            ("alg", json!("RS256")),
            ("alg", json!("ES256")),
            ("alg", json!("EdDSA")),
            ("alg", json!("hs256")),
            ("alg", Value::Null),
            ("alg", json!(["HS256"])),
            ("typ", json!("JWT")),
            ("typ", json!("rt+jwt")),
            ("typ", json!("")),
            ("typ", Value::Null),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
        ] {
            attacks.push(signed(&changed(&header, key, value), &payload));
        }
        attacks.push(signed(&without(&header, "typ"), &payload));
        for (key, value) in [
            ("iss", json!("someone-else")),
            ("iss", json!("")),
            ("iss", Value::Null),
            ("iss", json!(["users"])),
            ("aud", json!("another-api")),
            ("aud", json!("")),
            ("aud", Value::Null),
            ("aud", json!(["another-api"])),
            ("sub", json!("0")),
            ("sub", json!("-7")),
            ("sub", json!("07")),
            ("sub", json!("7 ")),
            ("sub", json!(7)),
            ("sub", json!("99999999999")),
            ("sub", json!("7; DROP TABLE users")),
            ("sub", json!("")),
            ("sid", json!("0")),
            ("sid", json!("x")),
            ("sid", json!(9)),
            ("sid", Value::Null),
            ("exp", json!("soon")),
            ("exp", Value::Null),
            ("exp", json!(-1.5)),
            ("exp", json!(1e300)),
            ("iat", json!("now")),
            ("jti", json!(1)),
        ] {
            attacks.push(signed(&header, &changed(&payload, key, value)));
        }
        for key in ["iss", "aud", "sub", "sid", "exp", "iat", "jti"] {
            attacks.push(signed(&header, &without(&payload, key)));
        }
        // Another key, another hash with the right key, another signature.
        let other = AccessTokens::new(OTHER_SECRET, "users", "users-api").unwrap();
        attacks.push(
            other.issue(7.try_into().unwrap(), 9_i64.try_into().unwrap(), NOW, LIFETIME, &OsRandom).unwrap(),
        );
        let text = message(&changed(&header, "alg", json!("HS512")), &payload);
        let mac = Hmac::<Sha512>::new_from_slice(SECRET).unwrap().chain_update(&text).finalize().into_bytes();
        attacks.push(format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac)));
        let signature = good.rsplit('.').next().unwrap();
        attacks.push(format!("{}.{signature}", message(&header, &changed(&payload, "sub", json!("1")))));
        attacks.push(good.replace(signature, &"A".repeat(signature.len())));
        attacks.push(good[..good.len() - 2].to_owned());

        for attack in attacks {
            assert_eq!(tokens().verify(&attack), Err(InvalidToken), "{attack}");
        }
    }

    #[test]
    fn the_type_is_compared_as_a_media_type() {
        let good = issue();
        let (header, payload) = (part(&good, 0), part(&good, 1));
        for typ in ["AT+JWT", "application/at+jwt"] {
            assert!(
                tokens().verify(&signed(&changed(&header, "typ", json!(typ)), &payload)).is_ok(),
                "{typ}"
            );
        }
    }

    #[test]
    fn a_token_of_another_audience_or_issuer_is_invalid_with_the_same_secret() {
        for (issuer, audience) in [("users", "other"), ("other", "users-api")] {
            let other = AccessTokens::new(SECRET, issuer, audience).unwrap();
            let token = other
                .issue(7.try_into().unwrap(), 9_i64.try_into().unwrap(), NOW, LIFETIME, &OsRandom)
                .unwrap();
            assert_eq!(tokens().verify(&token), Err(InvalidToken));
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let tokens = tokens().with_previous_secret(OTHER_SECRET).unwrap();
        assert_eq!(format!("{tokens:?}"), r#"AccessTokens { issuer: "users", audience: "users-api", .. }"#);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            proptest::prop_assert!(tokens().verify(&text).is_err());
        }
    }
}
