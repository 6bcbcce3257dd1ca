//! The limits of request bodies.

use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, Request};
use futures::future::{Either, select};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{Code, Problem, timer};

/// The largest request body: 64 KiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The maximum number of bytes that the service reads of a body that is too large. A client does not read the answer while it still
/// sends, so the service reads on up to this limit. Beyond the limit, the connection breaks.
const MAX_DRAINED_BYTES: usize = 8 * 1024 * 1024;

/// The time in which a client must send its whole body: 20 seconds in total, also if it sends a little at a time.
///
/// Some hosts limit the time of a request, usually to 30 seconds, and then end the instance with all its requests. A component must
/// give up earlier. After the body, a request needs time for at most two statements of 5 seconds. Spin has no such limit: without
/// this one, a client could block a place in an instance forever. 64 KiB in 20 seconds are 26 kbit/s, which even the slowest mobile
/// networks reach.
const BODY_TIME: Duration = Duration::from_secs(20);

/// Reads the body of every request, even if the request is refused: an unread body would break the connection before the client has
/// the answer.
///
/// # Errors
/// A problem when the body is too large, ends early or does not arrive in time.
pub(crate) async fn enforce(request: Request<Body>) -> (Request<Body>, Result<(), Problem>) {
    let (parts, body) = request.into_parts();
    if !may_have_body(&parts.method, &parts.headers) {
        return (Request::from_parts(parts, body), Ok(()));
    }
    match read(body, timer::wait(BODY_TIME)).await {
        Ok(bytes) => (Request::from_parts(parts, Body::from(bytes)), Ok(())),
        Err(problem) => (Request::from_parts(parts, Body::empty()), Err(problem)),
    }
}

/// RFC 9112 section 6.3 for HTTP/1.1. In other versions, a request whose method usually has a body may omit the headers.
fn may_have_body(method: &Method, headers: &HeaderMap) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
        || headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
}

/// Reads a body until its end, or until the future `patience` completes.
async fn read(body: Body, patience: impl Future<Output = ()>) -> Result<Vec<u8>, Problem> {
    let mut drained = Limited::new(body, MAX_DRAINED_BYTES);
    let mut patience = pin!(patience);
    let mut bytes = Vec::new();
    let mut is_too_large = false;
    // The frame is polled before the timer, so a body that has already arrived needs no timer.
    while let Either::Left((frame, _)) = select(drained.frame(), patience.as_mut()).await {
        let Some(frame) = frame else {
            return if is_too_large { Err(Problem::new(Code::BODY_TOO_LARGE)) } else { Ok(bytes) };
        };
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
    // Spin stops reading the connection when nobody wants the body any more. It then sometimes closes the connection after the head of
    // the answer, before the answer's body.
    timer::drop_later(drained);
    // A body over the limit is too large, even if the rest of it never arrives.
    Err(Problem::new(if is_too_large { Code::BODY_TOO_LARGE } else { Code::REQUEST_TIMEOUT }))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use futures::executor::block_on;
    use futures::stream::{StreamExt, iter, pending};
    use tokio::time::{Instant, sleep};

    use super::*;

    fn outcome(method: Method, size: usize) -> Option<Code> {
        let body = Body::from("x".repeat(size));
        let request = Request::builder().method(method).header(CONTENT_LENGTH, size).body(body).unwrap();
        block_on(enforce(request)).1.err().map(|problem| problem.code())
    }

    #[test]
    fn the_limit_of_64_kib_applies_to_every_method() {
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

    /// A body that consists of these chunks and never ends.
    fn endless(chunks: Vec<Vec<u8>>) -> Body {
        let chunks = iter(chunks).map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk)));
        Body::from_stream(chunks.chain(pending()))
    }

    async fn code_of(body: Body) -> Option<Code> {
        enforce(Request::post("/").body(body).unwrap()).await.1.err().map(|problem| problem.code())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_is_refused_after_twenty_seconds() {
        let started = Instant::now();
        assert_eq!(code_of(endless(vec![b"{".to_vec()])).await, Some(Code::REQUEST_TIMEOUT));
        assert_eq!(started.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_refused_after_twenty_seconds() {
        let started = Instant::now();
        let trickle = futures::stream::repeat(b"x").then(async |chunk| {
            sleep(Duration::from_secs(3)).await;
            Ok::<_, Infallible>(Bytes::from_static(chunk))
        });
        assert_eq!(code_of(Body::from_stream(trickle)).await, Some(Code::REQUEST_TIMEOUT));
        assert_eq!(started.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_too_large_and_stalls_is_refused_as_too_large() {
        assert_eq!(code_of(endless(vec![vec![b'x'; MAX_BODY_BYTES + 1]])).await, Some(Code::BODY_TOO_LARGE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_that_ends_in_time_is_read() {
        let slow = futures::stream::once(async {
            sleep(Duration::from_secs(19)).await;
            Ok::<_, Infallible>(Bytes::from_static(b"late"))
        });
        let (request, verdict) = enforce(Request::post("/").body(Body::from_stream(slow)).unwrap()).await;
        assert!(verdict.is_ok());
        assert_eq!(request.into_body().collect().await.unwrap().to_bytes(), "late");
    }
}
