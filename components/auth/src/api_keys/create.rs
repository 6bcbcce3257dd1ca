//! `POST /auth/api-keys`: makes an API key of the current account.

use users_crypto::ApiKeySecret;
use users_guard::codes::{INVALID_TOKEN, TOO_MANY_API_KEYS};
use users_guard::{ApiKeyBody, Caller, MadeApiKey};
use users_web::{About, Created, Database, JsonInput, Problem, State};

use crate::App;
use crate::store::api_keys::{self, Creation};

pub(crate) fn about() -> About {
    About::new("createApiKey", "Make an API key", "The key, which is shown this once.")
        .text(
            "A program sends the key as a bearer token, and acts as the account. Without `permissions`, the key may do all that the account may \
             at that moment. With them, it may do no more than these, and no more than the account; a permission that the account lacks \
             counts once the account has it. Roles that require a second factor count only for a key that was made in a session in which one was \
             proved. The key is an administrator's only with `admin:all` among them. Of the routes under `/auth`, a \
             key reaches `GET /auth/me`, `POST /auth/test-token` and `POST /auth/introspect`.\n\n\
             With `addresses`, the key is refused from everywhere else. An e-mail tells the owner that there is a new key. A reset of the \
             password ends all keys of the account.",
        )
        .example(ApiKeyBody::example())
        .leads_to(&["endApiKey"], "key_id")
        .problems([TOO_MANY_API_KEYS])
}

/// 201 with the key; 409 when the account has too many keys.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
    JsonInput(new): JsonInput<ApiKeyBody>,
) -> Result<Created<MadeApiKey>, Problem> {
    let secret = ApiKeySecret::generate(app.random());
    match api_keys::create(&db, caller.user.id, caller.own_session()?, &new, &secret.hash()).await? {
        Creation::Created(made) => Ok(Created::within(made.id, MadeApiKey::new(*made, &secret))),
        Creation::TooMany => Err(TOO_MANY_API_KEYS.into()),
        Creation::Refused => Err(INVALID_TOKEN.into()),
    }
}
