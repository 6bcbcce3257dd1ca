//! `DELETE /users/{user_id}`: the account goes, and with it its profile, sessions and roles.

use users_web::{Caller, Code, Database, IfMatch, NoContent, PathInput, Problem, UserPath};

use crate::rules::{changed, not_oneself};
use crate::store;

/// 204; 404 when there is none, 409 for the caller's own and for the last active administrator's, 412 when it has another version
/// than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<NoContent, Problem> {
    not_oneself(&caller, &[id])?;
    let deleted = changed(store::delete(&db, &[id], &expected).await?)?;
    if deleted.is_empty() { Err(Problem::new(Code::NotFound)) } else { Ok(NoContent) }
}
