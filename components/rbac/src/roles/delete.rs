//! `DELETE /rbac/roles/{role_id}`: the role goes, and nobody has it any more.

use users_web::{Database, NoContent, PathInput, Problem};

use crate::path::RolePath;
use crate::store::roles;

/// 204; 404 when there is none, 409 when no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<RolePath>,
) -> Result<NoContent, Problem> {
    roles::delete(&db, id).await?.into_result().map(|_| NoContent)
}
