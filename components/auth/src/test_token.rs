//! `POST /auth/test-token`: tests an access token.

use users_core::User;
use users_guard::Caller;
use users_web::{About, Json};

pub(crate) fn about() -> About {
    About::new("testToken", "Test an access token", "The account, if the token is valid.")
}

/// 200 with the account, if the token is valid.
pub(crate) async fn handle(caller: Caller) -> Json<User> {
    Json(caller.user)
}
