//! `PUT /users/{user_id}/deactivate`: the account may not be used any more, and its sessions end.

use users_core::User;
use users_web::{Caller, Code, Database, Json, PathInput, Problem, UserPath};

use crate::rules::{not_oneself, somebody_left};
use crate::store;

/// 200 with the account, also when it was inactive before; 404 when there is none, 409 for the caller's own and for the
/// last active administrator's.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(id): PathInput<UserPath>,
) -> Result<Json<User>, Problem> {
    not_oneself(&caller, &[id])?;
    let changed = somebody_left(store::deactivate(&db, &[id]).await?)?;
    changed.into_iter().next().map(Json).ok_or_else(|| Problem::new(Code::NotFound))
}
