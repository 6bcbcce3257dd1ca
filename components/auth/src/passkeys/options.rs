//! `POST /auth/passkeys/options`: begins the registration of a passkey.

use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_passkeys::{Challenge, CreationOptions, UserHandle};
use users_web::{About, Database, Json, Problem, State};

use crate::App;
use crate::store::passkeys;

pub(crate) fn about() -> About {
    About::new("offerPasskey", "Start to register a passkey", "What the browser needs to make a passkey.").text(
        "`PublicKeyCredentialCreationOptionsJSON` of Web Authentication level 3: a page passes it through \
         `PublicKeyCredential.parseCreationOptionsFromJSON()` to `navigator.credentials.create()`, and sends the answer to \
         `POST /auth/passkeys` within 5 minutes, in the same session. Ten challenges of a session wait at most; a further one ends the \
         oldest.",
    )
}

/// 200 with the options.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
) -> Result<Json<CreationOptions>, Problem> {
    let user = &caller.user;
    let challenge = Challenge::generate(app.random());
    let new_handle = UserHandle::generate(app.random());
    let (handle, present) =
        passkeys::offer_registration(&db, user.id, caller.own_session()?, &new_handle, &challenge)
            .await?
            .ok_or(INVALID_TOKEN)?;
    let name = user.email.as_deref().unwrap_or_default();
    let display_name = user.full_name.as_deref().unwrap_or(name);
    Ok(Json(app.relying_party().creation_options(&challenge, &handle, name, display_name, &present)))
}
