//! The connection between a component and Spin.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::Full;
use spin_sdk::http::{Request, Response};
use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wasip3::wit_bindgen::backpressure_inc;
use users_crypto::Pause;

use crate::{Component, Problem, Variables};

/// Answers a request with the component. The first request builds the component, and the instance keeps it. If the component cannot
/// be built, `broken` answers the request with the reason.
pub async fn answer<F>(
    kept: &OnceLock<Component>,
    build: impl FnOnce() -> F,
    broken: impl FnOnce(Problem) -> Component,
    request: Request,
) -> Response<Full<Bytes>>
where
    F: Future<Output = Result<Component, Problem>>,
{
    let request = request.map(Body::new);
    if let Some(component) = kept.get() {
        return component.answer(request).await;
    }
    match build().await {
        // If another request has built the component in the meantime, that one stays.
        Ok(component) => kept.get_or_init(|| component).answer(request).await,
        Err(problem) => broken(problem).with_origins_of(&SpinVariables).await.answer(request).await,
    }
}

/// The variables that Spin passes to this component.
#[derive(Debug, Clone, Copy)]
pub struct SpinVariables;

impl Variables for SpinVariables {
    async fn get(&self, name: &str) -> Result<String, Problem> {
        spin_sdk::variables::get(name)
            .await
            .map_err(|error| Problem::internal(format!("the variable {name} cannot be read: {error}")))
    }
}

/// The timer of the runtime, for long computations. The runtime does not interrupt a component, so the component pauses itself.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl Pause for Clock {
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(wait(time))
    }
}

/// Accepts no more requests in this instance: the runtime ends it when the requests that it has are answered, and gives new requests to
/// others.
pub fn retire() {
    static IS_RETIRED: OnceLock<()> = OnceLock::new();
    IS_RETIRED.get_or_init(backpressure_inc);
}

/// Waits, with the timer of the runtime.
pub(crate) async fn wait(time: Duration) {
    monotonic_clock::wait_for(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)).await;
}
