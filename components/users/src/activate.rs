//! `PUT /users/{user_id}/activate`: the account can be used again.

use users_core::User;
use users_guard::{Authority, UserPath};
use users_web::{About, Code, Database, IfMatch, Json, PathInput, Problem, Versioned};

use crate::rules::changed_account;
use crate::store::{self, Mark};

pub(crate) fn about() -> About {
    About::new("activateUser", "Activate an account", "The account, also if it was active before.")
        .text(
            "Sessions that a deactivation ended stay ended; API keys of the account work again. An account without a password is sent its \
             invitation, unless it was active before.",
        )
        .problems([Code::NOT_FOUND])
}

/// 200 with the account, also when it was active before; 404 when there is no such account, 412 when the account has another version
/// than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<Versioned<Json<User>>, Problem> {
    changed_account(store::mark(&db, &[id], Mark::Active, expected.numbers().as_deref(), &authority).await?)
}
