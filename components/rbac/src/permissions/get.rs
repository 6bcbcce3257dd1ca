//! `GET /rbac/permissions/{permission_id}`: gets one permission.

use users_core::Permission;
use users_web::{About, Code, Database, Json, PathInput, Problem};

use crate::path::PermissionPath;
use crate::store::permissions;

pub(crate) fn about() -> About {
    About::new("getPermission", "Get a permission", "The permission.").problems([Code::NOT_FOUND])
}

/// 200 with the permission, 404 if there is no such permission.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<PermissionPath>,
) -> Result<Json<Permission>, Problem> {
    permissions::find(&db, id).await?.map(Json).ok_or_else(|| Code::NOT_FOUND.into())
}
