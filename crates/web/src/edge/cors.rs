//! Pages of other origins: the CORS protocol of the Fetch standard (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! Tokens travel in the header `Authorization`, which a page sets itself. There are no cookies, so no answer allows credentials.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN,
    VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use users_core::Origins;

use crate::StatusCode;

/// The headers of a request that the service reads and that browsers do not send without asking.
const READ: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id");

/// The headers of an answer that pages may read, besides those that they always may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id, X-Total-Count",
);

/// How long a browser remembers a preflight, in seconds: two hours, which is the most that Chromium takes.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Decides which origins may read answers.
#[derive(Debug, Default)]
pub(crate) struct Cors {
    origins: Origins,
}

impl Cors {
    pub(super) fn new(origins: Origins) -> Self {
        Self { origins }
    }

    /// The value of `Access-Control-Allow-Origin` for the request: the origin itself, or `*` if every origin may read. `None` if the
    /// origin may not.
    ///
    /// With `*`, the header is also in answers to requests without an origin: a cache may hand them to a page.
    pub(crate) fn reader(&self, request: &HeaderMap) -> Option<HeaderValue> {
        match &self.origins {
            Origins::Any => Some(HeaderValue::from_static("*")),
            Origins::These(_) => {
                request.get(ORIGIN).filter(|it| self.origins.contain(it.as_bytes())).cloned()
            }
        }
    }

    /// Adds the headers that every answer has. If answers depend on the origin, they all say so, because caches have to keep them
    /// apart (RFC 9110 section 12.5.5).
    pub(crate) fn complete(&self, reader: Option<HeaderValue>, answer: &mut HeaderMap) {
        if self.origins != Origins::Any && !self.origins.is_empty() {
            answer.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(reader) = reader {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader);
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

/// Returns true if a browser asks whether a page may send a request. Any other `OPTIONS` is an ordinary request.
pub(crate) fn is_preflight(method: &Method, request: &HeaderMap) -> bool {
    *method == Method::OPTIONS
        && request.contains_key(ORIGIN)
        && request.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight, from the answer to an ordinary `OPTIONS`, which names the methods of the path. An unknown path has none.
/// No handler runs for `OPTIONS`, so nobody is authenticated and no statement is run.
pub(crate) fn preflight(ordinary: &Response) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let headers = answer.headers_mut();
    if let Some(methods) = ordinary.headers().get(ALLOW) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
    }
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, READ);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example.com";

    fn request(origin: Option<&'static str>) -> HeaderMap {
        origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))).into_iter().collect()
    }

    /// `Access-Control-Allow-Origin` and `Vary` of an answer that already has a `Vary`.
    fn answered(origins: &str, origin: Option<&'static str>) -> (Option<String>, Vec<String>) {
        let cors = Cors::new(Origins::parse(origins).unwrap());
        let mut answer = HeaderMap::from_iter([(VARY, HeaderValue::from_static("Accept-Encoding"))]);
        cors.complete(cors.reader(&request(origin)), &mut answer);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let allowed = answer.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(text);
        assert_eq!(answer.contains_key(ACCESS_CONTROL_EXPOSE_HEADERS), allowed.is_some());
        (allowed, answer.get_all(VARY).iter().map(text).collect())
    }

    #[test]
    fn a_listed_origin_may_read_and_every_answer_depends_on_it() {
        let both = ["Accept-Encoding", "Origin"].map(str::to_owned).to_vec();
        assert_eq!(answered(APP, Some(APP)), (Some(APP.to_owned()), both.clone()));
        for origin in [None, Some("https://evil.example"), Some("null")] {
            assert_eq!(answered(APP, origin), (None, both.clone()), "{origin:?}");
        }
    }

    #[test]
    fn a_star_is_the_same_answer_for_everybody() {
        for origin in [None, Some("https://evil.example"), Some("null")] {
            assert_eq!(answered("*", origin), (Some("*".to_owned()), vec!["Accept-Encoding".to_owned()]));
        }
    }

    #[test]
    fn without_origins_nothing_changes() {
        for origin in [None, Some(APP)] {
            assert_eq!(answered("", origin), (None, vec!["Accept-Encoding".to_owned()]));
        }
    }
}
