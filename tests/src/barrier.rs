//! Makes statements meet that would otherwise meet by chance.

use std::time::{Duration, Instant};

use crate::Service;

/// How long a statement may take to come to where it waits.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at whether it has come there.
const ASK_AGAIN: Duration = Duration::from_millis(5);

/// Keeps statements from going on at some point, to see what two of them do to each other.
#[derive(Debug)]
pub struct Barrier {
    db: tokio_postgres::Client,
}

impl Barrier {
    /// Every statement that does this (such as `UPDATE ON users`) waits before each row.
    ///
    /// # Panics
    /// When there is one in the database already.
    pub async fn before(service: &Service, what: &str) -> Self {
        service
            .sql(&format!(
                "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     PERFORM pg_advisory_xact_lock_shared(4711);
                     RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
                 END $$;
                 CREATE TRIGGER wait BEFORE {what} FOR EACH ROW EXECUTE FUNCTION wait()"
            ))
            .await;
        let barrier = Self { db: service.db().await };
        barrier.lower().await;
        barrier
    }

    /// Two requests of which the second comes while the first waits here, and waits here or for the first in turn; then
    /// both go on. They need a connection each.
    ///
    /// # Panics
    /// When they do not both wait within twenty seconds.
    pub async fn meet<A, B>(
        &self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        let second = async {
            self.wait_for(1).await;
            let release = async {
                self.wait_for(2).await;
                self.lift().await;
            };
            tokio::join!(second, release).0
        };
        tokio::join!(first, second)
    }

    /// Holds up whoever comes from now on.
    ///
    /// # Panics
    /// When Postgres does not answer.
    pub async fn lower(&self) {
        self.db.batch_execute("SELECT pg_advisory_lock(4711)").await.expect("the lock is free");
    }

    /// Waits until one statement waits here.
    ///
    /// # Panics
    /// When none does within twenty seconds.
    pub async fn until_one_waits(&self) {
        self.wait_for(1).await;
    }

    /// Lets everybody go on.
    ///
    /// # Panics
    /// When Postgres does not answer.
    pub async fn raise(&self) {
        self.lift().await;
    }

    /// Until so many statements of the service wait, for this or for each other.
    async fn wait_for(&self, count: i64) {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let deadline = Instant::now() + PATIENCE;
        while self.db.query_one(waiting, &[]).await.expect("Postgres answers").get::<_, i64>(0) != count {
            assert!(Instant::now() < deadline, "expected {count} statements that wait");
            // Asking without a pause would keep two processors busy, and those that are awaited from theirs: for seconds.
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Lets everybody go on.
    async fn lift(&self) {
        self.db.batch_execute("SELECT pg_advisory_unlock_all()").await.expect("the lock can be let go");
    }
}
