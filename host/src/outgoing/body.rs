//! The body of a response, with a limit for each pause.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;
use wasmtime_wasi_http::{Error, WasiBody};

/// A body that fails when the next part takes too long. It then gives up the connection.
pub(super) struct Patient {
    body: Option<WasiBody>,
    limit: Duration,
    /// Runs while the body waits for a part.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// Waits for each part of the body for no longer than `limit`.
    pub(super) fn new(body: WasiBody, limit: Duration) -> Self {
        Self { body: Some(body), limit, pause: None }
    }
}

impl Body for Patient {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) {
            this.pause = None;
            return Poll::Ready(frame);
        }
        let pause = this.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.limit)));
        if pause.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        (this.body, this.pause) = (None, None);
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}
