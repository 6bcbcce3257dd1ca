//! `DELETE /auth/me`: the current account goes, with all that it holds.

use serde::Deserialize;
use serde_json::json;
use users_core::Password;
use users_guard::codes::{INVALID_TOKEN, LAST_ADMIN};
use users_guard::{Caller, TOO_BUSY};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, JsonInput, NoContent, Problem,
    State,
};

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::reauthentication::Reauthentication;
use crate::store::limits;
use crate::store::own_account::{self, Deletion};

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Deleting {
    password: Field<Password>,
}

impl Input for Deleting {
    type Accepted = Password;

    fn check(self, checks: &mut Checks) -> Option<Password> {
        checks.required("/password", self.password)
    }
}

pub(crate) fn about() -> About {
    About::new(
        "deleteMe",
        "Delete the current account",
        "The account is deleted, with its profile, sessions and roles.",
    )
    .text(
        "This cannot be undone. The owner is told by e-mail. The last active administrator cannot go. Where nobody administrates, any \
         account may.",
    )
    .example(json!({"password": "correct horse battery staple"}))
    .problems([WRONG_PASSWORD, LAST_ADMIN, Code::TOO_MANY_REQUESTS, TOO_BUSY])
}

/// 204; 403 when the password is wrong, 409 for the last active administrator.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    caller: Caller,
    client: Client,
    JsonInput(password): JsonInput<Deleting>,
) -> Result<NoContent, Problem> {
    let session = caller.own_session()?;
    let mut check = Reauthentication::begin(&app, &db, &context, &caller, &client).await?;
    // A login may replace an outdated hash while this verifies the password; the second try reads the new hash.
    for is_first in [true, false] {
        let stored = check.verified_hash(&password).await?;
        match own_account::delete(&db, caller.user.id, session, stored, check.attempt()).await? {
            Deletion::Deleted => return Ok(NoContent),
            Deletion::LastAdmin => {
                limits::take_back(&db, check.attempt()).await?;
                return Err(LAST_ADMIN.into());
            }
            Deletion::Changed if is_first => check.read_again().await?,
            Deletion::Changed => {}
        }
    }
    Err(INVALID_TOKEN.into())
}
