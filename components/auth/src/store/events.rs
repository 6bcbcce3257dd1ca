//! The table `outbox`: what an e-mail will tell of, where nothing else changes.

use users_core::{Email, Event, SessionId, UserId};
use users_db::{Db, DbError};

use super::accounts::Credentials;
use super::limits::{self, Attempt};
use crate::limits::Counter;

/// The outcome of asking for another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeRequest {
    /// Both addresses will hear of it.
    Recorded,
    /// Another account has the address; nothing was recorded.
    Taken,
    /// The caller's session or password is no longer the one that was verified; nothing was recorded.
    CallerChanged,
}

/// Records that somebody has forgotten the password of an account with this address. No account is looked up: the statement does the
/// same work for every address. Returns the seconds until the next request of the client is free if this one is refused.
pub(crate) async fn password_forgotten(
    db: &Db,
    email: &Email,
    counter: &Counter,
) -> Result<Option<i32>, DbError> {
    let [key, most, seconds] = limits::values(counter);
    let row = db
        .change(
            "WITH counted AS MATERIALIZED (
                 SELECT retry_after FROM count_attempt($4::bytea, $5::int4, $6::int4, NULL)
             )
             SELECT retry_after,
                    CASE WHEN retry_after IS NULL
                         THEN record_event($1, NULL, jsonb_build_object('email', $2::text, 'email_key', $3::text))
                    END AS event
               FROM counted",
            &[
                Event::PasswordForgotten.as_str().into(),
                email.as_str().into(),
                email.key().as_str().into(),
                key,
                most,
                seconds,
            ],
        )
        .await?;
    row.ok_or_else(DbError::missing_row)?.get("retry_after")
}

/// Asks for the link that verifies the caller's address, unless it is verified. False when the caller's session has ended.
pub(crate) async fn email_verification(db: &Db, user: UserId, session: SessionId) -> Result<bool, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, NULL)
             )
             SELECT caller.id, (
                        SELECT record_event($3, u.id, NULL) FROM users u WHERE u.id = caller.id AND NOT u.email_verified
                    ) AS event
               FROM caller",
            &[
                user.into(),
                session.into(),
                Event::EmailVerification.as_str().into(),
            ],
        )
        .await?;
    Ok(row.is_some())
}

/// Asks for the link again that verifies the address of an account whose password was found right: the attempt was no wrong one. False when
/// the account has changed since its credentials were read.
pub(crate) async fn email_verification_at_login(
    db: &Db,
    account: &Credentials,
    attempt: &Attempt,
) -> Result<bool, DbError> {
    let [key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    let row = db
        .change(
            "WITH account AS MATERIALIZED (
                 SELECT id FROM users
                  WHERE id = $1 AND password_hash = $2 AND is_active AND NOT email_verified
                    FOR NO KEY UPDATE
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $6::int4 AND ticket = $7::int8
             )
             SELECT record_event($3, id, NULL) AS event, take_attempt_back($4::bytea, $5::text::timestamptz) FROM account",
            &[
                account.id.into(),
                account.password_hash.as_str().into(),
                Event::EmailVerification.as_str().into(),
                key,
                counted_at,
                slot,
                ticket,
            ],
        )
        .await?;
    Ok(row.is_some())
}

/// Asks for a link that makes this address the caller's, and for a notice to the current one, unless another account has the address. The
/// request replaces an earlier one. The attempt was no wrong password.
/// An account that has no key yet is found as by a login.
pub(crate) async fn email_change(
    db: &Db,
    user: UserId,
    session: SessionId,
    verified_hash: &str,
    attempt: &Attempt,
    email: &Email,
) -> Result<ChangeRequest, DbError> {
    let [key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id, take_attempt_back($8::bytea, $9::text::timestamptz)
                  WHERE lock_caller($1, $2::int8, $3::text)
             ), taken AS MATERIALIZED (
                 SELECT EXISTS (
                     SELECT FROM users WHERE email_key = $5 AND id <> $1
                 ) OR EXISTS (
                     SELECT FROM users
                      WHERE lower(email) IN (lower($4), lower($5)) AND email_key IS NULL AND search_text IS NULL
                        AND id <> $1
                 ) AS is_taken
             ), replaced AS MATERIALIZED (
                 SELECT replace_email_change(caller.id) AS email FROM caller, taken WHERE NOT taken.is_taken
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $10::int4 AND ticket = $11::int8
             )
             SELECT taken.is_taken,
                    CASE WHEN NOT taken.is_taken
                         THEN record_event($6, caller.id, jsonb_build_object('email', $4::text)) END AS change,
                    CASE WHEN NOT taken.is_taken
                         THEN record_event($7, caller.id, jsonb_build_object('email', replaced.email)) END AS notice
               FROM caller CROSS JOIN taken LEFT JOIN replaced ON true",
            &[
                user.into(),
                session.into(),
                verified_hash.into(),
                email.as_str().into(),
                email.key().as_str().into(),
                Event::EmailChange.as_str().into(),
                Event::EmailChangeRequested.as_str().into(),
                key,
                counted_at,
                slot,
                ticket,
            ],
        )
        .await?;
    Ok(match row {
        None => ChangeRequest::CallerChanged,
        Some(row) if row.get("is_taken")? => ChangeRequest::Taken,
        Some(_) => ChangeRequest::Recorded,
    })
}
