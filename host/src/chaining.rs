//! Service chaining: a component reaches another one of the application at `http://NAME.spin.internal`, without the network.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use users_spin_manifest::Match;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::ProxyHandler;

use crate::handler::Handler;
use crate::{dispatch, request};

/// The domain of the components' names.
pub(crate) const DOMAIN: &str = "spin.internal";

/// The client's address in a chained request. As in Spin, it is not the caller's.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The parts of an application that its components can reach. It is complete before the first request.
#[derive(Default)]
pub(crate) struct Components {
    handlers: OnceLock<HashMap<Arc<str>, ProxyHandler<Handler>>>,
    address: OnceLock<SocketAddr>,
}

impl Components {
    /// Sets the components by name.
    pub(crate) fn set_handlers(&self, handlers: HashMap<Arc<str>, ProxyHandler<Handler>>) {
        // An application is loaded once.
        _ = self.handlers.set(handlers);
    }

    /// Sets the address that the host listens on.
    pub(crate) fn set_address(&self, address: SocketAddr) {
        _ = self.address.set(address);
    }

    /// Passes a request to the component of this name. `None` if no trigger has it.
    pub(crate) async fn call(
        &self,
        name: &str,
        mut request: Request<WasiBody>,
    ) -> Option<Response<WasiBody>> {
        let handler = self.handlers.get()?.get(name)?;
        prepare(&mut request);
        Some(dispatch::answer(handler, request).await)
    }

    /// The address of a request to the application itself, which goes through the network and the routes. `None` before the host
    /// listens.
    pub(crate) fn own_address(&self, uri: &Uri) -> Option<Uri> {
        let authority = Authority::try_from(self.address.get()?.to_string()).ok()?;
        Some(with_authority(uri, authority))
    }
}

/// Makes the request look as if it had matched the route `/...`.
fn prepare(request: &mut Request<WasiBody>) {
    let route = Match {
        target: &(),
        raw_route: "/...",
        matched_route: "/...",
        path_info: request.uri().path().to_owned(),
        named: BTreeMap::new(),
    };
    if let Some(authority) = request.uri().authority().cloned() {
        *request.uri_mut() = with_authority(request.uri(), authority);
    }
    request::describe(request, &route, NOWHERE);
}

/// The same path and query at another authority, with the scheme `http`.
fn with_authority(uri: &Uri, authority: Authority) -> Uri {
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let built = Uri::builder().scheme(Scheme::HTTP).authority(authority).path_and_query(path).build();
    built.unwrap_or_else(|_| uri.clone())
}

/// The name of the component that an address chains to. As in Spin, case matters, and scheme and port do not.
pub(crate) fn target(uri: &Uri) -> Option<&str> {
    match uri.host()?.split_once('.')? {
        (name, DOMAIN) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_below_the_domain_is_a_component() {
        for (uri, expected) in [
            ("http://auth.spin.internal/x", Some("auth")),
            ("https://auth.spin.internal:8080/", Some("auth")),
            ("http://AUTH.spin.internal/", Some("AUTH")),
            ("http://auth.SPIN.internal/", None),
            ("http://a.b.spin.internal/", None),
            ("http://spin.internal/", None),
            ("http://auth.spin.internal.example.com/", None),
            ("http://auth.spin.internal./", None),
            ("http://auth.spin.internal@example.com/", None),
            ("/x", None),
        ] {
            assert_eq!(target(&uri.parse().unwrap()), expected, "{uri}");
        }
    }

    #[test]
    fn a_request_to_the_application_itself_goes_to_the_address_that_it_listens_on() {
        let components = Components::default();
        let uri: Uri = "https://self.alt/x?y=z".parse().unwrap();
        assert_eq!(components.own_address(&uri), None, "nothing listens yet");
        components.set_address("127.0.0.1:3000".parse().unwrap());
        assert_eq!(components.own_address(&uri).unwrap(), "http://127.0.0.1:3000/x?y=z");
    }
}
