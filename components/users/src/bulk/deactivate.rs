//! `PUT /users/bulk/deactivate`: the accounts may not be used any more, and their sessions end.

use users_web::{Caller, Database, IfMatch, Json, JsonInput, Problem};

use super::{Done, Targets};
use crate::rules::{changed, not_oneself};
use crate::store::{self, Mark};

/// 200 with what was done; 409, and nothing is done, when the caller or every active administrator is in the list.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    JsonInput(targets): JsonInput<Targets>,
) -> Result<Json<Done>, Problem> {
    not_oneself(&caller, &targets)?;
    let users = changed(store::unmark(&db, &targets, Mark::Active, &IfMatch::default()).await?)?;
    Ok(Json(Done::new(targets, users.into_iter().map(|user| user.id).collect())))
}
