//! `PUT /users/{user_id}/make-admin`: the account is marked as an administrator's.

use users_core::User;
use users_web::{Code, Database, Json, PathInput, Problem, UserPath};

use crate::store;

/// 200 with the account, also when it was one before; 404 when there is none.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
) -> Result<Json<User>, Problem> {
    store::make_admin(&db, id).await?.map(Json).ok_or_else(|| Problem::new(Code::NotFound))
}
