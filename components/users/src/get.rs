//! `GET /users/{user_id}`: one account.

use users_core::User;
use users_web::{Code, Database, Json, PathInput, Problem, UserPath};

use crate::store;

/// 200 with the account, 404 when there is none.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
) -> Result<Json<User>, Problem> {
    store::user(&db, id).await?.map(Json).ok_or_else(|| Problem::new(Code::NotFound))
}
