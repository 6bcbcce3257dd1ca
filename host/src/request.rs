//! Turns a request from the network into the one that a guest gets.

use std::net::SocketAddr;

use http::header::{CONNECTION, HOST};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use users_spin_manifest::Match;

/// Hosts below this domain name components of the application. Only other components may address them.
const INTERNAL: &str = "spin.internal";

/// Removes the headers that are only for the host.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let internal = headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        name.split_once('.').is_some_and(|(_, domain)| domain == INTERNAL)
    });
    if internal {
        headers.remove(HOST);
    }
    headers.remove(CONNECTION);
}

/// Makes the address absolute, from the `Host` header where the request line has only a path. Returns `None` when the two
/// differ, or neither names a host.
pub(crate) fn absolute(uri: &Uri, headers: &HeaderMap) -> Option<Uri> {
    let header = match headers.get(HOST) {
        Some(host) => Some(host.to_str().ok()?.parse::<Authority>().ok()?),
        None => None,
    };
    let authority = match (header, uri.authority()) {
        (Some(header), Some(line)) if header != *line => return None,
        (Some(header), _) => header,
        (None, line) => line?.clone(),
    };
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    Uri::builder().scheme(Scheme::HTTP).authority(authority).path_and_query(path).build().ok()
}

/// Adds the `spin-*` headers and replaces the client's own. The address has to be absolute.
pub(crate) fn describe<B, T>(request: &mut Request<B>, route: &Match<'_, T>, client: SocketAddr) {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let full_url = format!("http://{host}{path}");
    let client = client.to_string();
    let headers = request.headers_mut();
    for (name, value) in [
        ("spin-path-info", route.path_info.as_str()),
        ("spin-full-url", &full_url),
        ("spin-matched-route", route.matched_route),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", route.raw_route),
        ("spin-component-route", route.component_route()),
        ("spin-client-addr", &client),
    ] {
        insert(headers, HeaderName::from_static(name), value);
    }
    for (name, value) in &route.named {
        let name = format!("spin-path-match-{}", name.replace('_', "-").to_ascii_lowercase());
        if let Ok(name) = name.parse() {
            insert(headers, name, value);
        }
    }
}

/// Replaces a header. A value that is not valid in a header only removes it.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    headers.remove(&name);
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use users_spin_manifest::Routes;

    use super::*;

    fn host(host: &'static str) -> HeaderMap {
        [(HOST, HeaderValue::from_static(host))].into_iter().collect()
    }

    #[test]
    fn an_address_is_made_absolute_from_the_host() {
        let uri = Uri::from_static("/users/?skip=1");
        assert_eq!(absolute(&uri, &host("a:3000")).unwrap(), "http://a:3000/users/?skip=1");
        let uri = Uri::from_static("http://a:3000/users/");
        assert_eq!(absolute(&uri, &HeaderMap::new()).unwrap(), "http://a:3000/users/");
        assert_eq!(absolute(&uri, &host("a:3000")).unwrap(), "http://a:3000/users/");
        assert_eq!(absolute(&uri, &host("b:3000")), None);
        assert_eq!(absolute(&Uri::from_static("/"), &HeaderMap::new()), None);
        assert_eq!(absolute(&Uri::from_static("/"), &host("a b")), None);
    }

    #[test]
    fn transport_headers_are_not_passed_on() {
        let mut headers = host("auth.spin.internal:80");
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        strip(&mut headers);
        assert!(headers.is_empty());
        let mut headers = host("example.com");
        strip(&mut headers);
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn a_guest_learns_the_route_and_the_client() {
        let routes = Routes::new([("/users/:user_id/...".to_owned(), ())]).unwrap();
        let route = routes.find("/users/7/roles/").unwrap();
        let mut request = Request::builder()
            .uri("http://a/users/7/roles/?x=y")
            .header(HOST, "a")
            .header("spin-client-addr", "forged")
            .body(())
            .unwrap();
        describe(&mut request, &route, "127.0.0.1:9".parse().unwrap());
        for (name, value) in [
            ("spin-path-info", "/roles/"),
            ("spin-full-url", "http://a/users/7/roles/?x=y"),
            ("spin-matched-route", "/users/:user_id/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/users/:user_id/..."),
            ("spin-component-route", "/users/:user_id"),
            ("spin-client-addr", "127.0.0.1:9"),
            ("spin-path-match-user-id", "7"),
        ] {
            assert_eq!(request.headers()[name], value, "{name}");
        }
    }
}
