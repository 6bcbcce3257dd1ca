//! Connections and requests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
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

use crate::app::{Answer, App};
use crate::dispatch::{self, full};
use crate::{log, problem, request};

/// Paths under this prefix belong to Spin itself.
const WELL_KNOWN_PREFIX: &str = "/.well-known/spin/";
/// The time that a client has to send the head of a request. A connection may be idle for the same time between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

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
        app.components.set_address(listener.local_addr()?);
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
        let grace = dispatch::time_limit(&self.app.limits);
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
        Answer::Component(handler) => {
            request::describe(&mut request, &route, client);
            closing(dispatch::answer(handler, request).await)
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
