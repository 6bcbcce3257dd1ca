//! A timer.

use std::time::Duration;

/// Waits. The time starts when the future is first polled.
#[cfg(target_family = "wasm")]
pub async fn wait(time: Duration) {
    crate::spin::wait(time).await;
}

/// Waits. The time starts when the future is first polled.
#[cfg(not(target_family = "wasm"))]
pub async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Drops a value a second later, on a task of its own.
#[cfg(target_family = "wasm")]
pub(crate) fn drop_later(value: impl Sized + 'static) {
    spin_sdk::wasip3::spawn(async move {
        wait(Duration::from_secs(1)).await;
        drop(value);
    });
}

/// Drops a value. A native server does not need to wait.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn drop_later(value: impl Sized + 'static) {
    drop(value);
}
