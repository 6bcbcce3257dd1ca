//! Waiting for a time to pass.

use std::time::Duration;

/// Waits. The clock is not asked before the future is polled.
#[cfg(target_family = "wasm")]
pub(crate) async fn wait(time: Duration) {
    crate::spin::wait(time).await;
}

/// Waits. The clock is not asked before the future is polled.
#[cfg(not(target_family = "wasm"))]
pub(crate) async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
