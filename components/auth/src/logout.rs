//! `POST /auth/logout`: ends the session.

use users_web::{Caller, Database, NoContent, Problem};

use crate::store;

/// 204; the session's tokens fail from the next request on.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<NoContent, Problem> {
    store::end_session(&db, caller.session).await?;
    Ok(NoContent)
}
