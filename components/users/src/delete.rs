//! `DELETE /users/{user_id}`: the account goes, and with it its profile, sessions and roles.

use users_web::{Caller, Code, Database, PathInput, Problem, StatusCode, UserPath};

use crate::rules::{changed, not_oneself};
use crate::store;

/// 204; 404 when there is none, 409 for the caller's own and for the last active administrator's.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(id): PathInput<UserPath>,
) -> Result<StatusCode, Problem> {
    not_oneself(&caller, &[id])?;
    let deleted = changed(store::delete(&db, &[id]).await?)?;
    if deleted.is_empty() { Err(Problem::new(Code::NotFound)) } else { Ok(StatusCode::NO_CONTENT) }
}
