//! `DELETE /rbac/permissions/{permission_id}`: the permission goes, and no role grants it any more.

use users_web::{Database, NoContent, PathInput, Problem};

use crate::path::PermissionPath;
use crate::store::permissions;

/// 204; 404 when there is none, 409 when no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<PermissionPath>,
) -> Result<NoContent, Problem> {
    permissions::delete(&db, id).await?.into_result().map(|_| NoContent)
}
