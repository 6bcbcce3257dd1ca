//! `GET /users/{user_id}/sessions`: the sessions of an account.

use users_core::Session;
use users_guard::{Caller, UserPath};
use users_web::{About, Code, Database, JsonArray, PathInput, Problem};

use crate::store::sessions;

pub(crate) fn about() -> About {
    About::new("listUserSessions", "List the sessions of an account", "The sessions, the newest first.")
        .text("As `GET /auth/sessions`. `is_current` is true for the session of the request only, and for none in a request by an API key.")
        .problems([Code::NOT_FOUND])
}

/// 200 with the sessions that have not expired, the newest first; 404 when there is no such account.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(id): PathInput<UserPath>,
) -> Result<JsonArray<Session>, Problem> {
    let sessions = sessions::list(&db, id, caller.session()).await?.ok_or(Code::NOT_FOUND)?;
    Ok(JsonArray(sessions))
}
