//! An example of middleware: it adds a header to every response.

#![cfg(target_family = "wasm")]

use spin_sdk::http::{HeaderValue, IntoResponse as _};
use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

/// Tells browsers to use only HTTPS for a year (RFC 6797, section 6.1).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

struct Middleware;

spin_sdk::wasip3::http::service::export!(Middleware);

impl Guest for Middleware {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let mut response = spin_sdk::http::next(request).await?;
        response.headers_mut().insert("strict-transport-security", HSTS);
        response.into_response()
    }
}
