//! `PUT /users/bulk/activate`: the accounts may be used again.

use users_web::{Database, Json, JsonInput, Problem};

use super::{Done, Targets};
use crate::store;

/// 200 with what was done.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(targets): JsonInput<Targets>,
) -> Result<Json<Done>, Problem> {
    let changed = store::activate(&db, &targets).await?;
    Ok(Json(Done::new(targets, changed.into_iter().map(|user| user.id).collect())))
}
