//! `POST /auth/revoke`: ends the session of a token (RFC 7009).

use serde::Serialize;
use serde_json::json;
use users_core::UserId;
use users_crypto::{ApiKeySecret, RefreshToken};
use users_db::Db;
use users_guard::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN};
use users_web::{About, Context, Database, Extension, FormInput, Json, Problem, State};
use utoipa::ToSchema;

use crate::App;
use crate::presented::Presented;
use crate::store::{api_keys, sessions};

/// An empty object. Clients ignore it (RFC 7009 section 2.2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({})))]
pub(crate) struct Revoked {}

pub(crate) fn about() -> About {
    About::new("revoke", "Revoke a token", "The token does not work, or no longer.")
        .text(
            "Ends the session of an access token or a refresh token, with all of its tokens, or an API key (RFC 7009). Whoever holds the \
             token may do that, so the request needs no other credentials. The answer is the same for any text. Nothing happens for an \
             access token that does not verify or has expired: log out by the refresh token then. A refresh token counts even if it was \
             spent. `token_type_hint` is not needed. Problems have the member `error` of RFC 6749 section 5.2.",
        )
        .example(json!({"token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
}

/// 200, whatever the token is: from the next request on, it does not work.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    FormInput(token): FormInput<Presented>,
) -> Result<Json<Revoked>, Problem> {
    if let Some(user) = revoke(&app, &db, &token).await? {
        context.set_user(user.get());
    }
    Ok(Json(Revoked {}))
}

/// The account of the token, if something has ended.
async fn revoke(app: &App, db: &Db, token: &str) -> Result<Option<UserId>, Problem> {
    // The checksum tells a key from a refresh token that begins alike.
    if let Some(hash) = ApiKeySecret::hash_of(token) {
        return Ok(api_keys::end_presented(db, &hash).await?);
    }
    // A refresh token has no dot, and the parts of a JWT are separated by dots.
    if !token.contains('.') {
        return Ok(sessions::end_of(db, &RefreshToken::hash_of(token)).await?);
    }
    match app.guard().caller(db, token, &[]).await {
        Ok(caller) => {
            sessions::end(db, caller.own_session()?).await?;
            Ok(Some(caller.user.id))
        }
        Err(problem) if [INVALID_TOKEN, INACTIVE_ACCOUNT].contains(&problem.code()) => Ok(None),
        Err(problem) => Err(problem),
    }
}
