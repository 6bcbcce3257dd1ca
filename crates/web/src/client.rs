//! The client of a request: the program, and the address that it connects from.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use users_core::ClientAddress;

/// The peer's address and port. Spin appends it to what a client sends under this name, so only the last value is Spin's.
const SPIN_CLIENT_ADDR: &str = "spin-client-addr";

/// The client of a request, by which people recognise their sessions. Nothing may depend on it: the `User-Agent` is what the client
/// claims, and behind a proxy the address is the proxy's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The `User-Agent` (RFC 9110 section 10.1.5); `None` when it is missing, empty or not text in UTF-8.
    pub program: Option<String>,
    /// The IP address of the peer, without its port. `None` when another component passed the request on, since Spin then names no
    /// address.
    pub address: Option<ClientAddress>,
}

impl Client {
    fn of(headers: &HeaderMap) -> Self {
        let program = headers.get(USER_AGENT).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        let peer = headers.get_all(SPIN_CLIENT_ADDR).iter().next_back().and_then(|value| value.to_str().ok());
        Self {
            program: program.map(str::trim).filter(|program| !program.is_empty()).map(str::to_owned),
            address: peer.and_then(address),
        }
    }

    /// The program, cut to this many characters.
    #[must_use]
    pub fn program_within(&self, characters: usize) -> Option<String> {
        self.program.as_ref().map(|program| program.chars().take(characters).collect())
    }
}

fn address(socket: &str) -> Option<ClientAddress> {
    let address = socket.parse::<SocketAddr>().ok()?.ip();
    (!address.is_unspecified()).then(|| address.into())
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(name: &'static str, value: &[u8]) -> Client {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_bytes(value).unwrap());
        Client::of(&headers)
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
            assert_eq!(client("user-agent", sent).program.as_deref(), expected);
        }
        assert_eq!(Client::of(&HeaderMap::new()), Client::default());
    }

    #[test]
    fn a_long_program_is_cut_between_characters() {
        let long = client("user-agent", "é".repeat(300).as_bytes());
        assert_eq!(long.program_within(255), Some("é".repeat(255)));
        assert_eq!(Client::default().program_within(255), None);
    }

    #[test]
    fn an_address_that_the_client_sends_does_not_count() {
        let mut headers = HeaderMap::new();
        for sent in ["192.0.2.66:1", "192.0.2.67:1", "192.0.2.7:52100"] {
            headers.append("spin-client-addr", HeaderValue::from_static(sent));
        }
        assert_eq!(Client::of(&headers).address.unwrap().to_string(), "192.0.2.7");
    }

    #[test]
    fn the_address_is_the_peers_without_its_port() {
        for (sent, expected) in [
            ("192.0.2.7:52100", Some("192.0.2.7")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[::ffff:192.0.2.7]:443", Some("192.0.2.7")),
            // Another component passed the request on.
            ("0.0.0.0:0", None),
            ("[::]:0", None),
            ("192.0.2.7", None),
            ("forged", None),
        ] {
            assert_eq!(
                client("spin-client-addr", sent.as_bytes()).address.map(|it| it.to_string()).as_deref(),
                expected,
                "{sent}"
            );
        }
    }
}
