//! `GET /rbac/users/{user_id}/roles`: the roles of a user.

use users_core::Role;
use users_web::{Code, Database, JsonArray, PathInput, Problem, UserPath};

use crate::store::grants;

/// 200 with the roles, in the order of ids; 404 when there is no such user.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(user): PathInput<UserPath>,
) -> Result<JsonArray<Role>, Problem> {
    grants::roles_of(&db, user).await?.map(JsonArray).ok_or_else(|| Problem::new(Code::NotFound))
}
