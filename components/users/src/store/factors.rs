//! The second factors of accounts.

use users_core::UserId;
use users_db::{Db, DbError};
use users_guard::{Authority, Overreach};

/// The outcome of a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reset {
    /// The account has no factor.
    Done {
        /// True if it had one before.
        had_factor: bool,
    },
    /// The caller may not do this to the account; nothing was changed.
    Refused(Overreach),
    /// There is no such account.
    Missing,
}

/// Removes the second factors of an account. The database function tells the owner and ends the sessions, if there was a factor. The
/// statement locks the account first: a login at the same time has either finished, and its session ends, too, or it waits.
pub(crate) async fn reset(db: &Db, user: UserId, authority: &Authority) -> Result<Reset, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($2::int4, ARRAY[$1::int4]) AS refusal
             ), account AS (
                 SELECT id FROM users WHERE id = $1 AND (SELECT refusal IS NULL FROM permitted) FOR NO KEY UPDATE
             ), reset AS MATERIALIZED (
                 SELECT reset_factors(id) AS had_factor FROM account
             )
             SELECT permitted.refusal, reset.had_factor FROM permitted LEFT JOIN reset ON true",
            &[user.into(), authority.caller()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Reset::Refused(overreach));
    }
    Ok(match row.get::<Option<bool>>("had_factor")? {
        Some(had_factor) => Reset::Done { had_factor },
        None => Reset::Missing,
    })
}
