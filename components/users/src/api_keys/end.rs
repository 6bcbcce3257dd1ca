//! `DELETE /users/{user_id}/api-keys/{key_id}`: ends an API key of an account.

use serde::Deserialize;
use users_core::{ApiKeyId, UserId};
use users_guard::Authority;
use users_web::{About, Checks, Code, Database, Field, Input, NoContent, Parsed, PathInput, Problem};

use crate::store::api_keys::{self, Ending};

/// The parameters of the path.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeyOfUser {
    user_id: Field<Parsed<UserId>>,
    key_id: Field<Parsed<ApiKeyId>>,
}

impl Input for KeyOfUser {
    type Accepted = (UserId, ApiKeyId);

    fn check(self, checks: &mut Checks) -> Option<(UserId, ApiKeyId)> {
        let user = checks.required("/user_id", self.user_id).map(|Parsed(id)| id);
        let key = checks.required("/key_id", self.key_id).map(|Parsed(id)| id);
        user.zip(key)
    }
}

pub(crate) fn about() -> About {
    About::new(
        "endUserApiKey",
        "End an API key of an account",
        "The key has ended: it is refused from the next request on.",
    )
    .text("Also a key that a person made.")
    .problems([Code::NOT_FOUND])
}

/// 204; 404 when there is no such account, or it has no such key.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput((user, key)): PathInput<KeyOfUser>,
) -> Result<NoContent, Problem> {
    match api_keys::end(&db, user, key, &authority).await? {
        Ending::Ended => Ok(NoContent),
        Ending::Refused(overreach) => Err(overreach.into()),
        Ending::Missing => Err(Code::NOT_FOUND.into()),
    }
}
