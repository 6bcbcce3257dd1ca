//! `POST /auth/refresh`: a new pair of tokens for a refresh token.

use serde::Deserialize;
use serde_json::json;
use users_crypto::RefreshToken;
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
            "A refresh token works once, and for ten more seconds in case the answer was lost. Its use after that ends the session \
             (RFC 9700 section 4.14.2).",
        )
        .example(json!({"refresh_token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
        .problems([INVALID_TOKEN, INACTIVE_ACCOUNT])
}

/// 200 with a new pair. A token works once, and for ten more seconds in case the answer was lost; its use after that ends the
/// session (RFC 9700 section 4.14.2).
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    JsonInput(presented): JsonInput<Refresh>,
) -> Result<Json<TokenPair>, Problem> {
    let fresh = RefreshToken::generate(app.random());
    let rotation = refresh_tokens::rotate(&db, &RefreshToken::hash_of(&presented), &fresh).await?;
    if let Some(user) = rotation.user() {
        context.set_user(user.get());
    }
    match rotation {
        Rotation::Granted(grant) => TokenPair::issue(&app, &grant, &fresh).map(Json),
        Rotation::Inactive(_) => Err(INACTIVE_ACCOUNT.into()),
        Rotation::Reused(_) => Err(Problem::new(INVALID_TOKEN)
            .because("a spent refresh token was used again: its session was ended")),
        Rotation::Unknown => Err(INVALID_TOKEN.into()),
    }
}
