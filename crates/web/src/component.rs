//! A component: its routes, and the rules that all its answers follow.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;
use users_crypto::OsRandom;

use crate::answer::Place;
use crate::edge::{self, Edge};
use crate::problem_page::ProblemPages;
use crate::request_id::X_REQUEST_ID;
use crate::route::{self, State};
use crate::{Code, Context, Problem, Route, Variables, limit, log, request_id};

/// Routes, and the rules that every response follows. A component contains nothing that belongs to one request, so it may live in a
/// `static`
/// (docs/ARCHITECTURE.md#invariants, 8).
#[derive(Debug, Clone)]
pub struct Component {
    name: &'static str,
    router: Router,
    /// The paths whose problems have the member `error` of OAuth 2.0.
    oauth_paths: Arc<[&'static str]>,
    problem_pages: Option<ProblemPages>,
    edge: Edge,
}

impl Component {
    /// Creates a component from a table of routes and a state.
    #[must_use]
    pub fn new<S: State>(name: &'static str, routes: Vec<Route<S>>, state: S) -> Self {
        let oauth_paths = oauth_paths(&routes);
        let problem_pages = ProblemPages::of(&routes, &state);
        Self { name, router: route::router(routes, state), oauth_paths, problem_pages, edge: Edge::default() }
    }

    /// Creates a component that cannot work. It answers every request with the reason, in the format of its routes.
    #[must_use]
    pub fn broken<S: State>(name: &'static str, routes: &[Route<S>], problem: Problem) -> Self {
        let router = Router::new().fallback(async move || problem.clone());
        let oauth_paths = oauth_paths(routes);
        Self { name, router, oauth_paths, problem_pages: None, edge: Edge::default() }
    }

    /// Returns the same component. It applies these settings to every request.
    #[must_use]
    pub fn with_edge(self, edge: Edge) -> Self {
        Self { edge, ..self }
    }

    /// Returns the same component, which cannot work. Pages of the origins in the variables can read why.
    #[must_use]
    pub async fn with_origins_of(self, variables: &impl Variables) -> Self {
        self.with_edge(Edge::of_broken(variables).await)
    }

    /// Answers a request, and writes a line to the log.
    pub async fn answer(&self, mut request: Request<Body>) -> Response<Full<Bytes>> {
        let started = now();
        let request_id = request_id::of(request.headers(), &OsRandom);
        let client = self.edge.client(request.headers());
        let context = Context::new(
            self.name,
            request_id.to_str().unwrap_or_default(),
            client,
            self.edge.admits_administration(client),
        );
        let method = request.method().clone();
        let reader = self.edge.cors().reader(request.headers());
        let is_preflight = reader.is_some() && edge::is_preflight(&method, request.headers());
        drop_trailing_slash(request.uri_mut());
        request.extensions_mut().insert(context.clone());
        let speaks_oauth = self.oauth_paths.contains(&request.uri().path());
        let visit = self.problem_pages.as_ref().and_then(|pages| pages.visit(&request));

        let response = match limit::enforce(request).await {
            _ if self.edge.refuses(client) => Problem::new(Code::ADDRESS_REFUSED).into_response(),
            (request, Ok(())) if is_preflight => edge::preflight(&self.route(request).await),
            (request, Ok(())) => self.route(request).await,
            (_, Err(problem)) => problem.into_response(),
        };
        let response = match visit {
            Some(visit) => visit.shown(response),
            None => response,
        };
        let mut response = complete(response, &method, &context, speaks_oauth).await;
        self.edge.cors().complete(reader, response.headers_mut());
        response.headers_mut().insert(X_REQUEST_ID, request_id);
        log::access(&context, method.as_str(), response.status().as_u16(), started.elapsed());
        response
    }

    async fn route(&self, request: Request<Body>) -> axum::response::Response {
        if has_empty_segment(request.uri()) {
            return Problem::new(Code::NOT_FOUND).into_response();
        }
        // A router never fails: its error type has no values.
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

fn oauth_paths<S>(routes: &[Route<S>]) -> Arc<[&'static str]> {
    routes.iter().filter(|route| route.speaks_oauth).map(|route| route.path).collect()
}

/// Removes a trailing slash: `/users/` becomes `/users`, without a redirect.
fn drop_trailing_slash(uri: &mut Uri) {
    let Some(path) = uri.path().strip_suffix('/').filter(|path| !path.is_empty()) else {
        return;
    };
    let shorter = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(shorter).ok();
    if let Ok(shorter) = Uri::from_parts(parts) {
        *uri = shorter;
    }
}

/// Returns true if the path contains two slashes in a row. No path of the service has an empty segment, but the router would take
/// an empty segment for a parameter without a value.
fn has_empty_segment(uri: &Uri) -> bool {
    uri.path().contains("//")
}

/// Turns a problem into an answer, adds the header whose address is relative to the route, and adds the headers that every answer
/// has.
async fn complete(
    response: axum::response::Response,
    method: &Method,
    context: &Context,
    speaks_oauth: bool,
) -> Response<Full<Bytes>> {
    let (mut parts, body) = response.into_parts();
    if let Some(place) = parts.extensions.remove::<Place>() {
        place.add_header(context.written_route().unwrap_or_default(), &mut parts.headers);
    }
    let problem = parts.extensions.remove::<Problem>();
    let body = match problem {
        Some(problem) => {
            if let Some(cause) = problem.cause() {
                log::cause(context, problem.code(), cause);
            }
            problem.add_headers(&mut parts.headers);
            parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            parts.headers.remove(CONTENT_LENGTH);
            Bytes::from(problem.document(context.request_id(), speaks_oauth))
        }
        // The bodies of our own answers are in memory and cannot fail.
        None => body.collect().await.map(|it| it.to_bytes()).unwrap_or_default(),
    };
    add_common_headers(&mut parts.headers);
    if parts.status == StatusCode::NO_CONTENT || parts.status == StatusCode::NOT_MODIFIED {
        // RFC 9110 section 8.6: an answer that cannot have a body has no length.
        parts.headers.remove(CONTENT_LENGTH);
    } else {
        // Without a length, the host sends the body in chunks. The answer to HEAD keeps the length that GET would have.
        parts.headers.entry(CONTENT_LENGTH).or_insert_with(|| body.len().into());
    }
    let body = if method == Method::HEAD { Bytes::new() } else { body };
    Response::from_parts(parts, Full::new(body))
}

fn add_common_headers(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[expect(clippy::disallowed_methods, reason = "measures a duration for the log; no rule depends on it")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use axum::http::header::{
        ACCEPT, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
    };
    use axum::http::request::Parts;
    use futures::executor::block_on;

    use super::*;
    use crate::openapi::Operation;
    use crate::{About, Access, Client, NoContent, Public, get, page, put};

    /// Administrators may use the route. Nobody asks for a token here, but the answer shows that the rule was asked.
    #[derive(Debug, Clone, Copy)]
    struct Admin;

    const ASKED: Code = Code::new(StatusCode::UNAUTHORIZED, "asked", "The rule was asked.");

    impl Access<()> for Admin {
        fn required(&self) -> Cow<'static, str> {
            "admin".into()
        }

        fn is_administrative(&self) -> bool {
            true
        }

        fn describe(&self, _: &mut Operation) {}

        async fn admit(&self, (): &(), _: &mut Parts) -> Result<(), Problem> {
            Err(ASKED.into())
        }
    }

    /// Answers with the address of the client.
    async fn who(client: Client) -> Result<NoContent, Problem> {
        let address = client.address.map_or_else(|| "nobody".to_owned(), |it| it.to_string());
        Err(Problem::new(Code::NOT_FOUND).with_detail(address))
    }

    fn about() -> About {
        About::new("test", "Test", "Nothing.")
    }

    fn routes() -> Vec<Route<()>> {
        vec![
            get("/who", Public, who, about),
            put("/who", Public, who, about),
            get("/admin", Admin, who, about),
        ]
    }

    /// A component with these variables in place of the usual ones.
    fn component(changed: &[(&str, &str)]) -> Component {
        let variables = variables(changed);
        let edge = block_on(Edge::read(&variables, &routes())).unwrap();
        Component::new("test", routes(), ()).with_edge(edge)
    }

    fn variables(changed: &[(&str, &str)]) -> BTreeMap<String, String> {
        let usual = [
            ("trusted_proxies", ""),
            ("proxy_header", "x-forwarded-for"),
            ("cors_origins", ""),
            ("blocked_addresses", ""),
            ("admin_addresses", ""),
        ];
        let all = usual.iter().chain(changed);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    struct Answered {
        status: u16,
        headers: HeaderMap,
        body: String,
    }

    impl Answered {
        fn text(&self, name: impl axum::http::header::AsHeaderName) -> Option<&str> {
            self.headers.get(name).map(|value| value.to_str().unwrap())
        }

        fn has(&self, word: &str) -> bool {
            self.body.contains(&format!("\"{word}\""))
        }
    }

    fn ask(component: &Component, method: Method, path: &str, headers: &[(&str, &str)]) -> Answered {
        let mut request = Request::builder().method(method).uri(format!("http://127.0.0.1:3000{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = block_on(component.answer(request.body(Body::empty()).unwrap()));
        let (parts, body) = answer.into_parts();
        let Ok(body) = block_on(body.collect());
        let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
        Answered { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    const APP: &str = "https://app.example.com";
    const PEER: (&str, &str) = ("spin-client-addr", "192.0.2.7:1024");

    /// The headers of a preflight.
    fn preflight(origin: &str) -> [(&str, &str); 2] {
        [(ORIGIN.as_str(), origin), (ACCESS_CONTROL_REQUEST_METHOD.as_str(), "PUT")]
    }

    #[test]
    fn the_client_of_a_handler_is_what_a_trusted_proxy_says() {
        let headers = [PEER, ("x-forwarded-for", "198.51.100.9, 203.0.113.5")];
        for (trusted, expected) in [("", "192.0.2.7"), ("192.0.2.0/24", "203.0.113.5")] {
            let component = component(&[("trusted_proxies", trusted)]);
            assert!(ask(&component, Method::GET, "/who", &headers).has(expected), "{trusted}");
        }
        assert!(ask(&component(&[]), Method::GET, "/who", &[]).has("nobody"));
    }

    #[test]
    fn a_blocked_address_gets_no_other_answer() {
        let component = component(&[("blocked_addresses", "192.0.2.0/24"), ("cors_origins", APP)]);
        for (method, path) in [
            (Method::GET, "/who"),
            (Method::PUT, "/who"),
            (Method::DELETE, "/who"),
            (Method::GET, "/admin"),
            (Method::GET, "/nowhere"),
            (Method::GET, "//"),
            (Method::OPTIONS, "/who"),
        ] {
            let [origin, asks] = preflight(APP);
            let answer = ask(&component, method.clone(), path, &[PEER, origin, asks]);
            assert!(
                answer.status == 403 && answer.has("address_refused"),
                "{method} {path}: {}",
                answer.body
            );
            assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_ORIGIN), Some(APP), "{method} {path}");
        }
        let other = [("spin-client-addr", "192.0.3.7:1024")];
        assert!(ask(&component, Method::GET, "/who", &other).has("192.0.3.7"));
    }

    #[test]
    fn routes_for_administrators_are_refused_from_elsewhere_before_their_rule_is_asked() {
        let limited = component(&[("admin_addresses", "198.51.100.0/24"), ("trusted_proxies", "10.0.0.1")]);
        for (peer, forwarded, expected) in [
            ("192.0.2.7:1", "198.51.100.9", "address_refused"),
            ("198.51.100.9:1", "192.0.2.7", "asked"),
            ("10.0.0.1:1", "198.51.100.9", "asked"),
            ("10.0.0.1:1", "198.51.100.9, 192.0.2.7", "address_refused"),
            ("0.0.0.0:0", "198.51.100.9", "asked"),
            ("0.0.0.0:0", "", "address_refused"),
        ] {
            let headers = [("spin-client-addr", peer), ("x-forwarded-for", forwarded)];
            let answer = ask(&limited, Method::GET, "/admin", &headers);
            assert!(answer.has(expected), "{peer} {forwarded}: {}", answer.body);
            assert_eq!(ask(&limited, Method::GET, "/who", &headers).status, 404);
            assert_eq!(ask(&limited, Method::PUT, "/admin", &headers).status, 405);
        }
        assert!(ask(&component(&[]), Method::GET, "/admin", &[PEER]).has("asked"));
    }

    /// A problem as a page.
    fn shown((): &(), head: &Parts, answer: axum::response::Response) -> axum::response::Response {
        let text = format!("<p>{}</p>", head.uri.path());
        (answer.status(), answer.headers().clone(), text).into_response()
    }

    #[test]
    fn a_component_with_pages_answers_browsers_with_pages_and_programs_with_documents() {
        let table =
            || vec![page("/who", Public, who).showing_problems(shown), get("/admin", Admin, who, about)];
        let edge =
            block_on(Edge::read(&variables(&[("admin_addresses", "198.51.100.9")]), &table())).unwrap();
        let component = Component::new("test", table(), ()).with_edge(edge);
        for (method, path, status, allowed) in [
            (Method::GET, "/nowhere", 404, None),
            (Method::POST, "/nowhere", 404, None),
            (Method::GET, "/who//x", 404, None),
            (Method::DELETE, "/who", 405, Some("GET,HEAD")),
            (Method::GET, "/admin", 403, None),
        ] {
            let browser = [PEER, (ACCEPT.as_str(), "application/xhtml+xml, Text/HTML;q=0.9, */*;q=0.8")];
            let seen = ask(&component, method.clone(), path, &browser);
            assert_eq!((seen.status, seen.body), (status, format!("<p>{path}</p>")), "{method}");
            assert_eq!(seen.headers.get(ALLOW).map(|it| it.to_str().unwrap()), allowed, "{method} {path}");
            for program in ["*/*", "application/json", "text/htmlx", ""] {
                let told = ask(&component, method.clone(), path, &[PEER, (ACCEPT.as_str(), program)]);
                assert_eq!(told.status, status, "{method} {path} {program}");
                assert_eq!(
                    told.text(CONTENT_TYPE),
                    Some("application/problem+json"),
                    "{method} {path} {program}"
                );
            }
        }
    }

    #[test]
    fn only_a_component_with_routes_for_administrators_needs_their_addresses() {
        let mut variables = variables(&[]);
        variables.remove("admin_addresses");
        let missing = block_on(Edge::read(&variables, &routes())).unwrap_err();
        assert!(missing.cause().unwrap().contains("admin_addresses"));
        let public = vec![get("/who", Public, who, about)];
        assert!(block_on(Edge::read::<()>(&variables, &public)).is_ok());
    }

    #[test]
    fn a_preflight_is_answered_with_the_methods_of_the_path() {
        let component = component(&[("cors_origins", APP)]);
        for (path, methods) in [
            ("/who", Some("GET,HEAD,PUT")),
            ("/who/", Some("GET,HEAD,PUT")),
            ("/admin", Some("GET,HEAD")),
            ("/nowhere", None),
            ("//", None),
        ] {
            let answer = ask(&component, Method::OPTIONS, path, &preflight(APP));
            assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
            assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_METHODS), methods, "{path}");
            assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_ORIGIN), Some(APP));
            assert_eq!(answer.text(ACCESS_CONTROL_MAX_AGE), Some("7200"));
            assert_eq!(answer.text(VARY), Some("Origin"));
            assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
            let headers = answer.text(ACCESS_CONTROL_ALLOW_HEADERS).unwrap();
            assert_eq!(headers, "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id");
        }
    }

    #[test]
    fn any_other_options_keeps_its_answer() {
        for (origins, headers) in [
            ("", &preflight(APP)[..]),
            (APP, &preflight("https://evil.example")),
            (APP, &[(ORIGIN.as_str(), APP)]),
            ("*", &[(ACCESS_CONTROL_REQUEST_METHOD.as_str(), "PUT")]),
            ("*", &[]),
        ] {
            let component = component(&[("cors_origins", origins)]);
            let answer = ask(&component, Method::OPTIONS, "/who", headers);
            assert_eq!((answer.status, answer.text(ALLOW)), (405, Some("GET,HEAD,PUT")), "{origins}");
            assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_METHODS), None);
        }
    }

    #[test]
    fn every_answer_tells_a_page_of_a_listed_origin_that_it_may_read() {
        let component = component(&[("cors_origins", APP)]);
        for (method, path) in [
            (Method::GET, "/who"),
            (Method::HEAD, "/who"),
            (Method::GET, "/admin"),
            (Method::POST, "/who"),
            (Method::GET, "/nowhere"),
            (Method::OPTIONS, "/who"),
        ] {
            let answer = ask(&component, method.clone(), path, &[(ORIGIN.as_str(), APP)]);
            assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_ORIGIN), Some(APP), "{method} {path}");
            assert!(answer.text(ACCESS_CONTROL_EXPOSE_HEADERS).unwrap().contains("X-Total-Count"));
            for other in [&[(ORIGIN.as_str(), "https://evil.example")][..], &[]] {
                let answer = ask(&component, method.clone(), path, other);
                assert_eq!(answer.text(ACCESS_CONTROL_ALLOW_ORIGIN), None, "{method} {path}");
                assert_eq!(answer.text(ACCESS_CONTROL_EXPOSE_HEADERS), None);
                assert_eq!(answer.text(VARY), Some("Origin"));
            }
        }
    }

    #[test]
    fn a_page_reads_why_a_component_cannot_work() {
        let broken = || Component::broken("test", &routes(), Problem::internal("no secret"));
        let origin = [(ORIGIN.as_str(), APP)];
        let readable = block_on(broken().with_origins_of(&variables(&[("cors_origins", APP)])));
        let answer = ask(&readable, Method::GET, "/who", &origin);
        assert_eq!((answer.status, answer.text(ACCESS_CONTROL_ALLOW_ORIGIN)), (500, Some(APP)));
        assert_eq!(ask(&readable, Method::OPTIONS, "/who", &preflight(APP)).status, 204);
        let unreadable = block_on(broken().with_origins_of(&variables(&[("cors_origins", "x")])));
        let answer = ask(&unreadable, Method::GET, "/who", &origin);
        assert_eq!((answer.status, answer.text(ACCESS_CONTROL_ALLOW_ORIGIN)), (500, None));
    }

    #[test]
    fn one_trailing_slash_is_dropped_and_the_rest_of_the_address_stays() {
        for (from, to) in [
            ("/", "/"),
            ("/auth/me", "/auth/me"),
            ("/auth/me/", "/auth/me"),
            ("/users/?skip=1&limit=2", "/users?skip=1&limit=2"),
            ("http://h:1/auth/me/?x=/", "http://h:1/auth/me?x=/"),
            ("http://h:1/", "http://h:1/"),
            ("/auth/me//", "/auth/me/"),
        ] {
            let mut uri: Uri = from.parse().unwrap();
            drop_trailing_slash(&mut uri);
            assert_eq!(uri.to_string(), to);
        }
    }
}
