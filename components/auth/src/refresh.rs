//! `POST /auth/refresh`: a new pair of tokens for a refresh token.

use serde::Deserialize;
use serde_json::json;
use users_crypto::{RefreshNonce, RefreshToken};
use users_guard::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN};
use users_web::{
    About, Checks, Context, Database, Extension, Field, Input, Json, JsonOrFormInput, OAuthError, Problem,
    State,
};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::App;
use crate::store::refresh_tokens::{self, Ready, Rotation};
use crate::tokens::TokenPair;

const EXAMPLE: &str = "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA";

/// The token that the client presents, in JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refresh {
    refresh_token: Field<String>,
}

impl Input for Refresh {
    type Accepted = String;

    fn check(self, checks: &mut Checks) -> Option<String> {
        checks.required("/refresh_token", self.refresh_token)
    }
}

/// The form of RFC 6749 section 6, as OAuth clients send it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RefreshForm {
    grant_type: Field<GrantType>,
    refresh_token: Field<String>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct GrantType;

impl TryFrom<String> for GrantType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "refresh_token" { Ok(Self) } else { Err("must be refresh_token") }
    }
}

impl PartialSchema for GrantType {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["refresh_token"])).into()
    }
}

impl Input for RefreshForm {
    type Accepted = String;

    fn check(self, checks: &mut Checks) -> Option<String> {
        if matches!(self.grant_type, Field::Invalid(_)) {
            checks.oauth_error(OAuthError::UnsupportedGrantType);
        }
        let grant_type = checks.required("/grant_type", self.grant_type);
        let refresh_token = checks.required("/refresh_token", self.refresh_token);
        grant_type.and(refresh_token)
    }
}

pub(crate) fn about() -> About {
    About::new("refresh", "Refresh the tokens", "A new pair of tokens.")
        .text(
            "A refresh token works once. In case the answer was lost, it yields the same successor again for ten seconds, as long as \
             that successor was not used. Any other use of a spent token ends the session (RFC 9700 section 4.14.2).\n\n\
             The token comes in JSON, or in the form of RFC 6749 section 6, whose other parameters, such as `client_id` and `scope`, \
             are ignored. Problems have the member `error` of RFC 6749 section 5.2.",
        )
        .example(json!({"refresh_token": EXAMPLE}))
        .form_example(json!({"grant_type": "refresh_token", "refresh_token": EXAMPLE}))
        .problems([INVALID_TOKEN, INACTIVE_ACCOUNT])
}

/// 200 with a new pair. A token works once. In case the answer is lost, a retry within ten seconds returns the same successor. Any
/// other use of a spent token ends the session (RFC 9700 section 4.14.2).
///
/// One statement; three at most when this instance has not opened the key that signs.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    JsonOrFormInput(presented, ..): JsonOrFormInput<Refresh, RefreshForm>,
) -> Result<Json<TokenPair>, Problem> {
    let nonce = RefreshNonce::generate(app.random());
    let successor = RefreshToken::successor(&presented, &nonce);
    let (hash, lifetimes) = (RefreshToken::hash_of(&presented), app.lifetimes());
    let ready = app.signing().ready();
    let mut rotation = refresh_tokens::rotate(&db, &hash, &successor, &nonce, lifetimes, &ready).await?;
    if let Rotation::Unready(key) = rotation {
        app.signing().prepare(&db, app.random(), key.as_ref()).await?;
        rotation = refresh_tokens::rotate(&db, &hash, &successor, &nonce, lifetimes, &Ready::ForAny).await?;
    }
    if let Some(user) = rotation.user() {
        context.set_user(user.get());
    }
    match rotation {
        Rotation::Rotated(grant) => TokenPair::issue(&app, &db, &grant, &successor).await.map(Json),
        Rotation::Repeated(grant, nonce) => {
            let successor = RefreshToken::successor(&presented, &nonce);
            TokenPair::issue(&app, &db, &grant, &successor).await.map(Json)
        }
        Rotation::Inactive(_) => Err(INACTIVE_ACCOUNT.into()),
        Rotation::Reused(_) => Err(Problem::new(INVALID_TOKEN)
            .because("a spent refresh token was used again: its session was ended")),
        Rotation::Unknown | Rotation::Unready(_) => Err(INVALID_TOKEN.into()),
    }
}
