//! `GET /auth/passkeys`: the passkeys of the current account.

use users_core::Passkey;
use users_guard::Caller;
use users_web::{About, Database, JsonArray, Problem};

use crate::store::passkeys;

pub(crate) fn about() -> About {
    About::new("listPasskeys", "List the passkeys of the current account", "The passkeys, the newest first.")
}

/// 200 with the passkeys, the newest first.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<JsonArray<Passkey>, Problem> {
    Ok(JsonArray(passkeys::list(&db, caller.user.id).await?))
}
