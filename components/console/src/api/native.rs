//! A native client, for programs and tests outside WebAssembly.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;

use super::{CALL_TIME, Exchange, Transport, TransportError};

/// The native client. It keeps connections open, as the runtime does.
#[derive(Debug)]
struct NativeClient(reqwest::Client);

/// Creates the transport.
///
/// # Errors
/// When the client cannot be built.
pub(crate) fn transport() -> Result<Arc<dyn Transport>, TransportError> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CALL_TIME)
        .timeout(CALL_TIME)
        .build();
    client.map(|client| Arc::new(NativeClient(client)) as Arc<dyn Transport>).map_err(|error| failed(&error))
}

impl Transport for NativeClient {
    fn send(&self, request: Request<Bytes>) -> Exchange<'_> {
        Box::pin(async move {
            let request = request.map(reqwest::Body::from);
            let request = reqwest::Request::try_from(request).map_err(|error| failed(&error))?;
            let answer = self.0.execute(request).await.map_err(|error| failed(&error))?;
            Ok(Response::from(answer).map(Body::new))
        })
    }
}

fn failed(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::TimedOut;
    }
    // The error itself would name the URL, whose query may hold what somebody searches for.
    let kind = if error.is_connect() { "it cannot be reached" } else { "the connection failed" };
    TransportError::Failed(kind.to_owned())
}
