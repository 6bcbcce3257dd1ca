//! `POST /auth/refresh`: a new pair of tokens for a refresh token.

use serde::Deserialize;
use serde_json::json;
use users_crypto::{RefreshNonce, RefreshToken};
use users_guard::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN};
use users_web::{About, Checks, Context, Database, Extension, Field, Input, Json, JsonInput, Problem, State};

use crate::App;
use crate::store::refresh_tokens::{self, Rotation};
use crate::tokens::TokenPair;

/// The token that the client presents.
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

pub(crate) fn about() -> About {
    About::new("refresh", "Refresh the tokens", "A new pair of tokens.")
        .text(
            "A refresh token works once. In case the answer was lost, it yields the same successor again for ten seconds, as long as \
             that successor was not used. Any other use of a spent token ends the session (RFC 9700 section 4.14.2).",
        )
        .example(json!({"refresh_token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
        .problems([INVALID_TOKEN, INACTIVE_ACCOUNT])
}

/// 200 with a new pair. A token works once; for ten seconds it yields the same successor again in case the answer was lost. Any other
/// use of a spent token ends the session (RFC 9700 section 4.14.2).
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    JsonInput(presented): JsonInput<Refresh>,
) -> Result<Json<TokenPair>, Problem> {
    let nonce = RefreshNonce::generate(app.random());
    let successor = RefreshToken::successor(&presented, &nonce);
    let rotation =
        refresh_tokens::rotate(&db, &RefreshToken::hash_of(&presented), &successor, &nonce).await?;
    if let Some(user) = rotation.user() {
        context.set_user(user.get());
    }
    match rotation {
        Rotation::Rotated(grant) => TokenPair::issue(&app, &grant, &successor).map(Json),
        Rotation::Repeated(grant, nonce) => {
            TokenPair::issue(&app, &grant, &RefreshToken::successor(&presented, &nonce)).map(Json)
        }
        Rotation::Inactive(_) => Err(INACTIVE_ACCOUNT.into()),
        Rotation::Reused(_) => Err(Problem::new(INVALID_TOKEN)
            .because("a spent refresh token was used again: its session was ended")),
        Rotation::Unknown => Err(INVALID_TOKEN.into()),
    }
}
