//! Answers that take their time, or are large.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use futures::SinkExt;
use http_body_util::BodyExt;
use spin_sdk::http::body::stream;
use spin_sdk::http::{BoxBody, Request, Response, box_body};

/// The method and the address of a request, and its headers: one line each.
pub(crate) fn seen(request: &Request) -> String {
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    let first = format!("{} {}", request.method(), request.uri());
    [first].into_iter().chain(headers).collect::<Vec<_>>().join("\n")
}

/// The number of bytes in the body of a request.
pub(crate) async fn length(request: Request) -> String {
    match request.into_body().collect().await {
        Ok(body) => body.to_bytes().len().to_string(),
        Err(_) => "no body".to_owned(),
    }
}

/// Requests that this instance is waiting in.
static WAITING: AtomicUsize = AtomicUsize::new(0);

struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Relaxed);
    }
}

/// Answers after a number of milliseconds.
pub(crate) async fn slow(milliseconds: &str) -> String {
    WAITING.fetch_add(1, Relaxed);
    let waiting = Waiting;
    spin_sdk::time::sleep(Duration::from_millis(milliseconds.parse().unwrap_or(0))).await;
    drop(waiting);
    "slow".to_owned()
}

/// How many requests this instance is waiting in.
pub(crate) fn waiting() -> String {
    WAITING.load(Relaxed).to_string()
}

/// Sends `begun`, and `ended` after a number of milliseconds.
pub(crate) fn halting(milliseconds: &str) -> Response<BoxBody> {
    let pause = Duration::from_millis(milliseconds.parse().unwrap_or(0));
    let (mut sender, body) = stream::<Bytes>();
    spin_sdk::wasip3::spawn(async move {
        // Nobody may read the rest.
        let _ = sender.send(Bytes::from_static(b"begun")).await;
        spin_sdk::time::sleep(pause).await;
        let _ = sender.send(Bytes::from_static(b" ended")).await;
    });
    Response::new(box_body(body))
}
