//! `GET /rbac/users/{user_id}/roles`: lists the roles of a user.

use users_core::Role;
use users_guard::UserPath;
use users_web::{About, Code, Database, JsonArray, PathInput, Problem};

use crate::store::grants;

pub(crate) fn about() -> About {
    About::new("listUserRoles", "List the roles of a user", "The roles, in the order of their ids.")
        .problems([Code::NOT_FOUND])
}

/// 200 with the roles, sorted by id. 404 if there is no such user.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(user): PathInput<UserPath>,
) -> Result<JsonArray<Role>, Problem> {
    grants::roles_of(&db, user).await?.map(JsonArray).ok_or_else(|| Code::NOT_FOUND.into())
}
