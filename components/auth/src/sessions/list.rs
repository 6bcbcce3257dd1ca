//! `GET /auth/sessions`: the sessions of the current account.

use users_core::Session;
use users_guard::Caller;
use users_web::{About, Database, JsonArray, Problem};

use crate::store::sessions;

pub(crate) fn about() -> About {
    About::new("listSessions", "List the sessions of the current account", "The sessions, the newest first.")
        .text(
            "Each login opens a session. One that has expired is not listed. `client` is the `User-Agent` of the login; `address` is \
             the address that the service saw, behind a proxy that of the proxy.",
        )
}

/// 200 with the sessions that have not expired, the newest first.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<JsonArray<Session>, Problem> {
    Ok(JsonArray(sessions::list(&db, caller.user.id, caller.own_session()?).await?))
}
