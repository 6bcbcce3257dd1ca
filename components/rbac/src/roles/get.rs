//! `GET /rbac/roles/{role_id}`: one role with its permissions.

use users_core::Role;
use users_web::{Code, Database, Json, PathInput, Problem};

use crate::path::RolePath;
use crate::store::roles;

/// 200 with the role, 404 when there is none.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<RolePath>,
) -> Result<Json<Role>, Problem> {
    roles::find(&db, id).await?.map(Json).ok_or_else(|| Problem::new(Code::NotFound))
}
