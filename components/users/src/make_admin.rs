//! `PUT /users/{user_id}/make-admin`: makes the owner of the account an administrator.

use users_core::User;
use users_guard::{Authority, UserPath};
use users_web::{About, Code, Database, IfMatch, Json, PathInput, Problem, Versioned};

use crate::rules::changed_account;
use crate::store::{self, Mark};

pub(crate) fn about() -> About {
    About::new("makeAdmin", "Make an account an administrator", "The account.").problems([Code::NOT_FOUND])
}

/// 200 with the account, also when it was an administrator's before; 404 when there is no such account, 412 when the account has
/// another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<Versioned<Json<User>>, Problem> {
    changed_account(
        store::mark(&db, &[id], Mark::Admin, expected.numbers().as_deref(), &Authority::Full).await?,
    )
}
