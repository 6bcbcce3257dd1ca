//! The limit of request bodies.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{Code, Problem};

/// The largest request body: 64 KiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The service reads at most this much of a body that is too large. A client that is still sending does not read an answer, so the
/// body is read up to this limit; beyond it the connection breaks.
const MAX_DRAINED_BYTES: usize = 8 * 1024 * 1024;

/// Reads the body of every request, also of one that is refused: an unread body would break the connection under the answer.
///
/// # Errors
/// A problem when the body is too large or ends early.
pub(crate) async fn enforce(request: Request<Body>) -> (Request<Body>, Result<(), Problem>) {
    let (parts, body) = request.into_parts();
    if !may_have_body(&parts.method, &parts.headers) {
        return (Request::from_parts(parts, body), Ok(()));
    }
    match read(body).await {
        Ok(bytes) => (Request::from_parts(parts, Body::from(bytes)), Ok(())),
        Err(problem) => (Request::from_parts(parts, Body::empty()), Err(problem)),
    }
}

/// RFC 9112 section 6.3 for HTTP/1.1; other versions may leave the headers out with methods that usually have a body.
fn may_have_body(method: &Method, headers: &HeaderMap) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
        || headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
}

async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let mut drained = Limited::new(body, MAX_DRAINED_BYTES);
    let mut bytes = Vec::new();
    let mut is_too_large = false;
    while let Some(frame) = drained.frame().await {
        let frame = frame.map_err(|error| {
            let code =
                if error.is::<LengthLimitError>() { Code::BODY_TOO_LARGE } else { Code::MALFORMED_BODY };
            Problem::new(code)
        })?;
        if let Some(data) = frame.data_ref() {
            is_too_large = is_too_large || bytes.len().saturating_add(data.len()) > MAX_BODY_BYTES;
            if !is_too_large {
                bytes.extend_from_slice(data);
            }
        }
    }
    if is_too_large { Err(Problem::new(Code::BODY_TOO_LARGE)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn outcome(method: Method, size: usize) -> Option<Code> {
        let body = Body::from("x".repeat(size));
        let request = Request::builder().method(method).header(CONTENT_LENGTH, size).body(body).unwrap();
        block_on(enforce(request)).1.err().map(|problem| problem.code())
    }

    #[test]
    fn a_body_has_at_most_64_kib_whatever_the_method() {
        for method in [Method::POST, Method::GET, Method::DELETE] {
            assert_eq!(outcome(method.clone(), 0), None);
            assert_eq!(outcome(method.clone(), MAX_BODY_BYTES), None);
            assert_eq!(outcome(method.clone(), MAX_BODY_BYTES + 1), Some(Code::BODY_TOO_LARGE));
            assert_eq!(outcome(method, MAX_DRAINED_BYTES + 1), Some(Code::BODY_TOO_LARGE));
        }
    }

    #[test]
    fn what_was_read_is_still_there() {
        let request = Request::post("/").body(Body::from("content")).unwrap();
        let (request, verdict) = block_on(enforce(request));
        assert!(verdict.is_ok());
        assert_eq!(block_on(request.into_body().collect()).unwrap().to_bytes(), "content");
    }
}
