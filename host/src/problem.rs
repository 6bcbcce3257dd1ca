//! The responses that the host itself creates.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, Response, StatusCode};
use serde::Serialize;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the client's own if it has 1 to 128 characters of `[A-Za-z0-9._-]`, otherwise a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> String {
    let mut sent = headers.get_all(REQUEST_ID).iter();
    let own = match (sent.next(), sent.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    };
    let is_valid = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    own.filter(is_valid).map_or_else(fresh_id, str::to_owned)
}

fn fresh_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness, ids repeat, but that only makes the log harder to read.
    _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The response for a component that trapped, reached a limit or took too long. Only the log contains the cause.
pub(crate) fn internal_error(request_id: &str) -> Response<Bytes> {
    problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "The service failed to answer; try again, and report the request id if it happens again.",
        request_id,
    )
}

/// The response to a request without a valid host (RFC 9112, section 3.2).
pub(crate) fn bad_host(request_id: &str) -> Response<Bytes> {
    problem(StatusCode::BAD_REQUEST, "bad_host", "The request needs one valid Host header.", request_id)
}

/// An RFC 9457 document, with the same members as the components' documents.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
}

fn problem(status: StatusCode, code: &str, detail: &str, request_id: &str) -> Response<Bytes> {
    let body = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        code,
        request_id,
    };
    // Text and numbers can always be serialized.
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id_of(own: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(own).unwrap());
        request_id(&headers)
    }

    #[test]
    fn a_valid_request_id_is_kept_and_any_other_replaced() {
        for own in ["a", "A.b_c-9", &"x".repeat(128)] {
            assert_eq!(id_of(own), own);
        }
        for own in ["", "a b", "a/b", "{}", &"x".repeat(129)] {
            assert_eq!(id_of(own).len(), 32, "{own:?}");
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
        let mut two = HeaderMap::new();
        for own in ["a", "b"] {
            two.append(REQUEST_ID, HeaderValue::from_static(own));
        }
        assert_eq!(request_id(&two).len(), 32, "two ids are none");
    }

    #[test]
    fn the_body_is_a_problem_document() {
        let response = internal_error("abc");
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["x-request-id"], "abc");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        let expected = json!({
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "The service failed to answer; try again, and report the request id if it happens again.",
            "code": "internal_error",
            "request_id": "abc",
        });
        assert_eq!(body, expected);
    }
}
