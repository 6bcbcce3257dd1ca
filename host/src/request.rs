//! Converts a request from the network to the request that a guest receives.

use std::net::SocketAddr;

use http::header::{CONNECTION, HOST};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};
use users_spin_manifest::Match;

use crate::chaining::DOMAIN;

/// The host of a request that names none, which only HTTP/1.0 allows. Spin uses the same name in `spin-full-url`.
const UNNAMED: &str = "localhost";

/// Returns true if there is more than one `Host` line. If a proxy reads one line and the host another, they disagree on the target
/// (RFC 9112, section 3.2).
pub(crate) fn has_several_hosts(headers: &HeaderMap) -> bool {
    headers.get_all(HOST).iter().nth(1).is_some()
}

/// Removes the headers that are only for the host.
pub(crate) fn strip(headers: &mut HeaderMap) {
    if headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_internal) {
        headers.remove(HOST);
    }
    headers.remove(CONNECTION);
}

/// Returns true if the host, which may include a port, is below the domain of the components. Only other components may address it.
fn is_internal(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(DOMAIN))
}

/// Makes the address absolute (RFC 9112, section 3.3). The authority of the request line takes precedence over the `Host` header,
/// and the guest sees it in both places. Returns `None` if the header is invalid, or if it is missing in HTTP/1.1. Older clients,
/// such as the health checks of load balancers, may omit it.
pub(crate) fn absolute<B>(request: &mut Request<B>) -> Option<Uri> {
    let header = match request.headers().get(HOST) {
        Some(host) => Some(host.to_str().ok()?.parse::<Authority>().ok()?),
        None => None,
    };
    let authority = match (header, request.uri().authority().cloned(), request.version()) {
        (Some(header), Some(line), _) => {
            if header != line {
                request.headers_mut().remove(HOST);
                append(request.headers_mut(), HOST, line.as_str());
            }
            line
        }
        (Some(header), None, _) => header,
        (None, _, Version::HTTP_11) => return None,
        (None, Some(line), _) => line,
        (None, None, Version::HTTP_10) => Authority::from_static(UNNAMED),
        (None, None, _) => return None,
    };
    if is_internal(authority.as_str()) {
        return None;
    }
    let path = request.uri().path_and_query().cloned();
    let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
    Uri::builder().scheme(Scheme::HTTP).authority(authority).path_and_query(path).build().ok()
}

/// Adds the `spin-*` headers after those of the client: as in Spin, a header that a client sends under such a name stays, and the last
/// value is the host's. The address must be absolute.
pub(crate) fn describe<B, T>(request: &mut Request<B>, route: &Match<'_, T>, client: SocketAddr) {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or(UNNAMED);
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
        append(headers, HeaderName::from_static(name), value);
    }
    for (name, value) in &route.named {
        let name = format!("spin-path-match-{}", name.replace('_', "-").to_ascii_lowercase());
        if let Ok(name) = name.parse() {
            append(headers, name, value);
        }
    }
}

/// Appends a header. An invalid value is left out.
fn append(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use users_spin_manifest::Routes;

    use super::*;

    fn host(host: &'static str) -> HeaderMap {
        [(HOST, HeaderValue::from_static(host))].into_iter().collect()
    }

    /// The address of a request, and the `Host` that the guest sees.
    fn address(version: Version, line: &'static str, headers: HeaderMap) -> Option<(String, Option<String>)> {
        let mut request = Request::builder().version(version).uri(line).body(()).unwrap();
        *request.headers_mut() = headers;
        let uri = absolute(&mut request)?;
        let host = request.headers().get(HOST).map(|host| host.to_str().unwrap().to_owned());
        Some((uri.to_string(), host))
    }

    #[test]
    fn an_address_is_made_absolute_from_the_host() {
        let found = address(Version::HTTP_11, "/users/?skip=1", host("a:3000"));
        assert_eq!(found, Some(("http://a:3000/users/?skip=1".to_owned(), Some("a:3000".to_owned()))));
        for bad in [HeaderMap::new(), host("a b"), host("")] {
            assert_eq!(address(Version::HTTP_11, "/", bad.clone()), None, "{bad:?}");
            assert_eq!(address(Version::HTTP_11, "http://a/", bad.clone()), None, "{bad:?}");
        }
    }

    #[test]
    fn the_authority_of_the_request_line_counts_before_the_host() {
        let expected = Some(("http://a:3000/x".to_owned(), Some("a:3000".to_owned())));
        for sent in ["a:3000", "b:3000", "a"] {
            assert_eq!(address(Version::HTTP_11, "http://a:3000/x", host(sent)), expected, "{sent}");
        }
        let found = address(Version::HTTP_2, "http://a:3000/x", HeaderMap::new());
        assert_eq!(found, Some(("http://a:3000/x".to_owned(), None)));
        assert_eq!(address(Version::HTTP_2, "/x", HeaderMap::new()), None);
    }

    #[test]
    fn a_client_cannot_use_the_internal_name_of_a_component() {
        for target in ["http://auth.spin.internal/x", "http://auth.SPIN.internal:80/x"] {
            assert_eq!(address(Version::HTTP_11, target, host("b")), None, "{target}");
        }
    }

    #[test]
    fn http_1_0_needs_no_host() {
        let found = address(Version::HTTP_10, "/x", HeaderMap::new());
        assert_eq!(found, Some(("http://localhost/x".to_owned(), None)));
        assert_eq!(address(Version::HTTP_10, "/x", host("a b")), None, "one that is sent is valid");
    }

    #[test]
    fn several_host_lines_are_seen() {
        let mut headers = host("a");
        assert!(!has_several_hosts(&headers));
        headers.append(HOST, HeaderValue::from_static("a"));
        assert!(has_several_hosts(&headers));
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
            assert_eq!(request.headers().get_all(name).iter().next_back().unwrap(), value, "{name}");
        }
        // The client's own value stays before the host's.
        assert_eq!(request.headers().get_all("spin-client-addr").iter().count(), 2);
    }
}
