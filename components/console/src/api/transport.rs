//! The transport of requests to the API.

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use thiserror::Error;

/// A request that has been sent. It completes with the head of the answer.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>, TransportError>> + Send + 'a>>;

/// Sends requests: the runtime's client in a component, a native one elsewhere, and a fake in tests.
pub trait Transport: Send + Sync {
    /// Sends a request with an absolute URI. Follows no redirects.
    fn send(&self, request: Request<Bytes>) -> Exchange<'_>;
}

/// There is no answer.
#[derive(Debug, Clone, Error)]
pub enum TransportError {
    /// The time limit has passed.
    #[error("no answer in time")]
    TimedOut,
    /// The connection failed. The cause is for the log, and holds no secret.
    #[error("{0}")]
    Failed(String),
}
