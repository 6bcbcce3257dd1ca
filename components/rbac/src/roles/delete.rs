//! `DELETE /rbac/roles/{role_id}`: deletes a role. Users who had the role lose it.

use users_guard::Authority;
use users_guard::codes::LAST_ADMIN;
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use crate::path::RolePath;
use crate::rules::changed;
use crate::store::roles;

pub(crate) fn about() -> About {
    About::new("deleteRole", "Delete a role", "No user has the role any more.")
        .text("Only administrators delete a role by which somebody administrates: 403 `admin_required`.")
        .problems([Code::NOT_FOUND, LAST_ADMIN])
}

/// 204, or 404 if there is no such role, or 409 if no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<RolePath>,
) -> Result<NoContent, Problem> {
    changed(roles::delete(&db, id, &authority).await?).map(|_| NoContent)
}
