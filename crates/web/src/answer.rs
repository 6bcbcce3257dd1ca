//! Good answers: a type for each kind, so that a handler's signature says what it answers.

use axum::http::header::{CONTENT_TYPE, ETAG, LINK, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::{ETag, IfNoneMatch, Problem};

/// The header that tells how many objects there are on all pages together.
const X_TOTAL_COUNT: &str = "x-total-count";

/// 200 with an object in JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// 200 with all objects of a list in JSON.
#[derive(Debug)]
pub struct JsonArray<T>(pub Vec<T>);

/// 201 with a new object in JSON.
#[derive(Debug)]
pub struct Created<T> {
    /// Where it is: a path on this service.
    pub location: String,
    /// What it is.
    pub object: T,
}

/// 204: it is done, and there is no more to say.
#[derive(Debug)]
pub struct NoContent;

/// A page of a list in JSON: 200 with the objects as an array; `Link: <…>; rel="next"` (RFC 8288) while there are more of them,
/// and `X-Total-Count` when it was asked for.
#[derive(Debug)]
pub struct Paged<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page is: a path on this service.
    pub(crate) next: Option<String>,
    pub(crate) total: Option<i64>,
}

/// An answer with the version of its object, or 304 to a client that has that version (RFC 9110 section 15.4.5).
#[derive(Debug)]
pub struct Versioned<A> {
    version: ETag,
    answer: Option<A>,
}

impl<A> Versioned<A> {
    /// The answer with its version.
    #[must_use]
    pub fn new(version: ETag, answer: A) -> Self {
        Self { version, answer: Some(answer) }
    }

    /// The answer with its version, unless the client has it already.
    #[must_use]
    pub fn unless_known(version: ETag, known: &IfNoneMatch, answer: A) -> Self {
        let answer = (!known.names(&version)).then_some(answer);
        Self { version, answer }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

impl<T: Serialize> IntoResponse for JsonArray<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, [(LOCATION, self.location)], Json(self.object)).into_response()
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        if let Some(next) = self.next {
            match HeaderValue::try_from(format!("<{next}>; rel=\"next\"")) {
                Ok(link) => drop(response.headers_mut().insert(LINK, link)),
                Err(error) => return Problem::internal(error).into_response(),
            }
        }
        if let Some(total) = self.total {
            response.headers_mut().insert(X_TOTAL_COUNT, HeaderValue::from(total));
        }
        response
    }
}

impl<A: IntoResponse> IntoResponse for Versioned<A> {
    fn into_response(self) -> Response {
        let mut response = match self.answer {
            Some(answer) => answer.into_response(),
            None => StatusCode::NOT_MODIFIED.into_response(),
        };
        match HeaderValue::try_from(self.version.as_str()) {
            Ok(tag) => drop(response.headers_mut().insert(ETAG, tag)),
            Err(error) => return Problem::internal(error).into_response(),
        }
        response
    }
}
