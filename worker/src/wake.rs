//! Wakes the worker when a message is recorded.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::Notify;

use crate::database::{CONNECT_LIMIT, STATEMENT_LIMIT, within};

/// The pause before a lost connection is opened again. The worker looks for messages every few seconds anyway.
const PAUSE: Duration = Duration::from_secs(2);
/// A connection that has been silent for this long is asked whether it is still there: a firewall may have forgotten it.
const SILENCE: Duration = Duration::from_secs(60);

/// Listens on the channel `outbox` until it is dropped, on a connection of its own.
pub(crate) async fn listen(options: PgConnectOptions, wake: Arc<Notify>) {
    loop {
        // The outage is in the log already: the worker uses the same database.
        _ = listen_once(&options, &wake).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(options: &PgConnectOptions, wake: &Notify) -> sqlx::Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECT_LIMIT)
        .connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    within(STATEMENT_LIMIT, listener.listen("outbox")).await?;
    loop {
        // Something may have been recorded before the connection listened.
        wake.notify_one();
        while !received(&mut listener).await? {
            within(STATEMENT_LIMIT, listener.execute("SELECT")).await?;
        }
    }
}

/// Returns true after a notification or a loss of the connection, and false after a silence.
async fn received(listener: &mut PgListener) -> sqlx::Result<bool> {
    match tokio::time::timeout(SILENCE, listener.try_recv()).await {
        Ok(received) => received.map(|_| true),
        Err(_) => Ok(false),
    }
}
