//! Forms that other sites send in the name of a person (CSRF).
//!
//! A cookie holds a random token, and every form repeats it. Another site can make the browser send the cookie at most, and cannot read
//! it. Before that, the headers by which browsers themselves tell where a form comes from are checked.

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use users_core::Random;

use super::{Fields, Visitor};
use crate::api::Refusal;
use crate::settings::Settings;

/// The field of every form.
pub(crate) const FIELD: &str = "csrf_token";

/// Where a request comes from, as the browser says (Fetch Metadata, <https://www.w3.org/TR/fetch-metadata/>).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The length of a token: 128 bits in hexadecimal.
const LENGTH: usize = 32;

/// Draws a token.
pub(super) fn fresh(random: &dyn Random) -> String {
    let mut bits = [0; LENGTH / 2];
    random.fill(&mut bits);
    format!("{:032x}", u128::from_be_bytes(bits))
}

/// Returns true if the text can be a token of ours.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

/// Refuses a form that no page of ours sent.
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

/// Older browsers do not say where a request comes from. `none` is the person, who sends a form again by reloading.
fn is_of_this_site(headers: &HeaderMap) -> bool {
    let mut sent = headers.get_all(SEC_FETCH_SITE).iter();
    sent.all(|value| ["same-origin", "none"].iter().any(|good| value == good))
}

/// The origin is that of `public_url`, or that of the host to which the request was sent: an operator may reach the service by another
/// name than people do.
fn is_of_this_origin(settings: &Settings, parts: &Parts) -> bool {
    let mut sent = parts.headers.get_all(ORIGIN).iter();
    sent.all(|origin| {
        let Ok(origin) = origin.to_str() else { return false };
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        settings.public_url().origin() == origin
            || authority.is_some_and(|authority| host(parts) == Some(authority))
    })
}

/// The host and port to which the request was sent.
fn host(parts: &Parts) -> Option<&str> {
    let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    authority.or_else(|| parts.headers.get(HOST)?.to_str().ok())
}

/// Compares in the same time for every content.
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
