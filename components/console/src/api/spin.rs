//! The runtime's client (`wasi:http/client`). It reaches the hosts that `spin.toml` allows.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use spin_sdk::http::send;
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

use super::{CALL_TIME, Exchange, Transport, TransportError};

/// The runtime's client.
#[derive(Debug)]
struct Client;

/// Creates the transport.
///
/// # Errors
/// Never. A native client can fail.
#[expect(clippy::unnecessary_wraps, reason = "the native implementation can fail")]
pub(crate) fn transport() -> Result<Arc<dyn Transport>, TransportError> {
    Ok(Arc::new(Client))
}

impl Transport for Client {
    fn send(&self, request: Request<Bytes>) -> Exchange<'_> {
        Box::pin(async move {
            let mut request = request.map(Full::new);
            if let Some(options) = options() {
                request.extensions_mut().insert(RequestOptionsExtension(options));
            }
            let answer = send(request).await.map_err(|error| failed(&error))?;
            Ok(answer.map(Body::new))
        })
    }
}

/// The time limits for the runtime, whose defaults are ten minutes each. `None` if the runtime has no such limits.
fn options() -> Option<RequestOptions> {
    let time = u64::try_from(CALL_TIME.as_nanos()).ok()?;
    let options = RequestOptions::new();
    options.set_connect_timeout(Some(time)).ok()?;
    options.set_first_byte_timeout(Some(time)).ok()?;
    options.set_between_bytes_timeout(Some(time)).ok()?;
    Some(options)
}

fn failed(error: &ErrorCode) -> TransportError {
    match error {
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => TransportError::TimedOut,
        // The name of the case only: a message of the runtime may quote the URL.
        other => {
            let name = format!("{other:?}");
            let name = name.split(['(', ' ', '{']).next().unwrap_or_default();
            TransportError::Failed(name.to_owned())
        }
    }
}
