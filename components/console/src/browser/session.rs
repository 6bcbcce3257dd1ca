//! The session of a browser: the tokens of the person who is signed in, in a cookie that no script can read.

use std::fmt;

use serde::Deserialize;
use serde_json::json;

use super::Visitor;
use crate::api::{Api, Call, Refusal};

/// A pair of tokens.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    /// The lifetime of the refresh token, in seconds. `None` for tokens from a cookie: the browser knows when it expires.
    pub(super) lifetime: Option<u64>,
}

/// The answer to a login and to a refresh.
#[derive(Deserialize)]
pub(crate) struct TokenPair {
    access_token: String,
    refresh_token: String,
    refresh_expires_in: u64,
}

/// The character between the tokens in the cookie. No token contains it.
const SEPARATOR: char = '~';

/// The longest value, in octets. Browsers accept cookies of 4 KiB, with name and attributes.
const MAX_LENGTH: usize = 3800;

impl Tokens {
    /// Reads the value of the cookie.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (access, refresh) = value.split_once(SEPARATOR)?;
        let is_good = is_token(access) && is_token(refresh) && value.len() <= MAX_LENGTH;
        is_good.then(|| Self { access: access.to_owned(), refresh: refresh.to_owned(), lifetime: None })
    }

    /// The value of the cookie.
    pub(super) fn cookie(&self) -> String {
        format!("{}{SEPARATOR}{}", self.access, self.refresh)
    }
}

impl TryFrom<TokenPair> for Tokens {
    type Error = Refusal;

    fn try_from(pair: TokenPair) -> Result<Self, Refusal> {
        let tokens = Self {
            access: pair.access_token,
            refresh: pair.refresh_token,
            lifetime: Some(pair.refresh_expires_in),
        };
        let is_good =
            is_token(&tokens.access) && is_token(&tokens.refresh) && tokens.cookie().len() <= MAX_LENGTH;
        if is_good { Ok(tokens) } else { Err(Refusal::bad_answer("tokens that fit no cookie".to_owned())) }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// The characters of base64url, and the dots of a JWT.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet))
}

/// The outcome of an attempt to renew the tokens.
pub(super) enum Renewal {
    /// The visitor has new tokens.
    Renewed,
    /// The session has ended.
    Ended,
    /// The account is deactivated.
    Inactive,
}

/// Renews the tokens on behalf of the browser. Two tabs may present the same refresh token at once; for ten seconds, the API gives both
/// the same successor.
pub(super) async fn renew(api: &Api, visitor: &Visitor) -> Result<Renewal, Refusal> {
    let Some(tokens) = visitor.tokens() else { return Ok(Renewal::Ended) };
    let call = Call::post("/auth/refresh").json(&json!({ "refresh_token": tokens.refresh })).anonymous();
    let outcome = match api.send(visitor, call).await {
        Ok(answer) => answer.json::<TokenPair>()?.try_into(),
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(tokens) => {
            visitor.keep(tokens);
            Ok(Renewal::Renewed)
        }
        Err(refusal) if refusal.is("inactive_account") => Ok(Renewal::Inactive),
        // 422: the cookie holds no token of ours.
        Err(refusal) if [401, 422].contains(&refusal.status().as_u16()) => Ok(Renewal::Ended),
        Err(refusal) => Err(refusal),
    }
}

/// Ends the session of the browser. The cookie is deleted even if the API fails, because the browser may belong to somebody else.
///
/// # Errors
/// The refusal of an API that could not end the session.
pub(crate) async fn sign_out(api: &Api, visitor: &Visitor) -> Result<(), Refusal> {
    let Some(tokens) = visitor.tokens() else { return Ok(()) };
    visitor.forget();
    // Without an access token, the refresh token names the session, however old the access token is.
    let call = Call::post("/auth/logout").json(&json!({ "refresh_token": tokens.refresh })).anonymous();
    api.send(visitor, call).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_holds_both_tokens() {
        let tokens = Tokens::parse("a.b-c.d_e~refresh-1").unwrap();
        assert_eq!((tokens.access.as_str(), tokens.refresh.as_str()), ("a.b-c.d_e", "refresh-1"));
        assert_eq!(tokens.cookie(), "a.b-c.d_e~refresh-1");
        assert_eq!(format!("{tokens:?}"), "Tokens(…)");
    }

    #[test]
    fn another_value_is_no_session() {
        let long = format!("{}~b", "a".repeat(MAX_LENGTH));
        for value in ["", "a", "~", "a~", "~b", "a~b~c", "a~b c", "a\"~b", &long] {
            assert_eq!(Tokens::parse(value), None, "{value}");
        }
    }
}
