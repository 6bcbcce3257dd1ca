//! `DELETE /auth/api-keys/{key_id}`: ends an API key of the current account.

use users_guard::{ApiKeyPath, Caller};
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use crate::sessions::ended;
use crate::store::api_keys;

pub(crate) fn about() -> About {
    About::new(
        "endApiKey",
        "End an API key of the current account",
        "The key has ended: it is refused from the next request on.",
    )
    .text("A key of another account is 404.")
    .problems([Code::NOT_FOUND])
}

/// 204; 404 when the caller has no such key.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(key): PathInput<ApiKeyPath>,
) -> Result<NoContent, Problem> {
    ended(api_keys::end(&db, caller.user.id, caller.own_session()?, key).await?)
}
