//! `PUT /users/bulk/delete`: the accounts go, and with them their profiles, sessions and roles.

use users_web::{Caller, Database, IfMatch, Json, JsonInput, Problem};

use super::{Done, Targets};
use crate::rules::{changed, not_oneself};
use crate::store;

/// 200 with what was done; 409, and nothing is done, when the caller or every active administrator is in the list.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    JsonInput(targets): JsonInput<Targets>,
) -> Result<Json<Done>, Problem> {
    not_oneself(&caller, &targets)?;
    let deleted = changed(store::delete(&db, &targets, &IfMatch::default()).await?)?;
    Ok(Json(Done::new(targets, deleted)))
}
