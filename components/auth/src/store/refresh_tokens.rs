//! The table `refresh_tokens`, and `refresh_nonces` beside it.

use users_core::{Lifetimes, REFRESH_REUSE_GRACE, UserId};
use users_crypto::{RefreshNonce, RefreshToken};
use users_db::{Db, DbError};

use super::signing_keys::StoredKey;
use super::{Grant, seconds};

/// The signing keys for which the caller is ready.
#[derive(Debug, Clone)]
pub(crate) enum Ready {
    /// It takes whichever signs.
    ForAny,
    /// It has opened the one with this name; empty for none.
    For(String),
}

/// The outcome of presenting a refresh token.
#[derive(Debug)]
pub(crate) enum Rotation {
    /// The token was live. The given successor replaces it.
    Rotated(Grant),
    /// The token was spent within the grace, and its successor is live. The nonce yields that successor again.
    Repeated(Grant, RefreshNonce),
    /// The account is deactivated; nothing was changed.
    Inactive(UserId),
    /// The token was spent before, and its successor was used or the grace is over. The statement has ended the session.
    Reused(UserId),
    /// There is no such token, or the token or its session has expired.
    Unknown,
    /// The caller is not ready for the key that signs, or that key is due for a successor. Nothing was looked for or changed. `None` when no
    /// key signs.
    Unready(Option<StoredKey>),
}

impl Rotation {
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::Rotated(grant) | Self::Repeated(grant, _) => Some(grant.user),
            Self::Inactive(user) | Self::Reused(user) => Some(*user),
            Self::Unknown | Self::Unready(_) => None,
        }
    }
}

/// Replaces the refresh token with this hash by its successor. `nonce` is the nonce of the successor, and is stored until the grace is
/// over.
///
/// Nothing is rotated before the caller is ready for the key that signs: a client that lost its token to a key that cannot be opened would be
/// logged out. Without a hash, the function finds no token; a condition of the join would not keep it from running.
pub(crate) async fn rotate(
    db: &Db,
    presented: &[u8; 32],
    successor: &RefreshToken,
    nonce: &RefreshNonce,
    lifetimes: &Lifetimes,
    ready: &Ready,
) -> Result<Rotation, DbError> {
    let (is_ready_for_any, kid) = match ready {
        Ready::ForAny => (true, ""),
        Ready::For(kid) => (false, kid.as_str()),
    };
    let row = db
        .change(
            "SELECT r.outcome, r.user_id, r.session_id, r.nonce, r.now, r.refresh_expires_in,
                    floor(extract(epoch FROM coalesce(s.authenticated_at, s.created_at, now())))::int8 AS auth_time,
                    coalesce(s.methods, '{pwd}') AS methods,
                    k.kid, k.sealed_key, k.is_due, key.is_ready
               FROM (VALUES (true)) AS one (row)
               LEFT JOIN signing_key() k ON true
              CROSS JOIN LATERAL (
                        SELECT $7::boolean OR coalesce(k.kid = $8::text AND NOT k.is_due, false) AS is_ready
                    ) key
               LEFT JOIN LATERAL rotate_refresh_token(
                        CASE WHEN key.is_ready THEN $1::bytea END, $2::bytea, $3::bytea, $4, $5, $6
                    ) r ON true
               LEFT JOIN sessions s ON s.id = r.session_id",
            &[
                presented.as_slice().into(),
                successor.hash().as_slice().into(),
                nonce.as_octets().into(),
                seconds(REFRESH_REUSE_GRACE),
                seconds(lifetimes.session_idle),
                seconds(lifetimes.session),
                is_ready_for_any.into(),
                kid.into(),
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if !row.get::<bool>("is_ready")? {
        return Ok(Rotation::Unready(StoredKey::of(&row)?));
    }
    match row.get::<Option<String>>("outcome")?.as_deref().unwrap_or_default() {
        outcome @ ("rotated" | "repeated") => {
            let grant = Grant::of(&row)?;
            if grant.refresh_expires_in <= 0 {
                // An operator has shortened the lifetime of sessions, and this session is older. The rotation has ended it.
                return Ok(Rotation::Unknown);
            }
            if outcome == "rotated" {
                return Ok(Rotation::Rotated(grant));
            }
            let nonce = RefreshNonce::from_stored(&row.get::<Vec<u8>>("nonce")?);
            Ok(Rotation::Repeated(grant, nonce.ok_or_else(DbError::missing_row)?))
        }
        "inactive" => Ok(Rotation::Inactive(row.get("user_id")?)),
        "reused" => Ok(Rotation::Reused(row.get("user_id")?)),
        _ => Ok(Rotation::Unknown),
    }
}
