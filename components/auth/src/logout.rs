//! `POST /auth/logout`: ends the session.

use users_guard::Caller;
use users_web::{About, Database, NoContent, Problem};

use crate::store::sessions;

pub(crate) fn about() -> About {
    About::new("logout", "Log out", "The session has ended: its tokens fail from the next request on.")
}

/// 204; the session's tokens fail from the next request on.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<NoContent, Problem> {
    sessions::end(&db, caller.session).await?;
    Ok(NoContent)
}
