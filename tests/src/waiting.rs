//! Waits for a condition instead of a fixed time.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

/// The maximum wait, unless a test sets another one.
const LIMIT: Duration = Duration::from_secs(20);
/// The pause between two checks. Without a pause, the checks would take processor time from the service.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until a condition is true.
///
/// # Panics
/// When the condition is not true within twenty seconds.
pub async fn eventually(condition: &str, holds: impl AsyncFnMut() -> bool) {
    within(LIMIT, condition, holds).await;
}

/// Waits until a condition is true.
///
/// # Panics
/// When the condition is not true within the limit.
pub async fn within(limit: Duration, condition: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !holds().await {
        assert!(Instant::now() < deadline, "expected within {limit:?}: {condition}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until exactly `count` statements on the database of this connection wait for a lock.
///
/// # Panics
/// When another number of statements waits after twenty seconds.
pub async fn statements_wait(db: &Client, count: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually(&format!("{count} statements wait for a lock"), async || {
        db.query_one(waiting, &[]).await.expect("Postgres answers").get::<_, i64>(0) == count
    })
    .await;
}
