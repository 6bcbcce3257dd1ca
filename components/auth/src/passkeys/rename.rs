//! `PUT /auth/passkeys/{passkey_id}`: gives a passkey of the current account another name.

use serde::Deserialize;
use serde_json::json;
use users_core::{Passkey, PasskeyName};
use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Checks, Code, Database, Field, Input, Json, JsonInput, PathInput, Problem};

use super::PasskeyPath;
use crate::store::passkeys::{self, Outcome};

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Renaming {
    name: Field<PasskeyName>,
}

impl Input for Renaming {
    type Accepted = PasskeyName;

    fn check(self, checks: &mut Checks) -> Option<PasskeyName> {
        checks.required("/name", self.name)
    }
}

pub(crate) fn about() -> About {
    About::new("renamePasskey", "Rename a passkey of the current account", "The passkey.")
        .text("A passkey of another account is 404.")
        .example(json!({"name": "phone"}))
        .problems([Code::NOT_FOUND])
}

/// 200 with the passkey; 404 when the caller has no such passkey.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(passkey): PathInput<PasskeyPath>,
    JsonInput(name): JsonInput<Renaming>,
) -> Result<Json<Passkey>, Problem> {
    match passkeys::rename(&db, caller.user.id, caller.own_session()?, passkey, &name).await? {
        Outcome::Done(passkey) => Ok(Json(passkey)),
        Outcome::Missing => Err(Code::NOT_FOUND.into()),
        Outcome::Refused => Err(INVALID_TOKEN.into()),
    }
}
