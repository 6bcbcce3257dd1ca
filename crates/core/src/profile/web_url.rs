//! Addresses of web pages and pictures.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::schema::{format, inline_schema, string};

/// An `http` or `https` URL (WHATWG URL Standard) of at most 500 characters, kept as it was sent. It has a host. It has no
/// credentials, because other people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(String);

inline_schema! {
    WebUrl => string("An `http` or `https` URL without a user name or password.", "https://example.com/alice")
        .format(format("uri"))
        .pattern(Some("^[Hh][Tt][Tt][Pp][Ss]?://"))
        .max_length(Some(WebUrl::MAX_CHARACTERS))
}

/// The reason why a text is refused as a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// The text is longer than [`WebUrl::MAX_CHARACTERS`].
    #[error("must be at most 500 characters long")]
    TooLong,
    /// The text is not a URL, or has another scheme.
    #[error("must be an http or https URL, such as https://example.com/me")]
    Malformed,
    /// The URL contains a user name or a password.
    #[error("must not contain a user name or a password")]
    Credentials,
}

impl WebUrl {
    /// The longest URL, in characters.
    pub const MAX_CHARACTERS: usize = 500;

    /// The URL as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WebUrl {
    type Error = WebUrlError;

    fn try_from(text: String) -> Result<Self, WebUrlError> {
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err(WebUrlError::TooLong);
        }
        // The parser drops surrounding white space and inner line breaks, so it would not check the text that is kept.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(WebUrlError::Malformed);
        }
        // The parser also accepts `https:example.com`.
        let lower = text.to_ascii_lowercase();
        if !lower.starts_with("http://") && !lower.starts_with("https://") {
            return Err(WebUrlError::Malformed);
        }
        let url = Url::parse(&text).map_err(|_| WebUrlError::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() || authority(&text).contains('@') {
            Err(WebUrlError::Credentials)
        // The parser drops a slash of `https:///path` and takes `path` for the host.
        } else if url.has_host() && !authority(&text).is_empty() {
            Ok(Self(text))
        } else {
            Err(WebUrlError::Malformed)
        }
    }
}

/// The part between `//` and the path (RFC 3986 section 3.2).
fn authority(url: &str) -> &str {
    let rest = url.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

impl From<WebUrl> for String {
    fn from(url: WebUrl) -> Self {
        url.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<String, WebUrlError> {
        WebUrl::try_from(text.to_owned()).map(String::from)
    }

    #[test]
    fn web_addresses_are_kept_as_they_are() {
        for good in [
            "https://example.com",
            "http://example.com/",
            "HTTPS://Example.com/A?b=c#d",
            "https://例子.测试/路径",
            "https://[2001:db8::1]:8080/x",
            "https://example.com/@ada",
            "https://example.com/?next=a@b",
        ] {
            assert_eq!(parse(good), Ok(good.to_owned()));
        }
    }

    #[test]
    fn a_malformed_web_address_is_refused() {
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.com",
            "https:example.com",
            "https:///path",
            "https://",
            "https://exa mple.com",
            " https://example.com",
            "https://example.com\n",
            "https://example.com\\@evil.example",
            "http://[::1",
            "https://example.com:99999",
        ] {
            assert_eq!(parse(bad), Err(WebUrlError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn credentials_are_refused() {
        for bad in
            ["https://u:p@example.com", "https://u@example.com", "https://@example.com", "https://:p@x.co/"]
        {
            assert_eq!(parse(bad), Err(WebUrlError::Credentials), "{bad}");
        }
    }

    #[test]
    fn the_longest_url_has_500_characters() {
        let longest = format!("https://example.com/{}", "é".repeat(480));
        assert!(parse(&longest).is_ok());
        assert_eq!(parse(&format!("{longest}x")), Err(WebUrlError::TooLong));
    }

    proptest! {
        #[test]
        fn an_accepted_url_is_kept_and_accepted_again(text in "(https?://)?[ -~é\n]{0,40}") {
            if let Ok(kept) = parse(&text) {
                prop_assert_eq!(&kept, &text);
                prop_assert_eq!(parse(&kept), Ok(text));
            }
        }
    }
}
