//! The table `refresh_tokens`, and `refresh_nonces` beside it.

use users_core::{Lifetimes, REFRESH_REUSE_GRACE, UserId};
use users_crypto::{RefreshNonce, RefreshToken};
use users_db::{Db, DbError};

use super::{Grant, seconds};

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
}

impl Rotation {
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::Rotated(grant) | Self::Repeated(grant, _) => Some(grant.user),
            Self::Inactive(user) | Self::Reused(user) => Some(*user),
            Self::Unknown => None,
        }
    }
}

/// Replaces the refresh token with this hash by its successor. `nonce` is the nonce of the successor, and is stored until the grace is
/// over.
pub(crate) async fn rotate(
    db: &Db,
    presented: &[u8; 32],
    successor: &RefreshToken,
    nonce: &RefreshNonce,
    lifetimes: &Lifetimes,
) -> Result<Rotation, DbError> {
    let row = db
        .change(
            "SELECT r.outcome, r.user_id, r.session_id, r.nonce, r.now, r.refresh_expires_in, k.kid, k.sealed_key, k.is_due
               FROM rotate_refresh_token($1, $2, $3, $4, $5, $6) r
               LEFT JOIN signing_key() k ON r.outcome IN ('rotated', 'repeated')",
            &[
                presented.as_slice().into(),
                successor.hash().as_slice().into(),
                nonce.as_octets().into(),
                seconds(REFRESH_REUSE_GRACE),
                seconds(lifetimes.session_idle),
                seconds(lifetimes.session),
            ],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Rotation::Unknown);
    };
    match row.get::<String>("outcome")?.as_str() {
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
