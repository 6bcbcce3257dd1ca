//! A timer.

use std::time::Duration;

/// Waits. The time starts when the future is first polled.
#[cfg(target_family = "wasm")]
pub(crate) async fn wait(time: Duration) {
    crate::spin::wait(time).await;
}

/// Waits. The time starts when the future is first polled.
#[cfg(not(target_family = "wasm"))]
pub(crate) async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
