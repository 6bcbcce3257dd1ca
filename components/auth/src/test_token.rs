//! `POST /auth/test-token`: whether a token is good.

use users_core::User;
use users_web::{Caller, Json};

/// 200 with the account, when the token is good.
pub(crate) async fn handle(caller: Caller) -> Json<User> {
    Json(caller.user)
}
