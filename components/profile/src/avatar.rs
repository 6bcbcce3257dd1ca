//! `DELETE /profile/avatar`: the picture goes.

use users_web::{Caller, Database, Problem, StatusCode};

use crate::store;

/// 204, also when there was none.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<StatusCode, Problem> {
    store::remove_avatar(&db, caller.user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
