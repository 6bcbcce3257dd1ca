//! `GET /users/{user_id}/api-keys`: the API keys of an account.

use users_core::ApiKey;
use users_guard::UserPath;
use users_web::{About, Code, Database, JsonArray, PathInput, Problem};

use crate::store::api_keys;

pub(crate) fn about() -> About {
    About::new("listUserApiKeys", "List the API keys of an account", "The keys, the newest first.")
        .text("As `GET /auth/api-keys`, for the account of a person or of a program.")
        .problems([Code::NOT_FOUND])
}

/// 200 with the keys, the newest first; 404 when there is no such account.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(user): PathInput<UserPath>,
) -> Result<JsonArray<ApiKey>, Problem> {
    let keys = api_keys::list(&db, user).await?.ok_or(Code::NOT_FOUND)?;
    Ok(JsonArray(keys))
}
