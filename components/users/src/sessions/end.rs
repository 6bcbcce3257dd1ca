//! `DELETE /users/{user_id}/sessions`: ends all sessions of an account.

use users_guard::{Authority, UserPath};
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use crate::store::sessions::{self, Ending};

pub(crate) fn about() -> About {
    About::new(
        "endUserSessions",
        "End the sessions of an account",
        "All sessions of the account have ended: their tokens fail from the next request on.",
    )
    .text("The account stays active, so its owner can log in again. On your own account, this ends the current session, too.")
    .problems([Code::NOT_FOUND])
}

/// 204, also when there was no session; 404 when there is no such account.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
) -> Result<NoContent, Problem> {
    match sessions::end_all(&db, id, &authority).await? {
        Ending::Ended => Ok(NoContent),
        Ending::Refused(overreach) => Err(overreach.into()),
        Ending::Missing => Err(Code::NOT_FOUND.into()),
    }
}
