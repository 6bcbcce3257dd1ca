//! Passes a request to a component, and answers for it if it fails.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::json;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ProxyHandler, TrapOrPanicError};

use crate::handler::{Handler, Ticket};
use crate::{Limits, log, problem};

/// The time that the host waits after the guest's deadline, in case no instance accepts the request.
const QUEUE_GRACE: Duration = Duration::from_secs(1);

/// The time after which a request has an answer.
pub(crate) fn time_limit(limits: &Limits) -> Duration {
    limits.request_timeout.saturating_add(QUEUE_GRACE)
}

/// Lets a component answer a request. If it fails, the response is a 500 and the cause is in the log.
pub(crate) async fn answer(
    handler: &ProxyHandler<Handler>,
    request: Request<WasiBody>,
) -> Response<WasiBody> {
    let ticket = Arc::new(Ticket { request_id: problem::request_id(request.headers()), done: false.into() });
    let busy = Busy { ticket: ticket.clone(), cut_off: false };
    let handled = handler.handle(ticket.clone(), request);
    let component = handler.state();
    match tokio::time::timeout(time_limit(&component.limits), handled).await {
        // The instance may still be sending the body.
        Ok(Ok(response)) => response.map(|body| busy.until_the_end_of(body)),
        Ok(Err(error)) if error.is::<TrapOrPanicError>() => busy.cut_off(),
        Ok(Err(error)) => failed(component, &ticket, &error),
        Err(_) => failed(component, &ticket, &wasmtime::format_err!("no instance answered in time")),
    }
}

/// A response whose body is complete.
pub(crate) fn full(response: Response<Bytes>) -> Response<WasiBody> {
    response.map(|body| Full::new(body).map_err(Into::into).boxed_unsync())
}

/// An unfinished request. It is finished when this value is dropped: after the last byte of the response, or when the client
/// disconnects.
struct Busy {
    ticket: Arc<Ticket>,
    cut_off: bool,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.ticket.done.store(!self.cut_off, Relaxed);
    }
}

impl Busy {
    fn until_the_end_of(self, body: WasiBody) -> WasiBody {
        let keep = move |error| {
            let _busy = &self;
            error
        };
        body.map_err(keep).boxed_unsync()
    }

    /// Creates the response for a request whose instance has ended. The request stays unfinished, so that the log line with the
    /// cause names it.
    fn cut_off(mut self) -> Response<WasiBody> {
        self.cut_off = true;
        full(problem::internal_error(&self.ticket.request_id))
    }
}

/// Logs the cause and returns a response without it.
fn failed(component: &Handler, ticket: &Ticket, error: &wasmtime::Error) -> Response<WasiBody> {
    log::error(
        &component.shared.stderr,
        "a request failed",
        [
            ("component", json!(&*component.shared.name)),
            ("request_id", json!(ticket.request_id)),
            ("status", json!(500)),
            ("cause", json!(format!("{error:#}"))),
        ],
    );
    full(problem::internal_error(&ticket.request_id))
}
