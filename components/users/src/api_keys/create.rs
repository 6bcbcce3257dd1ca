//! `POST /users/{user_id}/api-keys`: makes an API key of a service account.

use users_crypto::ApiKeySecret;
use users_guard::codes::{API_KEY_NOT_ALLOWED, EXCEEDS_OWN_RIGHTS, TOO_MANY_API_KEYS};
use users_guard::{ApiKeyBody, Authority, Caller, MadeApiKey, UserPath};
use users_web::{About, Code, Created, Database, JsonInput, PathInput, Problem, State};

use crate::App;
use crate::rules::NOT_A_SERVICE_ACCOUNT;
use crate::store::api_keys::{self, Creation};

pub(crate) fn about() -> About {
    About::new("createUserApiKey", "Make an API key of a service account", "The key, which is shown this once.")
        .text(
            "A program sends the key as a bearer token, and acts as the account. Without `permissions`, the key may do all that the account may \
             at that moment. With them, it may do no more than these, and no more than the account. With `addresses`, the key is refused from \
             everywhere else. People make their keys themselves, so this is 409 for the account of a person. \
             A caller who is not an administrator needs all rights of the account (403 `exceeds_own_rights`). A key makes no keys of its own \
             account (403 `api_key_not_allowed`).",
        )
        .example(ApiKeyBody::example())
        .leads_to(&["endUserApiKey"], "key_id")
        .problems([
            Code::NOT_FOUND,
            NOT_A_SERVICE_ACCOUNT,
            TOO_MANY_API_KEYS,
            EXCEEDS_OWN_RIGHTS,
            API_KEY_NOT_ALLOWED,
        ])
}

/// 201 with the key; 403 when the caller lacks rights of the account or is a key of it, 404 when there is no such account, 409 when it is
/// a person's or has too many keys.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
    authority: Authority,
    PathInput(user): PathInput<UserPath>,
    JsonInput(new): JsonInput<ApiKeyBody>,
) -> Result<Created<MadeApiKey>, Problem> {
    if caller.user.id == user {
        // A key that made another one of its own account would outlive its expiry, and leave its permissions and addresses behind.
        caller.own_session()?;
    }
    let secret = ApiKeySecret::generate(app.random());
    match api_keys::create(&db, user, &caller, &new, &secret.hash(), &authority).await? {
        Creation::Created(made) => {
            let place = format!("/users/{user}/api-keys/{}", made.id);
            Ok(Created::at(place, MadeApiKey::new(*made, &secret)))
        }
        Creation::Refused(overreach) => Err(overreach.into()),
        Creation::TooMany => Err(TOO_MANY_API_KEYS.into()),
        Creation::Person => Err(NOT_A_SERVICE_ACCOUNT.into()),
        Creation::Missing => Err(Code::NOT_FOUND.into()),
    }
}
