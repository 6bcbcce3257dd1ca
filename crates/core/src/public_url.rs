//! The URL at which people and programs reach the service.

use thiserror::Error;

use crate::origin::serialised;

/// The URL at which people and programs reach the service: `http` or `https`, a host, and maybe a path under which a proxy serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// The text is not such a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "public_url is no address of the service: set it to a URL such as https://users.example.com, without user, query and fragment"
)]
pub struct PublicUrlError;

impl PublicUrl {
    /// The variable that holds it.
    pub const VARIABLE: &str = "public_url";

    /// Reads the variable. A slash at the end makes no difference. An international host has to be written in ASCII, as for
    /// [`Origins`](crate::Origins).
    ///
    /// # Errors
    /// [`PublicUrlError`] when people cannot reach a service there.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let text = text.trim().trim_end_matches('/');
        let after_scheme = text.find("://").map(|at| at + 3).ok_or(PublicUrlError)?;
        let path = text.get(after_scheme..).and_then(|rest| rest.find('/')).map(|at| after_scheme + at);
        let (origin, path) = text.split_at_checked(path.unwrap_or(text.len())).ok_or(PublicUrlError)?;
        let origin = serialised(origin).filter(|origin| is_of_the_web(origin)).ok_or(PublicUrlError)?;
        if path.bytes().all(is_of_a_path) { Ok(Self(format!("{origin}{path}"))) } else { Err(PublicUrlError) }
    }

    /// The origin as browsers write it (RFC 6454 section 6.2): the URL without its path.
    #[must_use]
    pub fn origin(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        let path = self.0.get(after_scheme..).and_then(|rest| rest.find('/')).map(|at| after_scheme + at);
        self.0.get(..path.unwrap_or(self.0.len())).unwrap_or(&self.0)
    }

    /// True if it is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The URL, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_of_the_web(origin: &str) -> bool {
    origin.starts_with("http://") || origin.starts_with("https://")
}

/// RFC 3986 section 3.3.
fn is_of_a_path(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:@".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_the_web_is_kept_without_the_slash_at_its_end() {
        for (text, url) in [
            ("https://users.example.com", "https://users.example.com"),
            (" https://Users.Example.com:443/ ", "https://users.example.com"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://[::1]:3000/", "http://[::1]:3000"),
            ("https://example.com/users/", "https://example.com/users"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), url, "{text}");
        }
    }

    #[test]
    fn the_origin_is_everything_before_the_path() {
        for (text, origin, is_secure) in [
            ("https://example.com/users", "https://example.com", true),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000", false),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.origin(), url.is_secure()), (origin, is_secure));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "/",
            "users.example.com",
            "users.example.com/://",
            "ftp://users.example.com",
            "https://",
            "https:///path",
            "https://user:password@users.example.com",
            "https://users.example.com?a=b",
            "https://users.example.com/a?b",
            "https://users.example.com/#top",
            "https://users.example.com/a b",
            "https://bücher.example",
            "https://users.example.com:99999",
        ] {
            assert_eq!(PublicUrl::parse(text), Err(PublicUrlError), "{text}");
        }
    }
}
