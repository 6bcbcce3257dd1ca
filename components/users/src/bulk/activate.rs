//! `PUT /users/bulk/activate`: the accounts may be used again.

use users_web::{Database, IfMatch, Json, JsonInput, Problem};

use super::{Done, Targets};
use crate::rules::changed;
use crate::store::{self, Mark};

/// 200 with what was done.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(targets): JsonInput<Targets>,
) -> Result<Json<Done>, Problem> {
    let users = changed(store::mark(&db, &targets, Mark::Active, &IfMatch::default()).await?)?;
    Ok(Json(Done::new(targets, users.into_iter().map(|user| user.id).collect())))
}
