//! `PUT /users/bulk/activate`: the accounts can be used again.

use users_guard::Authority;
use users_web::{About, Database, Json, JsonInput, Problem};

use super::{Done, Targets, example};
use crate::rules::changed;
use crate::store::{self, Mark};

pub(crate) fn about() -> About {
    About::new("bulkActivateUsers", "Activate many accounts", "The accounts that were activated.")
        .text("Accounts without a password are sent their invitations, unless they were active before.")
        .example(example())
}

/// 200 with the outcome.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    JsonInput(targets): JsonInput<Targets>,
) -> Result<Json<Done>, Problem> {
    let users = changed(store::mark(&db, &targets, Mark::Active, None, &authority).await?)?;
    Ok(Json(Done::new(targets, users.into_iter().map(|user| user.id).collect())))
}
