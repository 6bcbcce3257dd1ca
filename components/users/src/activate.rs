//! `PUT /users/{user_id}/activate`: the account may be used again.

use users_core::User;
use users_web::{Code, Database, Json, PathInput, Problem, UserPath};

use crate::store;

/// 200 with the account, also when it was active before; 404 when there is none.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
) -> Result<Json<User>, Problem> {
    let changed = store::activate(&db, &[id]).await?;
    changed.into_iter().next().map(Json).ok_or_else(|| Problem::new(Code::NotFound))
}
