//! `PUT /users/{user_id}/make-admin`: the account is marked as an administrator's.

use users_web::{Database, IfMatch, PathInput, Problem, Response, UserPath};

use crate::rules::changed_account;
use crate::store;

/// 200 with the account, also when it was one before; 404 when there is none, 412 when it has another version than the client
/// expects.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
) -> Result<Response, Problem> {
    changed_account(store::make_admin(&db, id, &expected).await?)
}
