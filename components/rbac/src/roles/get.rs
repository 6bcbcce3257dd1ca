//! `GET /rbac/roles/{role_id}`: gets one role with its permissions.

use users_core::Role;
use users_web::{About, Code, Database, Json, PathInput, Problem};

use crate::path::RolePath;
use crate::store::roles;

pub(crate) fn about() -> About {
    About::new("getRole", "Get a role", "The role.").problems([Code::NOT_FOUND])
}

/// 200 with the role, 404 if there is no such role.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<RolePath>,
) -> Result<Json<Role>, Problem> {
    roles::find(&db, id).await?.map(Json).ok_or_else(|| Code::NOT_FOUND.into())
}
