//! `POST /auth/logout`: ends the session.

use serde::Deserialize;
use serde_json::json;
use users_crypto::RefreshToken;
use users_guard::MaybeCaller;
use users_web::{
    About, Checks, Context, Database, Extension, Field, Input, NoContent, OptionalJsonInput, Problem,
};

use crate::store::sessions;

/// The body. Its refresh token names the session when the request has no valid access token.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Logout {
    refresh_token: Field<String>,
}

impl Input for Logout {
    type Accepted = String;

    fn check(self, checks: &mut Checks) -> Option<String> {
        checks.required("/refresh_token", self.refresh_token)
    }
}

pub(crate) fn about() -> About {
    About::new("logout", "Log out", "The session has ended: its tokens fail from the next request on.")
        .text(
            "Ends the session of the access token. Without a good access token (none, expired or revoked), a refresh token of the \
             session in the body ends it, also one that was spent. The answer is 204 whatever that token is, as in a revocation \
             (RFC 7009 section 2.2). Beside a good access token, the body is ignored.",
        )
        .example(json!({"refresh_token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
}

/// 204: all tokens of the session fail from the next request on. The access token names the session. Without a valid access token,
/// the refresh token names it.
pub(crate) async fn handle(
    Database(db): Database,
    Extension(context): Extension<Context>,
    MaybeCaller(caller): MaybeCaller,
    OptionalJsonInput(named): OptionalJsonInput<Logout>,
) -> Result<NoContent, Problem> {
    match (caller, named) {
        (Ok(caller), _) => sessions::end(&db, caller.own_session()?).await?,
        (Err(_), Some(refresh)) => {
            if let Some(user) = sessions::end_of(&db, &RefreshToken::hash_of(&refresh)).await? {
                context.set_user(user.get());
            }
        }
        (Err(problem), None) => return Err(problem),
    }
    Ok(NoContent)
}
