//! `DELETE /rbac/permissions/{permission_id}`: the permission goes, and no role grants it any more.

use users_guard::codes::LAST_ADMIN;
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use crate::path::PermissionPath;
use crate::rules::changed;
use crate::store::permissions;

pub(crate) fn about() -> About {
    About::new("deletePermission", "Delete a permission", "No role grants the permission any more.")
        .problems([Code::NOT_FOUND, LAST_ADMIN])
}

/// 204; 404 when there is none, 409 when no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<PermissionPath>,
) -> Result<NoContent, Problem> {
    changed(permissions::delete(&db, id).await?).map(|_| NoContent)
}
