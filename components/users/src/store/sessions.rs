//! The table `sessions`.

use users_core::{Session, SessionId, UserId};
use users_db::{Db, DbError};

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

/// Ends all sessions of an account. Returns false when there is no such account. The statement locks the account first: a login at
/// the same time has either finished, and its session ends, too, or it waits.
pub(crate) async fn end_all(db: &Db, user: UserId) -> Result<bool, DbError> {
    let row = db
        .change(
            "WITH account AS (
                 SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
             ), ended AS MATERIALIZED (
                 SELECT end_sessions(ARRAY[id]) FROM account
             )
             SELECT account.id FROM account CROSS JOIN ended",
            &[user.into()],
        )
        .await?;
    Ok(row.is_some())
}
