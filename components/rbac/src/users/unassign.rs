//! `DELETE /rbac/users/{user_id}/roles/{role_id}`: takes a role from a user.

use users_guard::Authority;
use users_guard::codes::LAST_ADMIN;
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use crate::path::UserRolePath;
use crate::rules::changed;
use crate::store::grants;

pub(crate) fn about() -> About {
    About::new("unassignRole", "Take a role from a user", "The user no longer has the role.")
        .text("Only administrators take a role from an administrator: 403 `admin_required`.")
        .problems([Code::NOT_FOUND, LAST_ADMIN])
}

/// 204, or 404 if the user does not have the role, or 409 if no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput((user, role)): PathInput<UserRolePath>,
) -> Result<NoContent, Problem> {
    changed(grants::unassign(&db, user, role, &authority).await?).map(|()| NoContent)
}
