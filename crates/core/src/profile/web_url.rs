//! Addresses of web pages and pictures.

use serde::{Deserialize, Serialize};
use url::Url;

/// An `http` or `https` URL (WHATWG URL Standard) of at most 500 characters, kept as it was sent. It has a host and no
/// credentials, which would end up on other people's screens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(String);

/// Why a text is no URL that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// Longer than [`WebUrl::MAX_CHARACTERS`].
    #[error("must be at most 500 characters long")]
    TooLong,
    /// Not a URL, or one of another scheme.
    #[error("must be an http or https URL, such as https://example.com/me")]
    Malformed,
    /// A user name or a password in it.
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
        // The parser drops blanks around and line breaks within; what is kept would then be something else than what was
        // judged.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(WebUrlError::Malformed);
        }
        // It also reads `https:example.com`.
        let lower = text.to_ascii_lowercase();
        if !lower.starts_with("http://") && !lower.starts_with("https://") {
            return Err(WebUrlError::Malformed);
        }
        let url = Url::parse(&text).map_err(|_| WebUrlError::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() || authority(&text).contains('@') {
            Err(WebUrlError::Credentials)
        // `https:///path` has one for the parser, which drops a slash.
        } else if url.has_host() && !authority(&text).is_empty() {
            Ok(Self(text))
        } else {
            Err(WebUrlError::Malformed)
        }
    }
}

/// What stands between `//` and the path.
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

    fn judged(text: &str) -> Result<String, WebUrlError> {
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
            assert_eq!(judged(good), Ok(good.to_owned()));
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
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
            assert_eq!(judged(bad), Err(WebUrlError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn credentials_are_refused() {
        for bad in
            ["https://u:p@example.com", "https://u@example.com", "https://@example.com", "https://:p@x.co/"]
        {
            assert_eq!(judged(bad), Err(WebUrlError::Credentials), "{bad}");
        }
    }

    #[test]
    fn the_longest_has_500_characters() {
        let longest = format!("https://example.com/{}", "é".repeat(480));
        assert!(judged(&longest).is_ok());
        assert_eq!(judged(&format!("{longest}x")), Err(WebUrlError::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_kept_and_accepted_again(text in "(https?://)?[ -~é\n]{0,40}") {
            if let Ok(kept) = judged(&text) {
                prop_assert_eq!(&kept, &text);
                prop_assert_eq!(judged(&kept), Ok(text));
            }
        }
    }
}
