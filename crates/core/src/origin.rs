//! The origins of web applications that may call the service from a browser.

use std::net::Ipv6Addr;

use thiserror::Error;

/// Origins in their serialised form (RFC 6454 section 6.2), such as `https://app.example.com`, separated by commas; or `*` for every
/// origin. An empty list has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Every origin.
    Any,
    /// These origins.
    These(Vec<String>),
}

/// An entry that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OriginError {
    /// The entry is something else.
    #[error(
        "{0:?} is no origin: write scheme, host and port, such as https://app.example.com or http://localhost:5173, without a slash at the end"
    )]
    Unreadable(String),
    /// The entry has a host in other letters than ASCII.
    #[error(
        "{0:?} is not as browsers send it: write its host in ASCII, such as https://xn--bcher-kva.example"
    )]
    International(String),
    /// The entry is a pattern.
    #[error("{0:?} is a pattern: name each origin, or * alone for every origin")]
    Pattern(String),
    /// `null` is the origin of every page that has none, such as a file or a frame in a sandbox.
    #[error("null stands for pages of unknown origin, which anybody can make: remove it")]
    Null,
}

impl Origins {
    /// The variable that holds the list.
    pub const VARIABLE: &str = "cors_origins";

    /// Reads a list. The case of scheme and host and the default port become as browsers write them. An international name has to be
    /// written in ASCII: the tables that convert it would be a quarter of a small component.
    ///
    /// # Errors
    /// An entry is no origin.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        match text.trim() {
            "" => Ok(Self::default()),
            "*" => Ok(Self::Any),
            list => {
                list.split(',').map(|entry| origin(entry.trim())).collect::<Result<_, _>>().map(Self::These)
            }
        }
    }

    /// Returns true if the list contains the origin, which is as a browser sends it.
    #[must_use]
    pub fn contain(&self, origin: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::These(origins) => origins.iter().any(|it| it.as_bytes() == origin),
        }
    }

    /// Returns true if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::These(origins) if origins.is_empty())
    }
}

impl Default for Origins {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

/// An origin as browsers write it. Applications on a device have schemes of their own, such as `capacitor://localhost`, so any scheme is
/// accepted.
fn origin(entry: &str) -> Result<String, OriginError> {
    if entry == "null" {
        return Err(OriginError::Null);
    }
    if entry.contains('*') {
        return Err(OriginError::Pattern(entry.to_owned()));
    }
    if !entry.is_ascii() {
        return Err(OriginError::International(entry.to_owned()));
    }
    serialised(entry).ok_or_else(|| OriginError::Unreadable(entry.to_owned()))
}

/// The origin as browsers write it.
pub(crate) fn serialised(entry: &str) -> Option<String> {
    let (scheme, authority) = entry.split_once("://")?;
    let scheme = Some(scheme.to_ascii_lowercase()).filter(|scheme| is_scheme(scheme))?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            (format!("[{}]", address.parse::<Ipv6Addr>().ok()?), port)
        }
        None => {
            let (name, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            (Some(name.to_ascii_lowercase()).filter(|name| is_host(name))?, port)
        }
    };
    let port = match (scheme.as_str(), port) {
        (_, "") | ("http", ":80") | ("https", ":443") => String::new(),
        (_, port) => {
            let digits =
                port.strip_prefix(':').filter(|digits| digits.bytes().all(|it| it.is_ascii_digit()))?;
            format!(":{}", digits.parse::<u16>().ok()?)
        }
    };
    Some(format!("{scheme}://{host}{port}"))
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-._".contains(&octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (entry, expected) in [
            ("https://app.example.com", "https://app.example.com"),
            ("HTTPS://App.Example.COM", "https://app.example.com"),
            ("https://app.example.com:443", "https://app.example.com"),
            ("http://app.example.com:80", "http://app.example.com"),
            ("https://app.example.com:8443", "https://app.example.com:8443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://[2001:DB8::1]:80", "http://[2001:db8::1]"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("tauri://LOCALHOST", "tauri://localhost"),
        ] {
            assert_eq!(Origins::parse(entry), Ok(Origins::These(vec![expected.to_owned()])), "{entry}");
        }
    }

    #[test]
    fn a_list_contains_exactly_its_origins() {
        let origins = Origins::parse("https://a.example, https://b.example:8443").unwrap();
        for inside in ["https://a.example", "https://b.example:8443"] {
            assert!(origins.contain(inside.as_bytes()), "{inside}");
        }
        for outside in [
            "http://a.example",
            "https://a.example:8443",
            "https://b.example",
            "https://x.a.example",
            "https://a.example.evil.example",
            "https://a.example/",
            "HTTPS://A.EXAMPLE",
            "null",
            "",
        ] {
            assert!(!origins.contain(outside.as_bytes()), "{outside}");
        }
    }

    #[test]
    fn a_star_alone_is_every_origin_and_an_empty_list_none() {
        assert_eq!(Origins::parse(" * "), Ok(Origins::Any));
        assert!(Origins::Any.contain(b"https://a.example") && !Origins::Any.is_empty());
        for text in ["", " "] {
            let none = Origins::parse(text).unwrap();
            assert!(none.is_empty() && !none.contain(b"https://a.example"));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for entry in [
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/login",
            "https://app.example.com?x",
            "https://app.example.com#x",
            "https://user@app.example.com",
            "https://",
            "file://",
            "https://app.example.com:99999",
            "https://a b",
            "https://a.example https://b.example",
            "https://a.example,",
            "/",
        ] {
            assert!(matches!(Origins::parse(entry), Err(OriginError::Unreadable(_))), "{entry}");
        }
        assert_eq!(Origins::parse("null"), Err(OriginError::Null));
        let told = Origins::parse("https://bücher.example").unwrap_err().to_string();
        assert!(told.contains("write its host in ASCII"), "{told}");
        for entry in ["https://*.example.com", "*, https://a.example", "https://a.example, *"] {
            let told = Origins::parse(entry).unwrap_err().to_string();
            assert!(told.contains("is a pattern: name each origin"), "{told}");
        }
    }
}
