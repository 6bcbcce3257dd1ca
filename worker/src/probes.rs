//! Probes for an orchestrator: `GET /healthz` and `GET /readyz`.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// A worker hangs if it exceeds the time limit of its step by more than this.
const SLACK: Duration = Duration::from_secs(60);
/// The time limit for the head of a request.
const HEADER_LIMIT: Duration = Duration::from_secs(5);

/// The state of the worker, for the probes.
pub(crate) struct Health {
    start: Instant,
    /// The milliseconds from the start to the time by which the next step is due.
    next_step: AtomicU64,
    has_database: AtomicBool,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), next_step: AtomicU64::new(0), has_database: AtomicBool::new(false) }
    }

    /// The worker takes a step, which has this time limit.
    pub(crate) fn step(&self, limit: Duration) {
        self.next_step.store(milliseconds(self.start.elapsed() + limit), Ordering::Relaxed);
    }

    /// The database answered, or did not.
    pub(crate) fn database(&self, answers: bool) {
        self.has_database.store(answers, Ordering::Relaxed);
    }

    fn is_alive(&self) -> bool {
        milliseconds(self.start.elapsed().saturating_sub(SLACK)) <= self.next_step.load(Ordering::Relaxed)
    }

    fn answer(&self, method: &Method, path: &str) -> (StatusCode, &'static str) {
        match (method, path) {
            (&Method::GET | &Method::HEAD, "/healthz") if self.is_alive() => {
                (StatusCode::OK, r#"{"status":"ok"}"#)
            }
            (&Method::GET | &Method::HEAD, "/healthz") => {
                (StatusCode::SERVICE_UNAVAILABLE, r#"{"detail":"the worker hangs"}"#)
            }
            (&Method::GET | &Method::HEAD, "/readyz") if self.has_database.load(Ordering::Relaxed) => {
                (StatusCode::OK, r#"{"status":"ready"}"#)
            }
            (&Method::GET | &Method::HEAD, "/readyz") => {
                (StatusCode::SERVICE_UNAVAILABLE, r#"{"detail":"db not ready"}"#)
            }
            (_, "/healthz" | "/readyz") => (StatusCode::METHOD_NOT_ALLOWED, r#"{"detail":"use GET"}"#),
            _ => (StatusCode::NOT_FOUND, r#"{"detail":"there are /healthz and /readyz"}"#),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Answers probes until it is dropped.
pub(crate) async fn serve(listener: TcpListener, health: Arc<Health>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, for instance.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let health = Arc::clone(&health);
        let service = service_fn(move |request: Request<Incoming>| {
            let (status, body) = health.answer(request.method(), request.uri().path());
            async move { Ok::<_, Infallible>(response(status, body)) }
        });
        // A prober that hangs up does no harm.
        tokio::spawn(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_LIMIT)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service),
        );
    }
}

fn response(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_ready_while_the_database_answers() {
        let health = Health::new();
        let status = |path| health.answer(&Method::GET, path).0;
        assert_eq!(status("/readyz"), StatusCode::SERVICE_UNAVAILABLE);
        health.database(true);
        assert_eq!(status("/readyz"), StatusCode::OK);
        assert_eq!(status("/healthz"), StatusCode::OK);
        assert_eq!(status("/"), StatusCode::NOT_FOUND);
        assert_eq!(health.answer(&Method::POST, "/healthz").0, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn a_worker_that_takes_no_step_in_time_is_not_alive() {
        let mut health = Health::new();
        let mut status_after = |limit, time: u64| {
            health.start = Instant::now();
            health.step(limit);
            health.start = Instant::now().checked_sub(Duration::from_secs(time)).unwrap();
            health.answer(&Method::GET, "/healthz").0
        };
        let limit = Duration::from_secs(10);
        assert_eq!(status_after(limit, 69), StatusCode::OK);
        assert_eq!(status_after(limit, 71), StatusCode::SERVICE_UNAVAILABLE);
        // A slow mail server is no reason to restart the worker.
        assert_eq!(status_after(Duration::from_secs(900), 900), StatusCode::OK);
    }
}
