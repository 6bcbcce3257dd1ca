//! Connections and requests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use users_spin_manifest::StaticResponse;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::TrapOrPanicError;

use crate::app::{Answer, App};
use crate::handler::Ticket;
use crate::{log, problem, request};

/// Paths under this prefix belong to Spin itself.
const WELL_KNOWN_PREFIX: &str = "/.well-known/spin/";
/// The time that a client has to send the head of a request. A connection may be idle for the same time between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The time that the host waits after the guest's deadline, in case no instance accepts the request.
const QUEUE_GRACE: Duration = Duration::from_secs(1);

/// An application that listens on an address.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
}

impl Server {
    /// Listens on an address. Port 0 means any free port.
    ///
    /// # Errors
    /// When the address is not available.
    pub async fn bind(app: App, address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}: name another address with --listen"))?;
        Ok(Self { app: Arc::new(app), listener })
    }

    /// The address that the server listens on.
    ///
    /// # Errors
    /// When the system cannot return the address.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until `stop` completes. After that, finishes the requests in flight, but waits no longer than a request may take.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let connections = Arc::new(Semaphore::new(self.app.limits.max_connections));
        let (stopping, running) = watch::channel(());
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = async {
                // The semaphore is never closed.
                let permit = connections.clone().acquire_owned().await.ok()?;
                Some((permit, self.listener.accept().await))
            };
            let (permit, accepted) = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = accepted => match accepted {
                    Some(accepted) => accepted,
                    None => break,
                },
            };
            match accepted {
                Ok((stream, client)) => {
                    let connection =
                        connection(self.app.clone(), stream, client, graceful.watcher(), running.clone());
                    tokio::spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    // The usual cause is too many open files, and some are closed soon.
                    let cause = json!(error.to_string());
                    log::warn(&self.app.stderr, "a connection could not be accepted", [("cause", cause)]);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop((self.listener, stopping));
        // No request takes longer than this.
        let grace = self.app.limits.request_timeout.saturating_add(QUEUE_GRACE);
        if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
            log::warn(&self.app.stderr, "requests were still running and were cut off", []);
        }
    }
}

async fn connection(
    app: Arc<App>,
    stream: TcpStream,
    client: SocketAddr,
    watcher: Watcher,
    mut running: watch::Receiver<()>,
) {
    let http2 = tokio::select! {
        http2 = tokio::time::timeout(HEAD_TIMEOUT, wants_http2(&stream)) => http2,
        // When the host stops, it does not wait for a client that has sent nothing.
        _ = running.changed() => return,
    };
    let Ok(http2) = http2 else { return };
    // Responses are written in one piece, so Nagle's algorithm would only delay them.
    _ = stream.set_nodelay(true);
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIMEOUT);
    // Without this, the builder would wait for the client's first bytes again.
    let builder = if http2 { builder.http2_only() } else { builder.http1_only() };
    let service = service_fn(move |request| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(answer(&app, request, client).await) }
    });
    let served = watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await;
    // A broken connection affects only its client.
    drop(served);
}

/// Returns true if the client starts with HTTP/2 (RFC 9113, section 3.3). The preface of HTTP/2 begins with `PRI`, which no HTTP/1
/// method does.
async fn wants_http2(stream: &TcpStream) -> bool {
    const PREFACE: &[u8] = b"PRI";
    let mut start = [0; 3];
    loop {
        match stream.peek(&mut start).await {
            Ok(length) if length > 0 && length < PREFACE.len() && PREFACE.starts_with(&start[..length]) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok(length) => return start[..length] == *PREFACE,
            Err(_) => return false,
        }
    }
}

async fn answer(app: &App, request: Request<Incoming>, client: SocketAddr) -> Response<WasiBody> {
    let mut request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    let bad_host = |headers: &HeaderMap| full(problem::bad_host(&problem::request_id(headers)));
    if request::has_several_hosts(request.headers()) {
        return bad_host(request.headers());
    }
    request::strip(request.headers_mut());
    let path = request.uri().path().to_owned();
    if let Some(name) = path.strip_prefix(WELL_KNOWN_PREFIX) {
        return well_known(app, name);
    }
    let Some(route) = app.routes.find(&path) else {
        return empty(StatusCode::NOT_FOUND);
    };
    let Some(uri) = request::absolute(&mut request) else {
        return bad_host(request.headers());
    };
    *request.uri_mut() = uri;
    match route.target {
        Answer::Static(response) => static_response(response),
        Answer::Component(name, handler) => {
            request::describe(&mut request, &route, client);
            let ticket =
                Arc::new(Ticket { request_id: problem::request_id(request.headers()), done: false.into() });
            let busy = Busy { ticket: ticket.clone(), cut_off: false };
            let handled = handler.handle(ticket.clone(), request);
            let limit = app.limits.request_timeout.saturating_add(QUEUE_GRACE);
            match tokio::time::timeout(limit, handled).await {
                // The instance may still be sending the body.
                Ok(Ok(response)) => closing(response).map(|body| busy.until_the_end_of(body)),
                Ok(Err(error)) if error.is::<TrapOrPanicError>() => busy.cut_off(),
                Ok(Err(error)) => failed(app, name, &ticket, &error),
                Err(_) => failed(app, name, &ticket, &wasmtime::format_err!("no instance answered in time")),
            }
        }
    }
}

/// Announces the end of the connection when a guest has stopped waiting for the body (RFC 9110, section 15.5.9). The guest itself
/// cannot send this header. Hyper then closes the connection. Otherwise, the rest of the body would be taken for the next request.
fn closing<B>(mut response: Response<B>) -> Response<B> {
    if response.status() == StatusCode::REQUEST_TIMEOUT {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
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
fn failed(app: &App, component: &str, ticket: &Ticket, error: &wasmtime::Error) -> Response<WasiBody> {
    log::error(
        &app.stderr,
        "a request failed",
        [
            ("component", json!(component)),
            ("request_id", json!(ticket.request_id)),
            ("status", json!(500)),
            ("cause", json!(format!("{error:#}"))),
        ],
    );
    full(problem::internal_error(&ticket.request_id))
}

/// The two paths that every Spin application has.
fn well_known(app: &App, name: &str) -> Response<WasiBody> {
    match name {
        "health" => full(Response::new(Bytes::from_static(b"OK"))),
        "info" => {
            let info = json!({ "name": app.name, "version": null, "bindle_version": null });
            let mut response = Response::new(Bytes::from(info.to_string()));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(http::header::CONTENT_TYPE, json);
            full(response)
        }
        _ => empty(StatusCode::NOT_FOUND),
    }
}

fn static_response(answer: &StaticResponse) -> Response<WasiBody> {
    let mut response = Response::new(Bytes::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).unwrap_or_default();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    full(response)
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    full(response)
}

fn full(response: Response<Bytes>) -> Response<WasiBody> {
    response.map(|body| Full::new(body).map_err(Into::into).boxed_unsync())
}
