//! `DELETE /users/{user_id}`: deletes the account with its profile, sessions and roles.

use users_guard::codes::LAST_ADMIN;
use users_guard::{Authority, Caller, UserPath};
use users_web::{About, Code, Database, IfMatch, NoContent, PathInput, Problem};

use crate::rules::{CANNOT_TARGET_SELF, changed, not_oneself};
use crate::store;

pub(crate) fn about() -> About {
    About::new(
        "deleteUser",
        "Delete an account",
        "The account is deleted, with its profile, sessions and roles.",
    )
    .text("Its owner is told by e-mail.")
    .problems([Code::NOT_FOUND, CANNOT_TARGET_SELF, LAST_ADMIN])
}

/// 204; 404 when there is no such account, 409 for the caller's own account and for the last active administrator, 412 when the
/// account has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<NoContent, Problem> {
    not_oneself(&caller, &[id])?;
    let deleted = changed(store::delete(&db, &[id], expected.numbers().as_deref(), &authority).await?)?;
    if deleted.is_empty() { Err(Code::NOT_FOUND.into()) } else { Ok(NoContent) }
}
