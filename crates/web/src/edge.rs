//! The surroundings of a request: from where it comes, and who may read the answer.
//!
//! An operator describes them in variables, and [`Component`](crate::Component) applies them to every request, before the routes.

mod cors;
mod proxies;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use users_core::{AddressList, ClientAddress, Origins};

use self::cors::Cors;
pub(crate) use self::cors::{is_preflight, preflight};
use self::proxies::Proxies;
use crate::{Problem, Route, Variables};

/// The peer's address and port. Spin appends it to what a client sends under this name, so only the last value is Spin's.
const SPIN_CLIENT_ADDR: &str = "spin-client-addr";

/// The operator's settings for what surrounds a request. By default, no proxy is trusted, no address is refused, and no other origin is
/// answered. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Edge(Arc<Settings>);

#[derive(Debug, Default)]
struct Settings {
    proxies: Proxies,
    blocked: AddressList,
    /// The addresses from which the routes for administrators may be used. All if the list is empty.
    administrators: AddressList,
    cors: Cors,
}

impl Edge {
    /// Reads the variables `trusted_proxies`, `proxy_header`, `blocked_addresses`, `cors_origins` and, for a table with a route for
    /// administrators, `admin_addresses`.
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    pub async fn read<S>(variables: &impl Variables, routes: &[Route<S>]) -> Result<Self, Problem> {
        let trusted = list(variables, "trusted_proxies").await?;
        let header = variables.get("proxy_header").await?.parse().map_err(Problem::internal)?;
        let blocked = list(variables, "blocked_addresses").await?;
        let administrators = if routes.iter().any(|route| route.is_administrative) {
            list(variables, "admin_addresses").await?
        } else {
            AddressList::default()
        };
        let cors = cors(variables).await?;
        Ok(Self(Arc::new(Settings { proxies: Proxies::new(trusted, header), blocked, administrators, cors })))
    }

    /// Reads `cors_origins` only, for a component that cannot work: pages of these origins can then read why. A variable that cannot be
    /// used counts as empty, because the component answers with a reason already.
    pub(crate) async fn of_broken(variables: &impl Variables) -> Self {
        let cors = cors(variables).await.unwrap_or_default();
        Self(Arc::new(Settings { cors, ..Settings::default() }))
    }

    /// The address of the client: the peer's, or what a trusted proxy says. `None` when another component passed the request on without
    /// naming the client, since Spin then names no address.
    pub(crate) fn client(&self, headers: &HeaderMap) -> Option<ClientAddress> {
        let peer = headers.get_all(SPIN_CLIENT_ADDR).iter().next_back()?.to_str().ok()?;
        let peer: SocketAddr = peer.parse().ok()?;
        self.0.proxies.client(peer.ip(), headers)
    }

    /// Returns true if no request from this address is answered.
    pub(crate) fn refuses(&self, client: Option<ClientAddress>) -> bool {
        client.is_some_and(|client| self.0.blocked.contains(client))
    }

    /// Returns true if the routes for administrators may be used from this address. A request from an unknown address may not use them
    /// while they are limited.
    pub(crate) fn admits_administration(&self, client: Option<ClientAddress>) -> bool {
        let admitted = &self.0.administrators;
        admitted.is_empty() || client.is_some_and(|client| admitted.contains(client))
    }

    /// The rules for pages of other origins.
    pub(crate) fn cors(&self) -> &Cors {
        &self.0.cors
    }
}

async fn list(variables: &impl Variables, name: &str) -> Result<AddressList, Problem> {
    AddressList::parse(&variables.get(name).await?).map_err(|error| unusable(name, error))
}

async fn cors(variables: &impl Variables) -> Result<Cors, Problem> {
    let origins = Origins::parse(&variables.get(Origins::VARIABLE).await?);
    origins.map(Cors::new).map_err(|error| unusable(Origins::VARIABLE, error))
}

fn unusable(name: &str, error: impl std::fmt::Display) -> Problem {
    Problem::internal(format!("the variable {name} cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::HeaderValue;
    use futures::executor::block_on;

    use super::*;

    fn read(changed: &[(&str, &str)]) -> Result<Edge, Problem> {
        let usual = [
            ("trusted_proxies", ""),
            ("proxy_header", "x-forwarded-for"),
            ("blocked_addresses", ""),
            ("cors_origins", ""),
        ];
        let variables: BTreeMap<String, String> = usual
            .iter()
            .chain(changed)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        block_on(Edge::read::<()>(&variables, &[]))
    }

    fn client(edge: &Edge, peer: &'static str) -> Option<String> {
        let headers = HeaderMap::from_iter([(
            axum::http::HeaderName::from_static(SPIN_CLIENT_ADDR),
            HeaderValue::from_static(peer),
        )]);
        edge.client(&headers).map(|address| address.to_string())
    }

    #[test]
    fn the_address_is_the_peers_without_its_port() {
        let edge = read(&[]).unwrap();
        for (peer, expected) in [
            ("192.0.2.7:52100", Some("192.0.2.7")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[::ffff:192.0.2.7]:443", Some("192.0.2.7")),
            // Another component passed the request on.
            ("0.0.0.0:0", None),
            ("[::]:0", None),
            ("192.0.2.7", None),
            ("forged", None),
        ] {
            assert_eq!(client(&edge, peer).as_deref(), expected, "{peer}");
        }
        assert_eq!(edge.client(&HeaderMap::new()), None);
    }

    #[test]
    fn an_address_that_the_client_sends_does_not_count() {
        let mut headers = HeaderMap::new();
        for sent in ["192.0.2.66:1", "192.0.2.67:1", "192.0.2.7:52100"] {
            headers.append(SPIN_CLIENT_ADDR, HeaderValue::from_static(sent));
        }
        assert_eq!(read(&[]).unwrap().client(&headers).unwrap().to_string(), "192.0.2.7");
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_named() {
        for (name, value) in [
            ("trusted_proxies", "ingress"),
            ("blocked_addresses", "10.0.0.1/8"),
            ("cors_origins", "app.example.com"),
            ("proxy_header", "x-real-ip"),
        ] {
            let problem = read(&[(name, value)]).unwrap_err();
            let cause = problem.cause().unwrap();
            assert!(cause.contains(&format!("the variable {name} ")), "{cause}");
        }
    }

    #[test]
    fn an_unknown_address_is_not_blocked_and_does_not_administrate_where_that_is_limited() {
        let edge = read(&[("blocked_addresses", "0.0.0.0/0,::/0")]).unwrap();
        assert!(!edge.refuses(None) && edge.admits_administration(None));
        let administrators = AddressList::parse("192.0.2.0/24").unwrap();
        let edge = Edge(Arc::new(Settings { administrators, ..Settings::default() }));
        let from = |text: &str| Some(ClientAddress::from(text.parse::<std::net::IpAddr>().unwrap()));
        assert!(edge.admits_administration(from("192.0.2.7")));
        assert!(!edge.admits_administration(from("192.0.3.7")) && !edge.admits_administration(None));
    }
}
