//! Redirects within the pages.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::with_query;

/// 303: the browser gets another page of ours (RFC 9110 section 15.4.4).
#[derive(Debug, Clone)]
pub(crate) struct Redirect(String);

impl Redirect {
    /// To a page of ours.
    pub(crate) fn to(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// To a page of ours, which says what has been done: it shows the text `done-<key>`, if it [tells](crate::view::Page::telling) that
    /// key.
    pub(crate) fn done(path: impl Into<String>, key: &str) -> Self {
        Self::to(path).and_done(key)
    }

    /// Returns the same redirect. Its page also tells this key.
    pub(crate) fn and_done(self, key: &str) -> Self {
        let separator = if self.0.contains('?') { '&' } else { '?' };
        Self(format!("{}{separator}done={key}", self.0))
    }

    /// To the form for signing in, and from there to a path of ours.
    pub(crate) fn to_sign_in(next: &str) -> Self {
        Self(with_query("/account", &[("next", own_path(next).unwrap_or_default())]))
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        match HeaderValue::try_from(self.0) {
            Ok(path) => (StatusCode::SEE_OTHER, [(LOCATION, path)]).into_response(),
            // Our paths contain only characters that a header allows.
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// The path, if it belongs to one of our pages. Anybody can write a link that names the next page, and it must not lead elsewhere: to
/// browsers, `//host` and `/\host` are other hosts.
pub(crate) fn own_path(path: &str) -> Option<&str> {
    let is_plain = path.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\');
    let is_ours = ["/account", "/console"].iter().any(|area| {
        path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    let has_one_host = !path.contains("//") && !path.contains("/..");
    // Browsers read `%2e%2e` as `..`. No page of ours has such characters in its path, and none is opened with a fragment.
    let page = path.split('?').next().unwrap_or_default();
    let is_literal = !page.contains('%') && !path.contains('#');
    (is_plain && is_ours && has_one_host && is_literal).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_to_continue_at_is_a_page_of_ours() {
        for path in
            ["/account", "/account/sessions", "/console?x=1", "/console/accounts?search=a%20b&after=7"]
        {
            assert_eq!(own_path(path), Some(path));
        }
        for path in [
            "",
            "account",
            "/",
            "/docs",
            "/accounts",
            "/consolex",
            "//evil.example/account",
            "/\\evil.example",
            "/account\\@evil.example",
            "/account//evil.example",
            "/account/../docs",
            "/account/%2e%2e/docs",
            "/account/.%2E/docs",
            "/account/%5C%5Cevil.example",
            "/account/reset-password?x#token=x",
            "https://evil.example/account",
            "/account\r\nset-cookie: a=b",
            "/account/\u{e4}",
            " /account",
            "/account x",
        ] {
            assert_eq!(own_path(path), None, "{path}");
        }
    }
}
