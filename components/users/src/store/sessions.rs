//! The table `sessions`.

use users_core::{Session, SessionId, UserId};
use users_db::{Db, DbError};
use users_guard::{Authority, Overreach};

/// The sessions of an account that have not expired, the newest first; `None` when there is no such account. `current` is the session
/// of the request, if it has one.
pub(crate) async fn list(
    db: &Db,
    user: UserId,
    current: Option<SessionId>,
) -> Result<Option<Vec<Session>>, DbError> {
    let row = db
        .read(
            "SELECT sessions_of(id, coalesce($2::int8, 0)) AS sessions FROM users WHERE id = $1",
            &[user.into(), current.into()],
        )
        .await?;
    row.map(|row| row.json("sessions")).transpose()
}

/// The outcome of ending sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// There is no session left.
    Ended,
    /// The caller may not do this to the account; nothing was changed.
    Refused(Overreach),
    /// There is no such account.
    Missing,
}

/// Ends all sessions of an account. The statement locks the account first: a login at
/// the same time has either finished, and its session ends, too, or it waits.
pub(crate) async fn end_all(db: &Db, user: UserId, authority: &Authority) -> Result<Ending, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($2::int4, ARRAY[$1::int4]) AS refusal
             ), account AS (
                 SELECT id FROM users WHERE id = $1 AND (SELECT refusal IS NULL FROM permitted) FOR NO KEY UPDATE
             ), ended AS MATERIALIZED (
                 SELECT end_sessions(ARRAY[id]) FROM account
             )
             SELECT permitted.refusal, account.id
               FROM permitted LEFT JOIN (account CROSS JOIN ended) ON true",
            &[user.into(), authority.caller()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Ending::Refused(overreach));
    }
    Ok(if row.get::<Option<UserId>>("id")?.is_some() { Ending::Ended } else { Ending::Missing })
}
