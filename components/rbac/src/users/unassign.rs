//! `DELETE /rbac/users/{user_id}/roles/{role_id}`: takes a role from a user.

use users_web::{Database, NoContent, PathInput, Problem};

use crate::path::UserRolePath;
use crate::store::grants;

/// 204; 404 when the user does not have the role, 409 when no active administrator would be left.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput((user, role)): PathInput<UserRolePath>,
) -> Result<NoContent, Problem> {
    grants::unassign(&db, user, role).await?.into_result().map(|()| NoContent)
}
