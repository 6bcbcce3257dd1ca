//! `DELETE /profile/`: the fields and preferences are cleared, the account stays.

use users_web::{Caller, Database, Problem, StatusCode};

use crate::store;

/// 204, also when there was nothing.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<StatusCode, Problem> {
    store::delete(&db, caller.user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
