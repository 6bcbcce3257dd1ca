//! `DELETE /rbac/permissions/{permission_id}`: deletes a permission. No role grants the permission any more.

use users_guard::Authority;
use users_guard::codes::LAST_ADMIN;
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use crate::path::PermissionPath;
use crate::rules::changed;
use crate::store::permissions;

pub(crate) fn about() -> About {
    About::new("deletePermission", "Delete a permission", "No role grants the permission any more.")
        .text(
            "Only administrators delete a permission by which somebody administrates: 403 `admin_required`.",
        )
        .problems([Code::NOT_FOUND, LAST_ADMIN])
}

/// 204, or 404 if there is no such permission, or 409 if no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<PermissionPath>,
) -> Result<NoContent, Problem> {
    changed(permissions::delete(&db, id, &authority).await?).map(|_| NoContent)
}
