//! Wakes the worker when a message is recorded.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;

/// The pause before a lost connection is opened again. The worker looks for messages every few seconds anyway.
const PAUSE: Duration = Duration::from_secs(2);

/// Listens on the channel `outbox` until it is dropped, on a connection of its own.
pub(crate) async fn listen(pool: PgPool, wake: Arc<Notify>) {
    loop {
        // The outage is in the log already: the worker uses the same database.
        _ = listen_once(&pool, &wake).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(pool: &PgPool, wake: &Notify) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("outbox").await?;
    loop {
        // Something may have been recorded before the connection listened.
        wake.notify_one();
        // `None` after a loss of the connection.
        listener.try_recv().await?;
    }
}
