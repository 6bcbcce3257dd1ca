//! The SQL of the component. Every change is one statement.

use std::time::Duration;

use users_core::{
    Email, FullName, REFRESH_REUSE_GRACE, REFRESH_TOKEN_LIFETIME, SESSION_LIFETIME, SessionId, User, UserId,
};
use users_crypto::RefreshToken;
use users_db::{Db, DbError, Row, Value};
use users_web::user_from;

use crate::tokens::Grant;

/// The unique index on addresses.
const USERS_EMAIL_KEY: &str = "users_email_key";

/// Opens an account with the roles that every account gets, or gives `None` when the address has one.
///
/// The roles are locked, so that none of them can go between being read and being granted.
pub(crate) async fn insert_user(
    db: &Db,
    email: &Email,
    full_name: Option<&FullName>,
    password_hash: &str,
) -> Result<Option<User>, DbError> {
    let inserted = db
        .change(
            "WITH account AS (
                 INSERT INTO users (email, full_name, password_hash)
                 VALUES ($1, $2, $3)
                 RETURNING *
             ), defaults AS (
                 SELECT id FROM roles WHERE is_default FOR KEY SHARE
             ), granted AS (
                 INSERT INTO user_roles (user_id, role_id)
                 SELECT account.id, defaults.id FROM account, defaults
             )
             SELECT id, email, full_name, is_active, is_admin,
                    created_at AT TIME ZONE 'UTC' AS created_at,
                    updated_at AT TIME ZONE 'UTC' AS updated_at
               FROM account",
            &[email.as_str().into(), full_name.map(FullName::as_str).into(), password_hash.into()],
        )
        .await;
    match inserted {
        Err(error) if error.violates(USERS_EMAIL_KEY) => Ok(None),
        inserted => user_from(&returned(inserted?)?).map(Some),
    }
}

/// What a login is checked against.
pub(crate) struct Credentials {
    pub(crate) id: UserId,
    pub(crate) password_hash: String,
    pub(crate) is_active: bool,
}

/// The credentials of the account with this address, however it is cased.
pub(crate) async fn credentials(db: &Db, email: &str) -> Result<Option<Credentials>, DbError> {
    let row = db
        .read(
            "SELECT id, password_hash, is_active FROM users WHERE lower(email) = lower($1)",
            &[email.into()],
        )
        .await?;
    row.map(|row| {
        Ok(Credentials {
            id: row.get("id")?,
            password_hash: row.get("password_hash")?,
            is_active: row.get("is_active")?,
        })
    })
    .transpose()
}

/// Opens a session with its first refresh token, replaces the password's hash when there is a new one, and clears away the
/// account's sessions that are over. `None` when the account is not what it was when its credentials were read.
///
/// The account is locked first: it can be neither deactivated nor deleted between the check and the session.
pub(crate) async fn open_session(
    db: &Db,
    account: &Credentials,
    new_hash: Option<&str>,
    refresh: &RefreshToken,
) -> Result<Option<Grant>, DbError> {
    let row = db
        .change(
            "WITH account AS (
                 SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND is_active
                    FOR NO KEY UPDATE
             ), rehashed AS (
                 UPDATE users SET password_hash = $3
                  WHERE id = (SELECT id FROM account) AND password_hash = $2 AND $3::text IS NOT NULL
             ), cleared AS (
                 DELETE FROM sessions WHERE user_id = (SELECT id FROM account) AND expires_at <= now()
             ), session AS (
                 INSERT INTO sessions (user_id, expires_at)
                 SELECT id, now() + $5::int4 * interval '1 second' FROM account
                 RETURNING id, user_id, expires_at
             ), token AS (
                 INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                 SELECT $4, id, expires_at FROM session
             )
             SELECT user_id, id AS session_id,
                    floor(extract(epoch FROM now()))::int8 AS now,
                    floor(extract(epoch FROM expires_at - now()))::int8 AS refresh_expires_in
               FROM session",
            &[
                account.id.into(),
                account.password_hash.as_str().into(),
                new_hash.into(),
                refresh.hash().as_slice().into(),
                seconds(REFRESH_TOKEN_LIFETIME),
            ],
        )
        .await?;
    row.map(|row| grant(&row)).transpose()
}

/// What came of handing in a refresh token.
#[derive(Debug)]
pub(crate) enum Rotation {
    /// The fresh token takes its place.
    Granted(Grant),
    /// The account is deactivated; nothing was changed.
    Inactive(UserId),
    /// It was spent before, longer ago than the grace: its session is ended.
    Reused(UserId),
    /// It is none, or it or its session is over.
    Unknown,
}

impl Rotation {
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::Granted(grant) => Some(grant.user),
            Self::Inactive(user) | Self::Reused(user) => Some(*user),
            Self::Unknown => None,
        }
    }
}

/// Puts a fresh refresh token in the place of the one that was handed in.
///
/// The session is locked before its token, as a logout does, so that the two cannot wait for each other. Within the grace
/// a spent token is honoured: the fresh one joins the one that it was exchanged for before, and both work.
pub(crate) async fn rotate(db: &Db, presented: &[u8; 32], fresh: &RefreshToken) -> Result<Rotation, DbError> {
    let row = db
        .change(
            "WITH presented AS (
                 SELECT t.token_hash, t.spent_at, t.session_id, s.user_id, s.created_at AS session_created_at,
                        CASE
                            WHEN t.expires_at <= now() OR s.expires_at <= now() THEN 'over'
                            WHEN t.spent_at < now() - $3::int4 * interval '1 second' THEN 'reused'
                            WHEN NOT u.is_active THEN 'inactive'
                            ELSE 'granted'
                        END AS outcome
                   FROM refresh_tokens t
                   JOIN sessions s ON s.id = t.session_id
                   JOIN users u ON u.id = s.user_id
                  WHERE t.token_hash = $1
                    FOR UPDATE OF s, t
             ), ended AS (
                 DELETE FROM sessions s USING presented p WHERE s.id = p.session_id AND p.outcome = 'reused'
             ), spent AS (
                 UPDATE refresh_tokens t SET spent_at = now()
                   FROM presented p
                  WHERE t.token_hash = p.token_hash AND p.outcome = 'granted' AND p.spent_at IS NULL
             ), fresh AS (
                 INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                 SELECT $2, session_id,
                        least(now() + $4::int4 * interval '1 second',
                              session_created_at + $5::int4 * interval '1 second')
                   FROM presented WHERE outcome = 'granted'
                 RETURNING session_id, expires_at
             ), slid AS (
                 UPDATE sessions s SET expires_at = f.expires_at FROM fresh f WHERE s.id = f.session_id
             ), cleared AS (
                 DELETE FROM refresh_tokens t USING fresh f
                  WHERE t.session_id = f.session_id AND t.expires_at <= now()
             )
             SELECT p.outcome, p.user_id, p.session_id,
                    floor(extract(epoch FROM now()))::int8 AS now,
                    floor(extract(epoch FROM f.expires_at - now()))::int8 AS refresh_expires_in
               FROM presented p LEFT JOIN fresh f ON true",
            &[
                presented.as_slice().into(),
                fresh.hash().as_slice().into(),
                seconds(REFRESH_REUSE_GRACE),
                seconds(REFRESH_TOKEN_LIFETIME),
                seconds(SESSION_LIFETIME),
            ],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Rotation::Unknown);
    };
    Ok(match row.get::<String>("outcome")?.as_str() {
        "granted" => Rotation::Granted(grant(&row)?),
        "inactive" => Rotation::Inactive(row.get("user_id")?),
        "reused" => Rotation::Reused(row.get("user_id")?),
        _ => Rotation::Unknown,
    })
}

/// Ends a session, and with it all of its tokens. Doing it again changes nothing.
pub(crate) async fn end_session(db: &Db, session: SessionId) -> Result<(), DbError> {
    db.change("DELETE FROM sessions WHERE id = $1", &[session.into()]).await.map(|_| ())
}

fn grant(row: &Row) -> Result<Grant, DbError> {
    Ok(Grant {
        user: row.get("user_id")?,
        session: row.get("session_id")?,
        now: row.get("now")?,
        refresh_expires_in: row.get("refresh_expires_in")?,
    })
}

/// For `$n::int4 * interval '1 second'`. The longest lifetime, 90 days, is well within an `int4`.
fn seconds(lifetime: Duration) -> Value {
    i32::try_from(lifetime.as_secs()).unwrap_or(i32::MAX).into()
}

/// The row of a statement that always returns one.
fn returned(row: Option<Row>) -> Result<Row, DbError> {
    row.ok_or_else(DbError::missing_row)
}
