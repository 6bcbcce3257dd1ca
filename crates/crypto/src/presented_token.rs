//! An access token as a client presents it.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use users_core::{SessionId, UserId};

use crate::PublicKey;
use crate::access_token::{Claims, InvalidToken, TYP};

/// A token that was read, but not verified: everything in it may be a lie. It names the key that must verify it.
///
/// The reader is strict, since only this service writes these tokens. It knows no member of the header but `typ`, `alg` and `kid`, so a
/// token can neither bring a key along nor say where one is (RFC 8725 section 3.5). Each member and each claim occurs once (RFC 7515
/// section 4, RFC 7519 section 4).
#[derive(Clone)]
pub struct PresentedToken<'a> {
    /// The text that the signature covers.
    pub(crate) message: &'a str,
    /// The signature in base64url.
    pub(crate) signature: &'a str,
    pub(crate) signed_with: SignedWith,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    issued: i64,
    claims: Claims,
}

/// The algorithm that a token names, and the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignedWith {
    /// `EdDSA`, with the key of this name.
    Key(String),
    /// `HS256`, with a secret.
    Secret,
}

/// The header on the wire.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: Algorithm,
    kid: Option<String>,
}

/// The algorithms of the service. `none` is no algorithm.
#[derive(Clone, Copy, Deserialize)]
enum Algorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "HS256")]
    Hs256,
}

/// The claims on the wire. A later release may add others.
#[derive(Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    #[serde(rename = "jti")]
    _jti: String,
    iat: i64,
    exp: i64,
}

impl<'a> PresentedToken<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// [`InvalidToken`] when this service issues no such tokens.
    pub fn read(token: &'a str) -> Result<Self, InvalidToken> {
        let (message, signature) = token.rsplit_once('.').ok_or(InvalidToken)?;
        let (header, payload) = message.split_once('.').ok_or(InvalidToken)?;
        let header: Header = object(header)?;
        if !is_access_token_type(&header.typ) {
            return Err(InvalidToken);
        }
        let signed_with = match (header.alg, header.kid) {
            (Algorithm::EdDsa, Some(kid)) if PublicKey::may_be_kid(&kid) => SignedWith::Key(kid),
            (Algorithm::Hs256, None) => SignedWith::Secret,
            _ => return Err(InvalidToken),
        };
        let payload: Payload = object(payload)?;
        let claims = Claims {
            user: payload.sub.parse().map_err(|_| InvalidToken)?,
            session: payload.sid.parse().map_err(|_| InvalidToken)?,
            expires: payload.exp,
        };
        let Payload { iss: issuer, aud: audience, iat: issued, .. } = payload;
        Ok(Self { message, signature, signed_with, issuer, audience, issued, claims })
    }

    /// SHA-256 of the text of a token, to recognise a token that was verified before.
    #[must_use]
    pub fn digest(token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }

    /// The name of the key that must verify the token (RFC 7515 section 4.1.4), which has the form of a [`PublicKey::kid`]. `None` for
    /// a token that a secret must verify.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        match &self.signed_with {
            SignedWith::Key(kid) => Some(kid),
            SignedWith::Secret => None,
        }
    }

    /// `sub`, to ask the database about the account in the same statement as about the key.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.claims.user
    }

    /// `sid`, like [`Self::user`].
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.claims.session
    }

    /// `iss`, of a token that was verified.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `aud`, of a token that was verified.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// `iat` of a token that was verified, in seconds since 1970.
    #[must_use]
    pub fn issued(&self) -> i64 {
        self.issued
    }

    /// `exp` of a token that was verified, in seconds since 1970.
    #[must_use]
    pub fn expires(&self) -> i64 {
        self.claims.expires()
    }

    /// The claims, once the signature is verified.
    pub(crate) fn verified(&self) -> Claims {
        self.claims
    }
}

/// Shows nothing of the token.
impl fmt::Debug for PresentedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedToken(…)")
    }
}

/// Reads an object in base64url without padding (RFC 7515 section 2). Unused bits must be zero, so that an object has one text only.
fn object<T: DeserializeOwned>(part: &str) -> Result<T, InvalidToken> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| InvalidToken)?;
    let UniqueMembers = serde_json::from_slice(&json).map_err(|_| InvalidToken)?;
    serde_json::from_slice(&json).map_err(|_| InvalidToken)
}

/// Compares a media type: case does not matter, and the prefix is optional (RFC 9068 section 4, RFC 7515 section 4.1.9).
fn is_access_token_type(typ: &str) -> bool {
    typ.eq_ignore_ascii_case(TYP) || typ.eq_ignore_ascii_case("application/at+jwt")
}

/// An object of which no two members have the same name.
struct UniqueMembers;

impl<'de> Deserialize<'de> for UniqueMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for UniqueMembers {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, IgnoredAny)) = members.next_entry::<String, IgnoredAny>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member occurs twice"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        r#"{"typ":"at+jwt","alg":"EdDSA","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}"#;
    const CLAIMS: &str =
        r#"{"iss":"i","aud":"a","sub":"7","sid":"9","jti":"x","iat":1,"exp":2,"client_id":"users"}"#;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_names_its_key_account_and_session() {
        let text = token(HEADER, CLAIMS);
        let token = PresentedToken::read(&text).unwrap();
        assert_eq!(token.kid(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
        assert_eq!((token.user().get(), token.session().get()), (7, 9));
        assert_eq!((token.issuer(), token.audience(), token.issued(), token.expires()), ("i", "a", 1, 2));
        assert_eq!(format!("{token:?}"), "PresentedToken(…)");
        let text = self::token(r#"{"typ":"at+jwt","alg":"HS256"}"#, CLAIMS);
        assert_eq!(PresentedToken::read(&text).unwrap().kid(), None);
    }

    #[test]
    fn a_header_with_another_member_or_another_key_is_refused() {
        let more = |member: &str| HEADER.replacen('{', &format!("{{{member},"), 1);
        for header in [
            more(r#""jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#),
            more(r#""jku":"https://example.com/keys""#),
            more(r#""x5u":"https://example.com/keys""#),
            more(r#""x5c":["MII"]"#),
            more(r#""crit":["exp"]"#),
            more(r#""b64":false"#),
            more(r#""alg":"EdDSA""#),
            more(r#""typ":"at+jwt""#),
            more(r#""k\u0069d":"x""#),
            HEADER.replace("kPrK", "kPrK="),
            HEADER.replace("kPrK", "../k"),
            HEADER.replace("EdDSA", "HS256"),
            HEADER.replace("EdDSA", "none"),
            HEADER.replace("EdDSA", "ES256"),
            r#"{"typ":"at+jwt","alg":"EdDSA"}"#.to_owned(),
            r#"["at+jwt","EdDSA","kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"]"#.to_owned(),
        ] {
            assert!(PresentedToken::read(&token(&header, CLAIMS)).is_err(), "{header}");
        }
    }

    #[test]
    fn a_claim_that_occurs_twice_is_refused_and_an_unknown_one_is_not() {
        let more = |member: &str| CLAIMS.replacen('{', &format!("{{{member},"), 1);
        assert!(PresentedToken::read(&token(HEADER, &more(r#""acr":"2","amr":{"a":1}"#))).is_ok());
        for claims in [
            more(r#""sub":"1""#),
            more(r#""s\u0075b":"1""#),
            more(r#""client_id":"x""#),
            more(r#""acr":"1","acr":"2""#),
            format!("{CLAIMS} {CLAIMS}"),
            format!("[{CLAIMS}]"),
            r#"["i","a","7","9","x",1,2]"#.to_owned(),
        ] {
            assert!(PresentedToken::read(&token(HEADER, &claims)).is_err(), "{claims}");
        }
    }
}
