//! `PUT /users/{user_id}/deactivate`: the account can no longer be used, and its sessions end.

use users_core::User;
use users_guard::codes::LAST_ADMIN;
use users_guard::{Authority, Caller, UserPath};
use users_web::{About, Code, Database, IfMatch, Json, PathInput, Problem, Versioned};

use crate::rules::{CANNOT_TARGET_SELF, changed_account, not_oneself};
use crate::store::{self, Mark};

pub(crate) fn about() -> About {
    About::new("deactivateUser", "Deactivate an account", "The account, also if it was inactive before.")
        .text(
            "Ends all sessions of the account. Its API keys are refused while it is inactive, and work again once it is activated; delete \
             those that should not.",
        )
        .problems([Code::NOT_FOUND, CANNOT_TARGET_SELF, LAST_ADMIN])
}

/// 200 with the account, also when it was inactive before; 404 when there is no such account, 409 for the caller's own account and
/// for the last active administrator, 412 when the account has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<Versioned<Json<User>>, Problem> {
    not_oneself(&caller, &[id])?;
    changed_account(store::unmark(&db, &[id], Mark::Active, expected.numbers().as_deref(), &authority).await?)
}
