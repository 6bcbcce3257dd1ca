//! The client of a request: the program, and its address.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use users_core::ClientAddress;

use crate::Context;

/// The client of a request, by which people recognise their sessions. No right may depend on it: the `User-Agent` is what the client
/// claims, and many people may share an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The `User-Agent` (RFC 9110 section 10.1.5); `None` when it is missing, empty or not text in UTF-8.
    pub program: Option<String>,
    /// The IP address: the peer's, or what a trusted proxy says (see [`Edge`](crate::Edge)). `None` when another component passed the
    /// request on without naming the client, since Spin then names no address.
    pub address: Option<ClientAddress>,
}

impl Client {
    fn of(headers: &HeaderMap, address: Option<ClientAddress>) -> Self {
        let program = headers.get(USER_AGENT).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        Self {
            program: program.map(str::trim).filter(|program| !program.is_empty()).map(str::to_owned),
            address,
        }
    }

    /// The program, cut to this many characters.
    #[must_use]
    pub fn program_within(&self, characters: usize) -> Option<String> {
        self.program.as_ref().map(|program| program.chars().take(characters).collect())
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, parts.extensions.get().and_then(Context::client)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(program: &[u8]) -> Client {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_bytes(program).unwrap());
        Client::of(&headers, None)
    }

    #[test]
    fn the_program_is_the_user_agent_if_it_is_text() {
        for (sent, expected) in [
            (&b"curl/8.5.0"[..], Some("curl/8.5.0")),
            ("Fähre/1".as_bytes(), Some("Fähre/1")),
            (b"\xff", None),
            (b"", None),
            (b"  ", None),
        ] {
            assert_eq!(client(sent).program.as_deref(), expected);
        }
        assert_eq!(Client::of(&HeaderMap::new(), None), Client::default());
    }

    #[test]
    fn a_long_program_is_cut_between_characters() {
        let long = client("é".repeat(300).as_bytes());
        assert_eq!(long.program_within(255), Some("é".repeat(255)));
        assert_eq!(Client::default().program_within(255), None);
    }
}
