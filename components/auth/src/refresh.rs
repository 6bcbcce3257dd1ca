//! `POST /auth/refresh`: a new pair of tokens for a refresh token.

use serde::Deserialize;
use users_crypto::RefreshToken;
use users_web::{Checks, Code, Context, Database, Extension, Field, Input, Json, JsonInput, Problem, State};

use crate::store::Rotation;
use crate::tokens::TokenPair;
use crate::{App, store};

/// The token that is handed in.
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

/// 200 with a new pair. A token works once, and for ten seconds more in case the answer was lost; after that, handing it
/// in again ends the session (RFC 9700 section 4.14.2).
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    JsonInput(presented): JsonInput<Refresh>,
) -> Result<Json<TokenPair>, Problem> {
    let fresh = RefreshToken::generate(app.random());
    let rotation = store::rotate(&db, &RefreshToken::hash_of(&presented), &fresh).await?;
    if let Some(user) = rotation.user() {
        context.set_user(user);
    }
    match rotation {
        Rotation::Granted(grant) => TokenPair::issue(&app, &grant, &fresh).map(Json),
        Rotation::Inactive(_) => Err(Problem::new(Code::InactiveAccount)),
        Rotation::Reused(_) => Err(Problem::new(Code::InvalidToken)
            .because("a spent refresh token was used again: its session was ended")),
        Rotation::Unknown => Err(Problem::new(Code::InvalidToken)),
    }
}
