//! Makes two statements overlap. Otherwise that happens only by chance.

use crate::Service;
use crate::waiting::statements_wait;

/// Blocks statements until a test releases them.
#[derive(Debug)]
pub struct Barrier {
    db: tokio_postgres::Client,
}

impl Barrier {
    /// Creates a barrier that blocks statements of a kind, such as `UPDATE ON users`, before each row.
    ///
    /// # Panics
    /// When the database already has a barrier.
    pub async fn before(service: &Service, event: &str) -> Self {
        service
            .sql(&format!(
                "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     PERFORM pg_advisory_xact_lock_shared(4711);
                     RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
                 END $$;
                 CREATE TRIGGER wait BEFORE {event} FOR EACH ROW EXECUTE FUNCTION wait()"
            ))
            .await;
        let barrier = Self { db: service.db().await };
        barrier.block().await;
        barrier
    }

    /// Creates a barrier that blocks statements in a function, such as `f(a integer) RETURNS integer`. From now on, it returns null.
    ///
    /// # Panics
    /// When the database has no such function.
    pub async fn within(service: &Service, function: &str) -> Self {
        service
            .sql(&format!(
                "CREATE OR REPLACE FUNCTION {function} LANGUAGE plpgsql STABLE AS $$ BEGIN
                     PERFORM pg_advisory_xact_lock_shared(4711);
                     RETURN NULL;
                 END $$"
            ))
            .await;
        let barrier = Self { db: service.db().await };
        barrier.block().await;
        barrier
    }

    /// Blocks statements from now on.
    ///
    /// # Panics
    /// When Postgres does not answer.
    pub async fn block(&self) {
        self.db.batch_execute("SELECT pg_advisory_lock(4711)").await.expect("the lock is free");
    }

    /// Releases the blocked statements.
    ///
    /// # Panics
    /// When Postgres does not answer.
    pub async fn release(&self) {
        self.db.batch_execute("SELECT pg_advisory_unlock_all()").await.expect("the lock can be released");
    }

    /// Waits until one statement is blocked.
    ///
    /// # Panics
    /// When no statement is blocked within twenty seconds.
    pub async fn one_is_blocked(&self) {
        statements_wait(&self.db, 1).await;
    }

    /// Overlaps two requests. The second request starts when the first is blocked. When both requests wait, for the barrier or for
    /// each other, the barrier releases them. Each request needs its own connection.
    ///
    /// # Panics
    /// When the two requests do not wait within twenty seconds.
    pub async fn overlap<A, B>(
        &self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        let second = async {
            self.one_is_blocked().await;
            let release = async {
                statements_wait(&self.db, 2).await;
                self.release().await;
            };
            tokio::join!(second, release).0
        };
        tokio::join!(first, second)
    }
}
