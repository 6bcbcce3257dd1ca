//! `PUT /users/bulk/delete`: deletes the accounts with their profiles, sessions and roles.

use users_guard::codes::LAST_ADMIN;
use users_guard::{Authority, Caller};
use users_web::{About, Database, Json, JsonInput, Problem};

use super::{Done, Targets, example};
use crate::rules::{CANNOT_TARGET_SELF, changed, not_oneself};
use crate::store;

pub(crate) fn about() -> About {
    About::new("bulkDeleteUsers", "Delete many accounts", "The accounts that were deleted.")
        .text("Deletes all of them or none. Their owners are told by e-mail.")
        .example(example())
        .problems([CANNOT_TARGET_SELF, LAST_ADMIN])
}

/// 200 with the outcome; 409 without any change when the caller or every active administrator is in the list.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    authority: Authority,
    JsonInput(targets): JsonInput<Targets>,
) -> Result<Json<Done>, Problem> {
    not_oneself(&caller, &targets)?;
    let deleted = changed(store::delete(&db, &targets, None, &authority).await?)?;
    Ok(Json(Done::new(targets, deleted)))
}
