//! Deletes what has expired, in small batches, so that no lock lasts.

use std::time::Duration;

use users_crypto::KeySecret;

use crate::database::Database;
use crate::{keys, log};

/// The time between two rounds.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5 * 60);
/// The number of rows that a statement looks at.
const BATCH: i64 = 1000;
/// The number of sessions that a statement deletes, each with its refresh tokens, of which it may have thousands.
const SESSION_BATCH: i64 = 100;
/// The number of statements for a table in a round. A table that has more to delete gets on with it in the next round.
const BATCHES: usize = 20;
/// The same for sessions.
const SESSION_BATCHES: usize = 200;
/// The same for counts of attempts while many of them have expired. A login adds up to two, and there may be thousands of logins a second.
const LIMIT_BATCHES: usize = 1000;
/// So many expired counts in a batch are many. If there are fewer, they take little room, and the walk would mostly read counts that stay.
const MANY: i64 = BATCH / 10;

/// Tables whose expired rows an index finds.
const INDEXED: [(&str, &str); 9] = [
    (
        "one_time_tokens",
        "DELETE FROM one_time_tokens WHERE token_hash IN (
             SELECT token_hash FROM one_time_tokens WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        "login_challenges",
        "DELETE FROM login_challenges WHERE challenge_hash IN (
             SELECT challenge_hash FROM login_challenges
              WHERE expires_at <= now()
              ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        "passkey_challenges",
        "DELETE FROM passkey_challenges WHERE challenge_hash IN (
             SELECT challenge_hash FROM passkey_challenges
              WHERE expires_at <= now()
              ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        "refresh_nonces",
        // The minute after the grace is for the retry of a lost answer, as in rotate_refresh_token() of migration 0012.
        "DELETE FROM refresh_nonces WHERE session_id IN (
             SELECT session_id FROM refresh_nonces
              WHERE expires_at < now() - interval '1 minute'
              ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        // Its owner had a month to see why a program is refused.
        "api_keys",
        "DELETE FROM api_keys WHERE id IN (
             SELECT id FROM api_keys
              WHERE expires_at < now() - interval '30 days'
              ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        // Older addresses are not known any longer: see password_key() of migration 0028.
        "known_addresses",
        "DELETE FROM known_addresses WHERE (user_id, address_hash) IN (
             SELECT user_id, address_hash FROM known_addresses
              WHERE last_login_at < now() - interval '180 days'
              ORDER BY last_login_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        // For the statistics of the last weeks.
        "login_hours",
        "DELETE FROM login_hours WHERE (hour, shard) IN (
             SELECT hour, shard FROM login_hours
              WHERE hour < now() - interval '35 days'
              ORDER BY hour LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        // Sent a week ago: limits on messages count no further back.
        "outbox",
        "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox
              WHERE sent_at IS NOT NULL AND coalesce(sent_at, failed_at) < now() - interval '7 days'
              ORDER BY coalesce(sent_at, failed_at) LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
    (
        // Given up a month ago.
        "outbox",
        "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox
              WHERE sent_at IS NULL AND failed_at IS NOT NULL AND coalesce(sent_at, failed_at) < now() - interval '30 days'
              ORDER BY coalesce(sent_at, failed_at) LIMIT $1 FOR UPDATE SKIP LOCKED
         )",
    ),
];

/// Sessions that have ended, with their refresh tokens.
const SESSIONS: &str = "DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
)";

/// Where the walks through the tables without such an index go on. A new index would cost every login and every refresh; the walk costs
/// some thousand rows a round.
#[derive(Debug, Default)]
pub(crate) struct Housekeeping {
    refresh_token: Vec<u8>,
    limit: Vec<u8>,
}

impl Housekeeping {
    /// One round. With `complete`, it walks to the ends of the tables. Makes signing keys if it has the secret that encrypts them.
    pub(crate) async fn round(
        &mut self,
        database: &mut Database,
        key_secret: Option<&KeySecret>,
        complete: bool,
    ) -> sqlx::Result<()> {
        let keys = keys::keep(database, key_secret).await;
        self.delete(database, complete).await?;
        // Also when the keys failed: nothing else may wait for them.
        keys
    }

    async fn delete(&mut self, database: &mut Database, complete: bool) -> sqlx::Result<()> {
        for (table, statement) in INDEXED {
            report(table, delete_expired(database, statement, BATCH, BATCHES).await?);
        }
        let batches = if complete { usize::MAX } else { SESSION_BATCHES };
        let sessions = delete_expired(database, SESSIONS, SESSION_BATCH, batches).await;
        // Also when the sessions failed: one table must not keep the others full.
        let refresh_tokens = self.refresh_tokens(database, complete).await;
        report("limits", self.limits(database, complete).await?);
        report("refresh_tokens", refresh_tokens?);
        report("sessions", sessions?);
        Ok(())
    }

    /// Counts of attempts that nobody has added to within their window. Their keys are random, so every part of the table has as many.
    async fn limits(&mut self, database: &mut Database, complete: bool) -> sqlx::Result<u64> {
        let mut deleted = 0;
        let mut are_many = true;
        for batch in 0.. {
            let batches = if are_many { LIMIT_BATCHES } else { BATCHES };
            if batch >= batches && !complete {
                break;
            }
            let statement = sqlx::query_as(
                "WITH looked_at AS MATERIALIZED (
                     SELECT key, expires_at FROM limits WHERE key > $1 ORDER BY key LIMIT $2
                 ), expired AS MATERIALIZED (
                     SELECT key FROM limits
                      WHERE key IN (SELECT key FROM looked_at WHERE expires_at <= now()) AND expires_at <= now()
                        FOR UPDATE SKIP LOCKED
                 ), deleted AS (
                     DELETE FROM limits WHERE key IN (SELECT key FROM expired) RETURNING key
                 )
                 SELECT (SELECT key FROM looked_at ORDER BY key DESC LIMIT 1), (SELECT count(*) FROM deleted)",
            )
            .bind(&self.limit)
            .bind(BATCH);
            let (last, rows): (Option<Vec<u8>>, i64) =
                database.run(async |connection| statement.fetch_one(connection).await).await?;
            deleted += u64::try_from(rows).unwrap_or_default();
            are_many = rows >= MANY;
            let is_end = last.is_none();
            self.limit = last.unwrap_or_default();
            if is_end {
                break;
            }
        }
        Ok(deleted)
    }

    /// Expired refresh tokens of sessions that go on.
    async fn refresh_tokens(&mut self, database: &mut Database, complete: bool) -> sqlx::Result<u64> {
        let mut deleted = 0;
        for batch in 0.. {
            if batch >= BATCHES && !complete {
                break;
            }
            let statement = sqlx::query_as(
                "WITH looked_at AS MATERIALIZED (
                     SELECT token_hash, expires_at FROM refresh_tokens WHERE token_hash > $1 ORDER BY token_hash LIMIT $2
                 ), expired AS MATERIALIZED (
                     SELECT token_hash FROM refresh_tokens
                      WHERE token_hash IN (SELECT token_hash FROM looked_at WHERE expires_at <= now()) AND expires_at <= now()
                        FOR UPDATE SKIP LOCKED
                 ), deleted AS (
                     DELETE FROM refresh_tokens WHERE token_hash IN (SELECT token_hash FROM expired) RETURNING token_hash
                 )
                 SELECT (SELECT token_hash FROM looked_at ORDER BY token_hash DESC LIMIT 1), (SELECT count(*) FROM deleted)",
            )
            .bind(&self.refresh_token)
            .bind(BATCH);
            let (last, rows): (Option<Vec<u8>>, i64) =
                database.run(async |connection| statement.fetch_one(connection).await).await?;
            deleted += u64::try_from(rows).unwrap_or_default();
            let is_end = last.is_none();
            self.refresh_token = last.unwrap_or_default();
            if is_end {
                break;
            }
        }
        Ok(deleted)
    }
}

/// Deletes at most `batches` times `batch` rows, until the statement finds no more.
async fn delete_expired(
    database: &mut Database,
    statement: &'static str,
    batch: i64,
    batches: usize,
) -> sqlx::Result<u64> {
    let mut deleted = 0;
    for _ in 0..batches {
        let statement = sqlx::query(statement).bind(batch);
        let rows =
            database.run(async |connection| statement.execute(connection).await).await?.rows_affected();
        deleted += rows;
        if rows < u64::try_from(batch).unwrap_or_default() {
            break;
        }
    }
    Ok(deleted)
}

fn report(table: &str, rows: u64) {
    if rows > 0 {
        log::deleted(table, rows);
    }
}
