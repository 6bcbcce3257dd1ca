//! `GET /auth/api-keys`: the API keys of the current account.

use users_core::ApiKey;
use users_guard::Caller;
use users_web::{About, Database, JsonArray, Problem};

use crate::store::api_keys;

pub(crate) fn about() -> About {
    About::new("listApiKeys", "List the API keys of the current account", "The keys, the newest first.").text(
        "The keys themselves are not shown again. `last_used_at` is the hour of the last use. A key that has expired is listed for 30 days.",
    )
}

/// 200 with the keys, the newest first.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<JsonArray<ApiKey>, Problem> {
    Ok(JsonArray(api_keys::list(&db, caller.user.id).await?))
}
