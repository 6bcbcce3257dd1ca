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
use crate::request_id::X_REQUEST_ID;
use crate::route::{self, State};
use crate::{Code, Context, Problem, Route, limit, log, request_id};

/// Routes, and the rules that every response follows. A component contains nothing that belongs to one request, so it may live in a
/// `static`
/// (docs/ARCHITECTURE.md#invariants, 8).
#[derive(Debug, Clone)]
pub struct Component {
    name: &'static str,
    router: Router,
    /// The paths whose problems have the member `error` of OAuth 2.0.
    oauth_paths: Arc<[&'static str]>,
}

impl Component {
    /// Creates a component from a table of routes and a state.
    #[must_use]
    pub fn new<S: State>(name: &'static str, routes: Vec<Route<S>>, state: S) -> Self {
        let oauth_paths = oauth_paths(&routes);
        Self { name, router: route::router(routes, state), oauth_paths }
    }

    /// Creates a component that cannot work. It answers every request with the reason, in the format of its routes.
    #[must_use]
    pub fn broken<S: State>(name: &'static str, routes: &[Route<S>], problem: Problem) -> Self {
        let router = Router::new().fallback(async move || problem.clone());
        Self { name, router, oauth_paths: oauth_paths(routes) }
    }

    /// Answers a request, and writes a line to the log.
    pub async fn answer(&self, mut request: Request<Body>) -> Response<Full<Bytes>> {
        let started = now();
        let request_id = request_id::of(request.headers(), &OsRandom);
        let context = Context::new(self.name, request_id.to_str().unwrap_or_default());
        let method = request.method().clone();
        drop_trailing_slash(request.uri_mut());
        request.extensions_mut().insert(context.clone());
        let speaks_oauth = self.oauth_paths.contains(&request.uri().path());

        let response = match limit::enforce(request).await {
            (request, Ok(())) if has_empty_segment(request.uri()) => {
                Problem::new(Code::NOT_FOUND).into_response()
            }
            (request, Ok(())) => self.route(request).await,
            (_, Err(problem)) => problem.into_response(),
        };
        let mut response = complete(response, &method, &context, speaks_oauth).await;
        response.headers_mut().insert(X_REQUEST_ID, request_id);
        log::access(&context, method.as_str(), response.status().as_u16(), started.elapsed());
        response
    }

    async fn route(&self, request: Request<Body>) -> axum::response::Response {
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
    use super::*;

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
