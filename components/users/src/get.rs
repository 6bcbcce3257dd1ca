//! `GET /users/{user_id}`: one account.

use users_core::User;
use users_guard::UserPath;
use users_web::{About, Code, Database, IfNoneMatch, Json, PathInput, Problem, Versioned};

use crate::store;
use crate::version::version;

pub(crate) fn about() -> About {
    About::new("getUser", "Get an account", "The account.").problems([Code::NOT_FOUND])
}

/// 200 with the account, 304 when the client has this version, 404 when there is no such account.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
    known: IfNoneMatch,
) -> Result<Versioned<Json<User>>, Problem> {
    let user = store::user(&db, id).await?.ok_or(Code::NOT_FOUND)?;
    Ok(Versioned::unless_known(version(&user), &known, Json(user)))
}
