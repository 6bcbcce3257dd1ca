//! The table `sessions`.

use users_core::{REFRESH_TOKEN_LIFETIME, SessionId, UserId};
use users_crypto::RefreshToken;
use users_db::{Db, DbError};

use super::accounts::Credentials;
use super::{Grant, seconds};

/// Opens a session with its first refresh token, replaces the password's hash when there is a new one, and deletes the account's
/// expired sessions. `None` when the account has changed since its credentials were read.
///
/// The account is locked first: it can be neither deactivated nor deleted between the check and the session.
pub(crate) async fn open(
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
    row.map(|row| Grant::of(&row)).transpose()
}

/// Ends a session, and with it all of its tokens. Doing it again changes nothing.
pub(crate) async fn end(db: &Db, session: SessionId) -> Result<(), DbError> {
    db.change("DELETE FROM sessions WHERE id = $1", &[session.into()]).await.map(|_| ())
}

/// Ends the session that the refresh token with this hash belongs to, whether or not the token is spent. Returns the session's
/// account; `None` when there is no such session.
pub(crate) async fn end_of(db: &Db, refresh: &[u8; 32]) -> Result<Option<UserId>, DbError> {
    let row = db
        .change(
            "DELETE FROM sessions s USING refresh_tokens t
              WHERE t.token_hash = $1 AND s.id = t.session_id
             RETURNING s.user_id",
            &[refresh.as_slice().into()],
        )
        .await?;
    row.map(|row| row.get("user_id")).transpose()
}
