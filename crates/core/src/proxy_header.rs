//! The header in which proxies name the client.

use std::str::FromStr;

use thiserror::Error;

/// The header in which a trusted proxy names the address of the client. The other one is never read: a proxy that does not know it
/// passes it on as the client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, which no standard describes and almost every proxy writes.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The name of another header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the variable proxy_header must be x-forwarded-for or forwarded")]
pub struct ProxyHeaderError;

impl ProxyHeader {
    /// The variable that names the header.
    pub const VARIABLE: &str = "proxy_header";

    /// The name of the header in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

impl FromStr for ProxyHeader {
    type Err = ProxyHeaderError;

    fn from_str(text: &str) -> Result<Self, ProxyHeaderError> {
        let known = [Self::XForwardedFor, Self::Forwarded];
        known.into_iter().find(|it| it.name().eq_ignore_ascii_case(text)).ok_or(ProxyHeaderError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_headers_whose_case_is_ignored() {
        assert_eq!("X-Forwarded-For".parse(), Ok(ProxyHeader::XForwardedFor));
        assert_eq!("forwarded".parse(), Ok(ProxyHeader::Forwarded));
        for other in ["", "x-real-ip", "forwarded,x-forwarded-for", " forwarded"] {
            assert_eq!(other.parse::<ProxyHeader>(), Err(ProxyHeaderError), "{other:?}");
        }
    }
}
