//! The outbox: all SQL that sends messages, and the operator's view of it.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};
use users_core::Event;

use crate::database::Database;
use crate::limits::Limits;

/// A claimed message belongs to its worker for this long, until the worker begins it. A worker that is killed leaves it to another one then.
const CLAIM_LEASE: Duration = Duration::from_secs(180);
/// A message that is begun belongs to its worker for this long. It is longer than a delivery and its record may take
/// ([`crate::run::RECORD_LIMIT`]): while a slow mail server may still take the message, no other worker sends it.
pub(crate) const DELIVERY_LEASE: Duration = Duration::from_secs(15 * 60);
/// The number of messages that a worker claims at once.
const BATCH: i64 = 10;
/// The number of rows that [`drop_needless`] looks at.
const SIFTED: i64 = 1000;
/// A message that cannot be sent is given up this long after the first attempt.
const GIVE_UP_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// A message that this worker has claimed.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) user_id: Option<i32>,
    pub(crate) attempts: i32,
    /// The end of the claim, in Postgres' own text form. It also proves the claim: another worker would have another one.
    pub(crate) claimed_until: String,
}

impl FromRow<'_, PgRow> for Claimed {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            user_id: row.try_get("user_id")?,
            attempts: row.try_get("attempts")?,
            claimed_until: row.try_get("claimed_until")?,
        })
    }
}

/// Claims at most `$2` messages of the kinds `$1` that are due, for `$3` seconds. It is public so that a test can measure it.
pub const CLAIM: &str = "
    WITH due AS (
        SELECT id
          FROM outbox
         WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= now() AND kind = ANY ($1)
         ORDER BY next_attempt_at
         LIMIT $2
           FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox o
       SET next_attempt_at = now() + make_interval(secs => $3)
      FROM due
     WHERE o.id = due.id
    RETURNING o.id, o.kind, o.user_id, o.attempts, o.next_attempt_at::text AS claimed_until";

/// Claims messages that are due, those that wait longest, and returns them in the order in which they were recorded. Leaves kinds of a
/// later release to the workers of that release.
pub(crate) async fn claim(database: &mut Database) -> sqlx::Result<Vec<Claimed>> {
    let statement =
        sqlx::query_as(CLAIM).bind(Event::ALL.map(Event::as_str)).bind(BATCH).bind(CLAIM_LEASE.as_secs_f64());
    let mut claimed: Vec<Claimed> =
        database.run(async |connection| statement.fetch_all(connection).await).await?;
    claimed.sort_by_key(|message| message.id);
    Ok(claimed)
}

/// The outcome of [`begin`].
#[derive(Debug)]
pub(crate) enum Begun {
    /// The message is to be delivered.
    Send(Recipient),
    /// There is nothing to send, and the row is deleted. Holds the reason, a word of `begin_message()`.
    Dropped(String),
    /// Somebody ended the message, or another worker has it.
    Gone,
}

/// To whom a message goes.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) address: String,
    /// As the person has set it, a BCP 47 tag.
    pub(crate) language: Option<String>,
    pub(crate) user_id: Option<i32>,
    pub(crate) claimed_until: String,
}

/// A row of `begin_message()`.
struct Row {
    outcome: String,
    recipient: Option<String>,
    language: Option<String>,
    user_id: Option<i32>,
    claimed_until: Option<String>,
}

impl FromRow<'_, PgRow> for Row {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            outcome: row.try_get("outcome")?,
            recipient: row.try_get("recipient")?,
            language: row.try_get("language")?,
            user_id: row.try_get("user_id")?,
            claimed_until: row.try_get("claimed_until")?,
        })
    }
}

/// Begins an attempt: decides whether the message is still to be sent, and stores the hash of the token for its link. The function
/// `begin_message()` of migration 0026 has the rules.
pub(crate) async fn begin(
    database: &mut Database,
    message: &Claimed,
    event: Event,
    token_hash: [u8; 32],
    limits: &Limits,
) -> sqlx::Result<Begun> {
    let purpose = event.purpose();
    let statement = sqlx::query_as(
        "SELECT outcome, recipient, language, user_id, claimed_until::text AS claimed_until
           FROM begin_message(
                    $1, $2::text::timestamptz, make_interval(secs => $3), $4, $5, make_interval(secs => $6), $7, $8
                )",
    )
    .bind(message.id)
    .bind(&message.claimed_until)
    .bind(DELIVERY_LEASE.as_secs_f64())
    .bind(purpose.map(|purpose| purpose.as_str()))
    .bind(token_hash.as_slice())
    .bind(purpose.map_or(0.0, |purpose| purpose.lifetime().as_secs_f64()))
    .bind(limits.counts())
    .bind(limits.seconds());
    let row: Row = database.run(async |connection| statement.fetch_one(connection).await).await?;
    Ok(match (row.outcome.as_str(), row.recipient, row.claimed_until) {
        ("send", Some(address), Some(claimed_until)) => {
            Begun::Send(Recipient { address, language: row.language, user_id: row.user_id, claimed_until })
        }
        ("gone", ..) => Begun::Gone,
        _ => Begun::Dropped(row.outcome),
    })
}

/// Records that a message was sent. What it carried is not needed any longer.
pub(crate) async fn sent(database: &mut Database, id: i64, claimed_until: &str) -> sqlx::Result<()> {
    let statement = sqlx::query(
        "UPDATE outbox
            SET sent_at = now(), carries = '{}', last_error = NULL
          WHERE id = $1 AND next_attempt_at = $2::text::timestamptz",
    )
    .bind(id)
    .bind(claimed_until);
    database.run(async |connection| statement.execute(connection).await).await?;
    Ok(())
}

/// Records why an attempt failed. Returns true when that was the last one: because the failure is permanent, or because two days have
/// passed since the first failure.
pub(crate) async fn failed(
    database: &mut Database,
    id: i64,
    claimed_until: &str,
    error: &str,
    is_permanent: bool,
    pause: Duration,
) -> sqlx::Result<bool> {
    let statement = sqlx::query_scalar(
        "UPDATE outbox
            SET last_error = $3,
                failing_since = coalesce(failing_since, now()),
                failed_at = CASE WHEN $4 OR now() - failing_since > make_interval(secs => $6) THEN now() END,
                next_attempt_at = now() + make_interval(secs => $5)
          WHERE id = $1 AND next_attempt_at = $2::text::timestamptz
         RETURNING failed_at IS NOT NULL",
    )
    .bind(id)
    .bind(claimed_until)
    .bind(error)
    .bind(is_permanent)
    .bind(pause.as_secs_f64())
    .bind(GIVE_UP_AFTER.as_secs_f64());
    let given_up: Option<bool> =
        database.run(async |connection| statement.fetch_optional(connection).await).await?;
    Ok(given_up.unwrap_or(false))
}

/// Gives claimed messages back, to be tried after a pause. An error says that the mail server could not be reached. A message that has
/// failed for two days is then given up. Returns the number of messages that are given up.
pub(crate) async fn give_back(
    database: &mut Database,
    messages: &[Claimed],
    error: Option<&str>,
    pause: Duration,
) -> sqlx::Result<usize> {
    let ids: Vec<i64> = messages.iter().map(|message| message.id).collect();
    let claims: Vec<&str> = messages.iter().map(|message| message.claimed_until.as_str()).collect();
    let statement = sqlx::query_scalar(
        // A row that somebody has locked is being ended. Waiting for it here could make the two wait for each other.
        "WITH mine AS MATERIALIZED (
             SELECT o.id
               FROM outbox o JOIN unnest($1::bigint[], $2::text[]) AS claimed (id, until) ON claimed.id = o.id
              WHERE o.next_attempt_at = claimed.until::timestamptz AND o.sent_at IS NULL AND o.failed_at IS NULL
                FOR UPDATE OF o SKIP LOCKED
         )
         UPDATE outbox o
            SET next_attempt_at = now() + make_interval(secs => $4),
                last_error = coalesce($3, last_error),
                failing_since = CASE WHEN $3 IS NULL THEN failing_since ELSE coalesce(failing_since, now()) END,
                failed_at = CASE WHEN $3 IS NOT NULL AND now() - failing_since > make_interval(secs => $5) THEN now() END
           FROM mine
          WHERE o.id = mine.id
         RETURNING failed_at IS NOT NULL",
    )
    .bind(ids)
    .bind(claims)
    .bind(error)
    .bind(pause.as_secs_f64())
    .bind(GIVE_UP_AFTER.as_secs_f64());
    let given_up: Vec<bool> = database.run(async |connection| statement.fetch_all(connection).await).await?;
    Ok(given_up.into_iter().filter(|given_up| *given_up).count())
}

/// Deletes requests for a forgotten password that need no message, as [`begin`] would: nobody has the address, the account is deactivated,
/// or its messages are over the limit. Of several requests for one address, only the oldest stays. All this needs no mail server, so such
/// requests do not pile up while it is away.
///
/// Looks at a thousand rows after the id `after`. Returns the id of the last one, if there was any, and the number of deleted rows.
pub(crate) async fn drop_needless(
    database: &mut Database,
    after: i64,
    limits: &Limits,
) -> sqlx::Result<(Option<i64>, u64)> {
    // It locks no account, so it must not wait for a row: a statement that ends links locks the account first, and then waits for the row.
    let statement = sqlx::query_as(
        "WITH looked_at AS MATERIALIZED (
             SELECT id, carries ->> 'email_key' AS email_key,
                    account_with_address(carries ->> 'email', carries ->> 'email_key') AS account
               FROM outbox
              WHERE kind = 'password_forgotten' AND sent_at IS NULL AND failed_at IS NULL AND begun_at IS NULL AND id > $1
              ORDER BY id
              LIMIT $2
         ), needless AS MATERIALIZED (
             SELECT o.id
               FROM outbox o
               JOIN looked_at l ON l.id = o.id
               LEFT JOIN users u ON u.id = l.account AND u.is_active
              WHERE o.sent_at IS NULL AND o.failed_at IS NULL AND o.begun_at IS NULL
                AND (u.id IS NULL
                     OR EXISTS (
                            SELECT FROM outbox older
                             WHERE older.kind = 'password_forgotten' AND older.sent_at IS NULL AND older.failed_at IS NULL
                               AND older.carries ->> 'email_key' = l.email_key AND older.id < o.id
                        )
                     OR EXISTS (
                            SELECT FROM unnest($3::integer[], $4::integer[]) AS allowed (count, seconds)
                             WHERE allowed.count <= (
                                       SELECT count(*)
                                         FROM outbox begun
                                        WHERE begun.user_id = u.id AND begun.kind IN ('password_forgotten', 'password_reset')
                                          AND begun.begun_at > now() - make_interval(secs => allowed.seconds)
                                   )
                        ))
                FOR UPDATE OF o SKIP LOCKED
         ), deleted AS (
             DELETE FROM outbox WHERE id IN (SELECT id FROM needless) RETURNING id
         )
         SELECT (SELECT max(id) FROM looked_at), (SELECT count(*) FROM deleted)",
    )
    .bind(after)
    .bind(SIFTED)
    .bind(limits.counts())
    .bind(limits.seconds());
    let (last, deleted): (Option<i64>, i64) =
        database.run(async |connection| statement.fetch_one(connection).await).await?;
    Ok((last, u64::try_from(deleted).unwrap_or_default()))
}

/// A message that is not sent, as `usersctl outbox list` shows it. It has no address.
#[derive(Debug)]
pub struct Entry {
    /// The id of the row.
    pub id: i64,
    /// A kind of [`Event`], or of a later release.
    pub kind: String,
    /// The account, if it is known yet.
    pub user_id: Option<i32>,
    /// The seconds since the message was recorded.
    pub age: i64,
    /// The seconds until the next attempt; below zero when it is overdue.
    pub due_in: i64,
    /// The number of attempts.
    pub attempts: i32,
    /// The reason why the last attempt failed.
    pub last_error: Option<String>,
    /// True when the worker has given up.
    pub is_dead: bool,
}

impl FromRow<'_, PgRow> for Entry {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            user_id: row.try_get("user_id")?,
            age: row.try_get("age")?,
            due_in: row.try_get("due_in")?,
            attempts: row.try_get("attempts")?,
            last_error: row.try_get("last_error")?,
            is_dead: row.try_get("is_dead")?,
        })
    }
}

/// The messages that are not sent, oldest first: all, or those that the worker has given up. At most `limit`.
///
/// # Errors
/// When Postgres refuses.
pub async fn list(
    connection: &mut sqlx::PgConnection,
    only_dead: bool,
    limit: i64,
) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as(
        "SELECT id, kind, user_id, attempts, last_error,
                extract(epoch FROM now() - created_at)::bigint AS age,
                extract(epoch FROM next_attempt_at - now())::bigint AS due_in,
                failed_at IS NOT NULL AS is_dead
           FROM outbox
          WHERE sent_at IS NULL AND (failed_at IS NOT NULL OR NOT $1)
          ORDER BY id
          LIMIT $2",
    )
    .bind(only_dead)
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// Makes a message that failed due at once, also one that the worker has given up. Returns false when there is none with this id. One that a
/// worker is sending at this moment has not failed.
///
/// # Errors
/// When Postgres refuses.
pub async fn retry(connection: &mut sqlx::PgConnection, id: i64) -> sqlx::Result<bool> {
    // The two days begin anew. A message that nobody has tried is still subject to the limits.
    let retried = sqlx::query(
        "WITH retried AS (
             UPDATE outbox
                SET failed_at = NULL, failing_since = NULL, next_attempt_at = now()
              WHERE id = $1 AND sent_at IS NULL AND (failed_at IS NOT NULL OR last_error IS NOT NULL)
             RETURNING id
         )
         SELECT id, pg_notify('outbox', '') FROM retried",
    )
    .bind(id)
    .fetch_all(connection)
    .await?;
    Ok(!retried.is_empty())
}

/// Makes all messages that the worker has given up due at once, and returns their number.
///
/// # Errors
/// When Postgres refuses.
pub async fn retry_all(connection: &mut sqlx::PgConnection) -> sqlx::Result<usize> {
    let retried = sqlx::query(
        "WITH retried AS (
             UPDATE outbox
                SET failed_at = NULL, failing_since = NULL, next_attempt_at = now()
              WHERE sent_at IS NULL AND failed_at IS NOT NULL
             RETURNING id
         )
         SELECT id, pg_notify('outbox', '') FROM retried",
    )
    .fetch_all(connection)
    .await?;
    Ok(retried.len())
}

/// Deletes a message that is not sent. Returns false when there is none with this id.
///
/// # Errors
/// When Postgres refuses.
pub async fn drop_message(connection: &mut sqlx::PgConnection, id: i64) -> sqlx::Result<bool> {
    let dropped = sqlx::query("DELETE FROM outbox WHERE id = $1 AND sent_at IS NULL")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(dropped.rows_affected() > 0)
}
