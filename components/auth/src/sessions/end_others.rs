//! `DELETE /auth/sessions`: ends all sessions of the current account, except the current session.

use users_guard::Caller;
use users_web::{About, Database, NoContent, Problem};

use super::ended;
use crate::store::sessions;

pub(crate) fn about() -> About {
    About::new(
        "endOtherSessions",
        "End the other sessions of the current account",
        "All other sessions have ended: their tokens fail from the next request on.",
    )
    .text("The current session stays. A logout ends it.")
}

/// 204, also when there was no other session.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<NoContent, Problem> {
    ended(sessions::end_others(&db, caller.user.id, caller.own_session()?).await?)
}
