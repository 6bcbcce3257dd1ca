//! Protection against forms that another site sends in the name of a person (CSRF).
//!
//! A cookie holds a random token, and every form repeats it. Another site might make the browser send the cookie, but cannot read it.
//! First of all, the headers are checked by which browsers themselves say where a form comes from.

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use users_core::Random;

use super::{Fields, Visitor};
use crate::api::Refusal;
use crate::settings::Settings;

/// The field of every form.
pub(crate) const FIELD: &str = "csrf_token";

/// The header by which a browser says where a request comes from (Fetch Metadata, <https://www.w3.org/TR/fetch-metadata/>).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The length of a token: 128 bits in hexadecimal.
const LENGTH: usize = 32;

/// Draws a token.
pub(super) fn fresh(random: &dyn Random) -> String {
    let mut bits = [0; LENGTH / 2];
    random.fill(&mut bits);
    format!("{:032x}", u128::from_be_bytes(bits))
}

/// Returns true if the text looks like one of our tokens.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

/// Refuses a form that does not come from one of our pages.
///
/// # Errors
/// 403.
pub(crate) fn check(
    settings: &Settings,
    visitor: &Visitor,
    parts: &Parts,
    fields: &Fields,
) -> Result<(), Refusal> {
    if !is_of_this_site(&parts.headers) || !is_of_this_origin(settings, parts) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "foreign_form"));
    }
    if !visitor.sent_csrf_token().is_some_and(|token| equal(token, fields.value(FIELD))) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "form_outdated"));
    }
    Ok(())
}

/// Older browsers do not say where a request comes from. They say `none` when the person reloads the answer to a form.
fn is_of_this_site(headers: &HeaderMap) -> bool {
    let mut sent = headers.get_all(SEC_FETCH_SITE).iter();
    sent.all(|value| ["same-origin", "none"].iter().any(|good| value == good))
}

/// The origin is that of `public_url`, or it has the scheme of `public_url` and the host to which the request was sent: an operator may
/// use another name for the service than people do.
fn is_of_this_origin(settings: &Settings, parts: &Parts) -> bool {
    let mut sent = parts.headers.get_all(ORIGIN).iter();
    sent.all(|origin| {
        let Ok(origin) = origin.to_str() else { return false };
        let public = settings.public_url();
        let is_of_the_host = origin.split_once("://").is_some_and(|(scheme, authority)| {
            (scheme == "https") == public.is_secure() && host(parts) == Some(authority)
        });
        public.origin() == origin || is_of_the_host
    })
}

/// The host and port to which the request was sent.
fn host(parts: &Parts) -> Option<&str> {
    let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    authority.or_else(|| parts.headers.get(HOST)?.to_str().ok())
}

/// Compares two texts in a time that does not depend on where they differ.
fn equal(left: &str, right: &str) -> bool {
    let differences = left.bytes().zip(right.bytes()).fold(0, |all, (left, right)| all | (left ^ right));
    left.len() == right.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_128_random_bits_in_hexadecimal() {
        let token = fresh(&users_crypto::OsRandom);
        assert!(is_token(&token), "{token}");
        assert_ne!(token, fresh(&users_crypto::OsRandom));
        for other in ["", "x", &"g".repeat(LENGTH), &"0".repeat(LENGTH + 1)] {
            assert!(!is_token(other), "{other}");
        }
    }

    #[test]
    fn only_equal_tokens_are_equal() {
        assert!(equal("ab", "ab"));
        for (left, right) in [("ab", "ac"), ("ab", "a"), ("ab", ""), ("a", "ab")] {
            assert!(!equal(left, right), "{left} {right}");
        }
    }
}
