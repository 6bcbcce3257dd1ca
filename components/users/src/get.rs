//! `GET /users/{user_id}`: one account.

use users_core::User;
use users_web::{Code, Database, IfNoneMatch, Json, PathInput, Problem, UserPath, Versioned};

use crate::store::{self, version};

/// 200 with the account, 304 when the client has this version, 404 when there is none.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
    known: IfNoneMatch,
) -> Result<Versioned<Json<User>>, Problem> {
    let user = store::user(&db, id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Versioned::unless_known(version(&user), &known, Json(user)))
}
