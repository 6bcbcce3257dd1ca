//! The table `refresh_tokens`.

use users_core::{REFRESH_REUSE_GRACE, REFRESH_TOKEN_LIFETIME, SESSION_LIFETIME, UserId};
use users_crypto::RefreshToken;
use users_db::{Db, DbError};

use super::{Grant, seconds};

/// The outcome of presenting a refresh token.
#[derive(Debug)]
pub(crate) enum Rotation {
    /// The new token replaces it.
    Granted(Grant),
    /// The account is deactivated; nothing was changed.
    Inactive(UserId),
    /// The token was spent before, and its grace is over: its session has been ended.
    Reused(UserId),
    /// No such token, or it or its session has expired.
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

/// Replaces the refresh token that was presented by a new one.
///
/// The session is locked before its token, as in a logout, so that the two cannot wait for each other. Within the grace a spent
/// token is honoured: the new token joins the one that it was exchanged for before, and both work.
pub(crate) async fn rotate(db: &Db, presented: &[u8; 32], fresh: &RefreshToken) -> Result<Rotation, DbError> {
    let row = db
        .change(
            "WITH presented AS (
                 SELECT t.token_hash, t.spent_at, t.session_id, s.user_id, s.created_at AS session_created_at,
                        CASE
                            WHEN t.expires_at <= now() OR s.expires_at <= now() THEN 'expired'
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
        "granted" => Rotation::Granted(Grant::of(&row)?),
        "inactive" => Rotation::Inactive(row.get("user_id")?),
        "reused" => Rotation::Reused(row.get("user_id")?),
        _ => Rotation::Unknown,
    })
}
