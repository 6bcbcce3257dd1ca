//! Successful answers. Each kind has a type, so a handler's signature shows its answer.

use std::fmt::Display;

use axum::Extension;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ETag, IfNoneMatch, Problem};

/// The header with the number of objects on all pages.
const X_TOTAL_COUNT: &str = "x-total-count";

/// 200 with an object in JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// 200 with all objects of a list in JSON.
#[derive(Debug)]
pub struct JsonArray<T>(pub Vec<T>);

/// A JSON document for everyone, which caches may keep for a while.
pub trait Publication: Serialize + ToSchema {
    /// The media type.
    const MEDIA_TYPE: &'static str;
    /// `Cache-Control` (RFC 9111 section 5.2.2).
    const CACHE_CONTROL: &'static str;

    /// False while no cache may keep the document.
    fn is_lasting(&self) -> bool {
        true
    }
}

/// 200 with a document for everyone.
#[derive(Debug)]
pub struct Published<T>(pub T);

/// 201 with a new object in JSON, and its `Location` (RFC 9110 section 10.2.2).
#[derive(Debug)]
pub struct Created<T> {
    place: Place,
    object: T,
}

impl<T> Created<T> {
    /// Creates the answer for an object that was added to the collection of the route.
    #[must_use]
    pub fn within(id: impl Display, object: T) -> Self {
        Self { place: Place::Member(id.to_string()), object }
    }

    /// Creates the answer for an object at another path of this service.
    #[must_use]
    pub fn at(path: String, object: T) -> Self {
        Self { place: Place::Path(path), object }
    }
}

/// 204: done, and the answer has no body.
#[derive(Debug)]
pub struct NoContent;

/// 202 with an empty object: an e-mail tells the person, if there is anything to tell (RFC 9110 section 15.3.3).
#[derive(Debug)]
pub struct Queued;

/// An object without members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({})))]
pub(crate) struct Empty {}

/// 200 with an object in JSON that a browser saves as a file (RFC 6266).
#[derive(Debug)]
pub struct Attachment<T> {
    disposition: String,
    object: T,
}

impl<T> Attachment<T> {
    /// The object, and the name of the file without its ending. Only letters, digits, `-` and `_` of the name are kept, so that it needs
    /// no escapes.
    #[must_use]
    pub fn new(name: &str, object: T) -> Self {
        let name: String =
            name.chars().filter(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_')).collect();
        Self { disposition: format!("attachment; filename=\"{name}.json\""), object }
    }
}

/// A page of a list in JSON: 200 with the objects as an array. If there is a next page, the answer has `Link: <…>; rel="next"` (RFC
/// 8288). If the client asked for the total, the answer has `X-Total-Count`.
#[derive(Debug)]
pub struct Paged<T> {
    pub(crate) items: Vec<T>,
    /// The query of the next page.
    pub(crate) next: Option<String>,
    pub(crate) total: Option<i64>,
}

/// An address in an answer's header. The path of the route is added when the answer is completed, so operations do not repeat the
/// path from the table of routes.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// `Location`: the object with this id in the collection of the route.
    Member(String),
    /// `Location`: a path on this service.
    Path(String),
    /// `Link`: the same list with this query.
    Next(String),
}

impl Place {
    /// Adds the header to an answer of the route with this path.
    pub(crate) fn add_header(self, path: &str, headers: &mut HeaderMap) {
        let (name, value) = match self {
            Self::Member(id) => (LOCATION, format!("{}/{id}", path.trim_end_matches('/'))),
            Self::Path(path) => (LOCATION, path),
            Self::Next(query) => (LINK, format!("<{path}?{query}>; rel=\"next\"")),
        };
        // The path, the id and the encoded query contain only characters that a header allows.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// An answer with the version of its object, or 304 if the client already has that version (RFC 9110 section 15.4.5).
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

    /// The answer with its version, or 304 if the client already has this version.
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

impl<T: Publication> IntoResponse for Published<T> {
    fn into_response(self) -> Response {
        let is_lasting = self.0.is_lasting();
        let mut response = Json(self.0).into_response();
        // A document that cannot be written is a problem, which no cache keeps.
        if response.status() == StatusCode::OK {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(T::MEDIA_TYPE));
            if is_lasting {
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(T::CACHE_CONTROL));
            }
        }
        response
    }
}

impl<T: Serialize> IntoResponse for JsonArray<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Extension(self.place), Json(self.object)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Attachment<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.object).into_response();
        match HeaderValue::try_from(self.disposition) {
            Ok(disposition) => drop(response.headers_mut().insert(CONTENT_DISPOSITION, disposition)),
            Err(error) => return Problem::internal(error).into_response(),
        }
        response
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl IntoResponse for Queued {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(Empty {})).into_response()
    }
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        if let Some(next) = self.next {
            response.extensions_mut().insert(Place::Next(next));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, ToSchema)]
    struct Keys {
        are_there: bool,
    }

    impl Publication for Keys {
        const MEDIA_TYPE: &'static str = "application/jwk-set+json";
        const CACHE_CONTROL: &'static str = "max-age=300";

        fn is_lasting(&self) -> bool {
            self.are_there
        }
    }

    #[test]
    fn caches_keep_a_document_only_while_it_is_lasting() {
        let headers = |are_there| Published(Keys { are_there }).into_response().headers().clone();
        assert_eq!(headers(true)[CONTENT_TYPE], "application/jwk-set+json");
        assert_eq!(headers(true)[CACHE_CONTROL], "max-age=300");
        assert_eq!(headers(false)[CONTENT_TYPE], "application/jwk-set+json");
        assert_eq!(headers(false).get(CACHE_CONTROL), None);
    }

    #[test]
    fn the_name_of_an_attachment_needs_no_escapes() {
        let response = Attachment::new("account-7\"\r\n;é/..", ()).into_response();
        assert_eq!(response.headers()[CONTENT_DISPOSITION], "attachment; filename=\"account-7.json\"");
    }
}
