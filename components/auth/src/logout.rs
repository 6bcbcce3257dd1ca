//! `POST /auth/logout`: ends the session.

use users_web::{Caller, Database, Problem, StatusCode};

use crate::store;

/// 204; the session's tokens fail from the next request on.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<StatusCode, Problem> {
    store::end_session(&db, caller.session).await?;
    Ok(StatusCode::NO_CONTENT)
}
