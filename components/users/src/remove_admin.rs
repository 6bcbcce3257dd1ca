//! `PUT /users/{user_id}/remove-admin`: the owner of the account is no longer an administrator.

use users_core::User;
use users_guard::codes::LAST_ADMIN;
use users_guard::{Authority, Caller, UserPath};
use users_web::{About, Code, Database, IfMatch, Json, PathInput, Problem, Versioned};

use crate::rules::{CANNOT_TARGET_SELF, changed_account, not_oneself};
use crate::store::{self, Mark};

pub(crate) fn about() -> About {
    About::new("removeAdmin", "Make an administrator an ordinary account", "The account.")
        .text("An administrator by a role stays one; take the role away, too.")
        .problems([Code::NOT_FOUND, CANNOT_TARGET_SELF, LAST_ADMIN])
}

/// 200 with the account, also when it was not an administrator's; 404 when there is no such account, 409 for the caller's own account
/// and for the last active administrator, 412 when the account has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<Versioned<Json<User>>, Problem> {
    not_oneself(&caller, &[id])?;
    changed_account(
        store::unmark(&db, &[id], Mark::Admin, expected.numbers().as_deref(), &Authority::Full).await?,
    )
}
