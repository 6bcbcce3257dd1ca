//! Access tokens: signed JWTs (RFC 7519) in the profile of RFC 9068.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto, encode};
use serde::Serialize;
use users_core::{Authentication, Random, SessionId, UserId};

use crate::jws;
use crate::presented_token::{PresentedToken, SignedWith};
use crate::{PublicKey, SigningKey};

/// The `typ` of an access token (RFC 9068 section 2.1). It distinguishes access tokens from other JWTs.
pub(crate) const TYP: &str = "at+jwt";

/// `client_id` of every access token (RFC 9068 section 2.2): the service itself is the only client that asks for tokens.
pub const CLIENT_ID: &str = "users";

/// A secret is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// The secret that signs tokens.
    #[error(
        "jwt_secret has fewer than 32 bytes: set it to at least 32 random bytes, for example with `openssl rand -base64 48`, or leave it empty"
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
    pub(crate) expires: i64,
}

impl Claims {
    /// `exp`, in seconds since 1970 (RFC 7519 section 4.1.4).
    #[must_use]
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// Returns true when the token has expired at `now`, in seconds since 1970 (RFC 7519 section 4.1.4). There is no leeway:
    /// the database's clock gives the time both when a token is issued and when it is presented.
    #[must_use]
    pub fn has_expired(&self, now: i64) -> bool {
        now >= self.expires
    }
}

/// A secret that signs and verifies tokens with HS256 (RFC 7518 section 3.2), as the release before does. Whoever knows it can make
/// tokens.
#[derive(Clone)]
pub struct TokenSecret {
    signing: EncodingKey,
    verifying: DecodingKey,
}

impl TokenSecret {
    /// The shortest secret, in bytes: as long as the hash (RFC 7518 section 3.2).
    pub const MIN_BYTES: usize = 32;

    /// Reads the variable `jwt_secret`. An empty one is none.
    ///
    /// # Errors
    /// [`WeakSecret::Current`] when the secret is shorter than [`Self::MIN_BYTES`].
    pub fn current(secret: &[u8]) -> Result<Option<Self>, WeakSecret> {
        Self::read(secret, WeakSecret::Current)
    }

    /// Reads the variable `jwt_secret_previous`. An empty one is none.
    ///
    /// # Errors
    /// [`WeakSecret::Previous`] when the secret is shorter than [`Self::MIN_BYTES`].
    pub fn previous(secret: &[u8]) -> Result<Option<Self>, WeakSecret> {
        Self::read(secret, WeakSecret::Previous)
    }

    fn read(secret: &[u8], weak: WeakSecret) -> Result<Option<Self>, WeakSecret> {
        match secret.len() {
            0 => Ok(None),
            length if length < Self::MIN_BYTES => Err(weak),
            _ => {
                let signing = EncodingKey::from_secret(secret).map_err(|_| weak)?;
                let verifying = DecodingKey::from_secret(secret).map_err(|_| weak)?;
                Ok(Some(Self { signing, verifying }))
            }
        }
    }
}

/// Does not show the secret.
impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// The key that signs a token.
#[derive(Debug, Clone, Copy)]
pub enum TokenKey<'a> {
    /// Ed25519 (RFC 8037). Only its holder can make tokens, and everybody can verify them.
    Private(&'a SigningKey),
    /// HS256.
    Secret(&'a TokenSecret),
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// `sub`
    pub user: UserId,
    /// `sid`
    pub session: SessionId,
    /// `auth_time`, `acr` and `amr`
    pub authentication: &'a Authentication,
}

/// Issues access tokens, with a key that the caller passes in.
#[derive(Debug, Clone)]
pub struct TokenIssuer {
    issuer: String,
    audience: String,
}

/// The claims on the wire (RFC 9068 sections 2.2 and 2.2.1; `sid` is from OpenID Connect Front-Channel Logout 1.0 section 3).
#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    client_id: &'static str,
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
    auth_time: i64,
    acr: &'static str,
    amr: &'a [String],
}

impl TokenIssuer {
    /// `issuer` and `audience` are the values of `iss` and `aud`.
    #[must_use]
    pub fn new(issuer: &str, audience: &str) -> Self {
        jws::install();
        Self { issuer: issuer.to_owned(), audience: audience.to_owned() }
    }

    /// Signs a token for a session, valid for `lifetime` from `now`, in seconds since 1970.
    ///
    /// # Errors
    /// [`InvalidToken`] when the token cannot be signed. Signing never fails with a key of these types.
    pub fn issue(
        &self,
        key: TokenKey<'_>,
        holder: Holder<'_>,
        now: i64,
        lifetime: Duration,
        random: &dyn Random,
    ) -> Result<String, InvalidToken> {
        let Holder { user, session, authentication } = holder;
        let payload = Payload {
            iss: &self.issuer,
            aud: &self.audience,
            sub: user.to_string(),
            client_id: CLIENT_ID,
            sid: session.to_string(),
            jti: token_id(random),
            iat: now,
            exp: now.saturating_add_unsigned(lifetime.as_secs()),
            auth_time: authentication.time,
            acr: authentication.level(),
            amr: &authentication.methods,
        };
        let (algorithm, kid, key) = match key {
            TokenKey::Private(key) => (Algorithm::EdDSA, Some(key.kid().to_owned()), key.as_encoding_key()),
            TokenKey::Secret(secret) => (Algorithm::HS256, None, &secret.signing),
        };
        let header = Header { typ: Some(TYP.to_owned()), kid, ..Header::new(algorithm) };
        encode(&header, &payload, key).map_err(|_| InvalidToken)
    }
}

/// A public key and its name, which is computed once and not for every token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    kid: String,
    key: PublicKey,
}

impl NamedKey {
    /// See [`PublicKey::kid`].
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key without its name.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

impl From<PublicKey> for NamedKey {
    fn from(key: PublicKey) -> Self {
        Self { kid: key.kid(), key }
    }
}

/// Verifies access tokens.
#[derive(Debug)]
pub struct TokenVerifier {
    issuers: Vec<String>,
    audience: String,
    secrets: Vec<DecodingKey>,
}

impl TokenVerifier {
    /// `issuers` are the accepted values of `iss`, and `audience` is that of `aud`.
    #[must_use]
    pub fn new(issuers: &[&str], audience: &str) -> Self {
        jws::install();
        Self {
            issuers: issuers.iter().map(|&issuer| issuer.to_owned()).collect(),
            audience: audience.to_owned(),
            secrets: Vec::new(),
        }
    }

    /// Also accepts tokens that were signed with this secret. Without a secret, HS256 is refused.
    #[must_use]
    pub fn accepting(mut self, secret: Option<&TokenSecret>) -> Self {
        self.secrets.extend(secret.map(|secret| secret.verifying.clone()));
        self
    }

    /// Verifies a token, except for its expiry and the existence of its account and session. `key` is the key that the token names, if it
    /// is known. The header's algorithm decides what verifies the token, and neither kind of key is ever used for the other algorithm (RFC
    /// 8725 section 3.1).
    ///
    /// # Errors
    /// [`InvalidToken`] when the signature is wrong, the key is another one or unknown, or the token is for another issuer or audience.
    pub fn verify(&self, token: &PresentedToken<'_>, key: Option<&NamedKey>) -> Result<Claims, InvalidToken> {
        if !self.issuers.contains(&token.issuer) || token.audience != self.audience {
            return Err(InvalidToken);
        }
        let message = token.message.as_bytes();
        let is_valid = match (&token.signed_with, key) {
            (SignedWith::Secret, _) => self.secrets.iter().any(|secret| {
                crypto::verify(token.signature, message, secret, Algorithm::HS256).unwrap_or(false)
            }),
            (SignedWith::Key(kid), Some(key)) => {
                key.kid == *kid
                    && URL_SAFE_NO_PAD
                        .decode(token.signature)
                        .is_ok_and(|signature| key.key.has_signed(message, &signature))
            }
            (SignedWith::Key(_), None) => false,
        };
        if is_valid { Ok(token.verified()) } else { Err(InvalidToken) }
    }
}

/// A `jti` of 128 random bits, in hexadecimal.
fn token_id(random: &dyn Random) -> String {
    let mut bits = [0; 16];
    random.fill(&mut bits);
    format!("{:032x}", u128::from_be_bytes(bits))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::{Value, json};
    use sha2::{Sha256, Sha512};

    use super::*;
    use crate::OsRandom;
    use crate::os_random::Ones;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const OTHER_SECRET: &[u8] = b"another secret, just as long as ours";
    const NOW: i64 = 1_780_000_000;
    const LIFETIME: Duration = Duration::from_secs(900);

    fn secret(octets: &[u8]) -> TokenSecret {
        TokenSecret::current(octets).unwrap().unwrap()
    }

    fn issued_by(issuer: &TokenIssuer, key: TokenKey<'_>) -> String {
        let authentication = Authentication::by_password(NOW - 60);
        let holder = Holder {
            user: 7.try_into().unwrap(),
            session: 9_i64.try_into().unwrap(),
            authentication: &authentication,
        };
        issuer.issue(key, holder, NOW, LIFETIME, &OsRandom).unwrap()
    }

    fn issue(key: TokenKey<'_>) -> String {
        issued_by(&TokenIssuer::new("users", "users-api"), key)
    }

    fn verifier() -> TokenVerifier {
        TokenVerifier::new(&["users"], "users-api")
    }

    fn verify(
        verifier: &TokenVerifier,
        token: &str,
        key: Option<&PublicKey>,
    ) -> Result<Claims, InvalidToken> {
        let key = key.copied().map(NamedKey::from);
        verifier.verify(&PresentedToken::read(token)?, key.as_ref())
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

    /// A way to sign any message as the service does.
    trait Sign {
        fn sign(&self, message: &str) -> String;

        fn signed(&self, header: &Value, payload: &Value) -> String {
            let message = message(header, payload);
            let signature = self.sign(&message);
            format!("{message}.{signature}")
        }
    }

    impl Sign for SigningKey {
        fn sign(&self, message: &str) -> String {
            crypto::sign(message.as_bytes(), self.as_encoding_key(), Algorithm::EdDSA).unwrap()
        }
    }

    impl Sign for [u8] {
        fn sign(&self, message: &str) -> String {
            let mac = Hmac::<Sha256>::new_from_slice(self).unwrap().chain_update(message).finalize();
            URL_SAFE_NO_PAD.encode(mac.into_bytes())
        }
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
        let key = SigningKey::generate(&OsRandom);
        let token = issue(TokenKey::Private(&key));
        assert_eq!(part(&token, 0), json!({"typ": "at+jwt", "alg": "EdDSA", "kid": key.kid()}));
        let payload = part(&token, 1);
        assert_eq!(
            without(&payload, "jti"),
            json!({
                "iss": "users", "aud": "users-api", "sub": "7", "client_id": "users", "sid": "9", "iat": NOW, "exp": NOW + 900,
                "auth_time": NOW - 60, "acr": "1", "amr": ["pwd"],
            })
        );
        assert_eq!(payload["jti"].as_str().unwrap().len(), 32);
        let claims = verify(&verifier(), &token, Some(&key.public_key())).unwrap();
        assert_eq!((claims.user.get(), claims.session.get(), claims.expires()), (7, 9, NOW + 900));
        assert!(!claims.has_expired(NOW + 899));
        assert!(claims.has_expired(NOW + 900));
    }

    #[test]
    fn a_token_signed_with_a_secret_names_no_key() {
        let token = issue(TokenKey::Secret(&secret(SECRET)));
        assert_eq!(part(&token, 0), json!({"typ": "at+jwt", "alg": "HS256"}));
        assert!(verify(&verifier().accepting(Some(&secret(SECRET))), &token, None).is_ok());
        assert_eq!(verify(&verifier(), &token, None), Err(InvalidToken));
    }

    /// The release before has no `client_id`.
    #[test]
    fn a_token_of_the_release_before_is_accepted() {
        let token = issue(TokenKey::Secret(&secret(SECRET)));
        let token = SECRET.signed(&part(&token, 0), &without(&part(&token, 1), "client_id"));
        assert!(verify(&verifier().accepting(Some(&secret(SECRET))), &token, None).is_ok());
    }

    #[test]
    fn every_bit_of_a_token_id_is_random() {
        assert_eq!(token_id(&Ones), "f".repeat(32));
        let key = SigningKey::generate(&OsRandom);
        let id = || part(&issue(TokenKey::Private(&key)), 1)["jti"].clone();
        assert_ne!(id(), id());
    }

    #[test]
    fn a_secret_has_at_least_32_bytes_or_none() {
        assert_eq!(TokenSecret::current(&SECRET[..31]).unwrap_err(), WeakSecret::Current);
        assert_eq!(TokenSecret::previous(&SECRET[..31]).unwrap_err(), WeakSecret::Previous);
        for read in [TokenSecret::current, TokenSecret::previous] {
            assert!(read(&SECRET[..32]).unwrap().is_some());
            assert!(read(b"").unwrap().is_none());
        }
    }

    #[test]
    fn each_accepted_secret_verifies_and_no_other_does() {
        let both = verifier().accepting(Some(&secret(SECRET))).accepting(Some(&secret(OTHER_SECRET)));
        let one = verifier().accepting(Some(&secret(SECRET))).accepting(None);
        let [ours, others] = [SECRET, OTHER_SECRET].map(|it| issue(TokenKey::Secret(&secret(it))));
        assert!(verify(&both, &ours, None).is_ok() && verify(&both, &others, None).is_ok());
        assert!(verify(&one, &ours, None).is_ok());
        assert_eq!(verify(&one, &others, None), Err(InvalidToken));
    }

    #[test]
    fn a_token_is_verified_with_the_key_that_it_names_and_with_no_other() {
        let [key, other] = [0; 2].map(|_| SigningKey::generate(&OsRandom));
        let token = issue(TokenKey::Private(&key));
        assert!(verify(&verifier(), &token, Some(&key.public_key())).is_ok());
        assert_eq!(verify(&verifier(), &token, Some(&other.public_key())), Err(InvalidToken));
        assert_eq!(verify(&verifier(), &token, None), Err(InvalidToken));
        // Signed with one key, in the name of another one.
        let header = changed(&part(&token, 0), "kid", json!(other.kid()));
        let stolen = key.signed(&header, &part(&token, 1));
        for key in [&key, &other] {
            assert_eq!(verify(&verifier(), &stolen, Some(&key.public_key())), Err(InvalidToken));
        }
    }

    /// RFC 8725 section 2.1: whoever verifies with a public key must not take it for a shared secret.
    #[test]
    fn a_public_key_is_no_secret() {
        let key = SigningKey::generate(&OsRandom);
        let public = key.public_key();
        let payload = part(&issue(TokenKey::Private(&key)), 1);
        let accepting = verifier().accepting(Some(&secret(SECRET)));
        for secret in [public.octets().to_vec(), public.x().into_bytes(), public.kid().into_bytes()] {
            for header in [
                json!({"typ": "at+jwt", "alg": "HS256"}),
                json!({"typ": "at+jwt", "alg": "HS256", "kid": key.kid()}),
                json!({"typ": "at+jwt", "alg": "EdDSA", "kid": key.kid()}),
            ] {
                let token = secret.signed(&header, &payload);
                for verifier in [&verifier(), &accepting] {
                    assert_eq!(verify(verifier, &token, Some(&public)), Err(InvalidToken), "{header}");
                }
            }
        }
        // The other way round: a signature of the key with the algorithm of the secret.
        let token = key.signed(&json!({"typ": "at+jwt", "alg": "HS256"}), &payload);
        assert_eq!(verify(&accepting, &token, Some(&public)), Err(InvalidToken));
    }

    #[test]
    fn a_token_of_another_audience_or_issuer_is_invalid_with_the_same_key() {
        let key = SigningKey::generate(&OsRandom);
        let secret = secret(SECRET);
        let verifier = TokenVerifier::new(&["users", "former"], "users-api").accepting(Some(&secret));
        for token_key in [TokenKey::Private(&key), TokenKey::Secret(&secret)] {
            let verify = |issuer: &str, audience: &str| {
                let token = issued_by(&TokenIssuer::new(issuer, audience), token_key);
                verify(&verifier, &token, Some(&key.public_key()))
            };
            assert!(verify("users", "users-api").is_ok() && verify("former", "users-api").is_ok());
            for (issuer, audience) in
                [("users", "other"), ("other", "users-api"), ("", "users-api"), ("users", "")]
            {
                assert_eq!(verify(issuer, audience), Err(InvalidToken), "{issuer} {audience}");
            }
        }
    }

    #[test]
    fn a_forged_or_changed_token_is_invalid() {
        let key = SigningKey::generate(&OsRandom);
        let good = issue(TokenKey::Private(&key));
        assert_attacks_fail(&good, &key, &verifier(), Some(&key.public_key()));
        let good = issue(TokenKey::Secret(&secret(SECRET)));
        assert_attacks_fail(&good, SECRET, &verifier().accepting(Some(&secret(SECRET))), None);
    }

    /// Asserts that no variation of a good token is verified.
    fn assert_attacks_fail<S: Sign + ?Sized>(
        good: &str,
        signer: &S,
        verifier: &TokenVerifier,
        key: Option<&PublicKey>,
    ) {
        let (header, payload) = (part(good, 0), part(good, 1));
        let signed = |header: &Value, payload: &Value| signer.signed(header, payload);
        assert!(
            verify(verifier, &signed(&header, &payload), key).is_ok(),
            "the test signs as the service does"
        );

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
        let other_algorithm = if header["alg"] == "EdDSA" { "HS256" } else { "EdDSA" };
        for (key, value) in [
            ("alg", json!("HS384")),
            ("alg", json!("HS512")),
            ("alg", json!("RS256")),
            ("alg", json!("ES256")),
            ("alg", json!(other_algorithm)),
            ("alg", json!("hs256")),
            ("alg", json!("eddsa")),
            ("alg", json!("Ed25519")),
            ("alg", Value::Null),
            ("alg", json!([header["alg"]])),
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
        attacks.push(OTHER_SECRET.signed(&header, &payload));
        attacks.push(SigningKey::generate(&OsRandom).signed(&header, &payload));
        let text = message(&changed(&header, "alg", json!("HS512")), &payload);
        let mac = Hmac::<Sha512>::new_from_slice(SECRET).unwrap().chain_update(&text).finalize().into_bytes();
        attacks.push(format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac)));
        let signature = good.rsplit('.').next().unwrap();
        attacks.push(format!("{}.{signature}", message(&header, &changed(&payload, "sub", json!("1")))));
        attacks.push(good.replace(signature, &"A".repeat(signature.len())));
        attacks.push(good[..good.len() - 2].to_owned());

        for attack in attacks {
            assert_eq!(verify(verifier, &attack, key), Err(InvalidToken), "{attack}");
        }
    }

    #[test]
    fn the_type_is_compared_as_a_media_type() {
        let key = SigningKey::generate(&OsRandom);
        let good = issue(TokenKey::Private(&key));
        let (header, payload) = (part(&good, 0), part(&good, 1));
        for typ in ["AT+JWT", "application/at+jwt"] {
            let token = key.signed(&changed(&header, "typ", json!(typ)), &payload);
            assert!(verify(&verifier(), &token, Some(&key.public_key())).is_ok(), "{typ}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        assert_eq!(format!("{:?}", secret(SECRET)), "TokenSecret(…)");
        let shown = format!("{:?}", verifier().accepting(Some(&secret(SECRET))));
        assert!(!shown.contains("0123") && !shown.contains("48, 49"), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            proptest::prop_assert!(verify(&verifier().accepting(Some(&secret(SECRET))), &text, None).is_err());
        }
    }
}
