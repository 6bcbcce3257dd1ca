//! The cookies of the pages (RFC 6265bis).

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The tokens of the person who is signed in.
    Session,
    /// The token that every form repeats.
    Csrf,
}

impl Cookie {
    /// The name. Over TLS it has a prefix: browsers then accept the cookie only from this host, over TLS and for all paths, so no other
    /// host of the domain can set it. Without TLS, browsers refuse such a name.
    fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Csrf, true) => "__Host-csrf",
            (Self::Csrf, false) => "csrf",
        }
    }

    /// The value that the browser sent. `None` if it sent none, or if it sent several, because one of them is not ours.
    ///
    /// A browser sends all its cookies in one line. Those of other programs at the same host may have octets that are not ASCII, which
    /// must not take ours along.
    pub(crate) fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<&str> {
        let name = self.name(is_secure);
        let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let pairs = lines.flat_map(|line| line.split(|octet| *octet == b';'));
        let texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
        let mut values = texts.filter(|(sent, _)| *sent == name).map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The header `Set-Cookie` that stores a value for this many seconds, or until the browser is closed.
    ///
    /// `SameSite=Lax`: browsers send the cookies when a person follows a link from elsewhere, and never with a form of another site.
    ///
    /// `Strict` would hold both back from such a visit. Without the session, the person would seem to be signed out. Without the token of
    /// forms, the page would set a new one, which would take the place of the old one in all tabs: the forms that are open there would be
    /// refused when they are sent.
    pub(crate) fn set(self, value: &str, max_age: Option<u64>, is_secure: bool) -> String {
        let name = self.name(is_secure);
        let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if is_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/{age}; HttpOnly{secure}; SameSite=Lax")
    }

    /// The header `Set-Cookie` that removes the cookie.
    pub(crate) fn clear(self, is_secure: bool) -> String {
        self.set("", Some(0), is_secure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], is_secure: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        Cookie::Session.read(&headers, is_secure).map(str::to_owned)
    }

    #[test]
    fn over_tls_a_cookie_is_bound_to_the_host() {
        let session = Cookie::Session.set("v", Some(60), true);
        assert_eq!(session, "__Host-session=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax");
        assert_eq!(
            Cookie::Csrf.clear(true),
            "__Host-csrf=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
        );
    }

    #[test]
    fn without_tls_a_cookie_has_neither_prefix_nor_secure() {
        assert_eq!(Cookie::Session.set("v", None, false), "session=v; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        assert_eq!(read(&["a=b; session=v; c=d"], false).as_deref(), Some("v"));
        assert_eq!(read(&["a=b", "session=v"], false).as_deref(), Some("v"));
        assert_eq!(read(&["__Host-session=v"], true).as_deref(), Some("v"));
        for foreign in ["session=v", "__host-session=v", "x__Host-session=v", ""] {
            assert_eq!(read(&[foreign], true), None, "{foreign}");
        }
    }

    #[test]
    fn a_cookie_of_another_program_does_not_hide_ours() {
        for line in [
            "name=Jos\u{e9}; session=v",
            "session=v; \u{e4}=\u{f6}",
            "; ;=; x; session=v;",
            "a=\t; session=v",
        ] {
            assert_eq!(read(&[line], false).as_deref(), Some("v"), "{line}");
        }
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_bytes(b"name=\xff; session=v").unwrap());
        assert_eq!(Cookie::Session.read(&headers, false), Some("v"));
    }

    #[test]
    fn of_two_cookies_with_the_name_none_is_believed() {
        assert_eq!(read(&["session=mine; session=theirs"], false), None);
    }
}
