//! `PUT /users/bulk/deactivate`: the accounts can no longer be used, and their sessions end.

use users_guard::codes::LAST_ADMIN;
use users_guard::{Authority, Caller};
use users_web::{About, Database, Json, JsonInput, Problem};

use super::{Done, Targets, example};
use crate::rules::{CANNOT_TARGET_SELF, changed, not_oneself};
use crate::store::{self, Mark};

pub(crate) fn about() -> About {
    About::new("bulkDeactivateUsers", "Deactivate many accounts", "The accounts that were deactivated.")
        .text("Deactivates all of them or none.")
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
    let users = changed(store::unmark(&db, &targets, Mark::Active, None, &authority).await?)?;
    Ok(Json(Done::new(targets, users.into_iter().map(|user| user.id).collect())))
}
