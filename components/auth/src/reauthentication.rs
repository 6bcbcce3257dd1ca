//! The caller's password, for a change that a stolen token alone must not make.

use users_core::Password;
use users_crypto::{HashError, Verification};
use users_db::Db;
use users_guard::Caller;
use users_web::Problem;

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::store::accounts;

/// The hash that the caller's password matches. The change that follows names it, and is not made when another change has replaced it.
///
/// # Errors
/// 403 `wrong_password`; also for an account that has no password yet.
pub(crate) async fn verified_hash(
    app: &App,
    db: &Db,
    caller: &Caller,
    password: &Password,
) -> Result<String, Problem> {
    let stored = accounts::password_hash(db, caller.user.id).await?;
    match app.hasher().verify(password, stored.as_deref()).await {
        Ok(Verification::Match { .. }) => stored.ok_or_else(|| WRONG_PASSWORD.into()),
        Ok(Verification::Mismatch) => Err(WRONG_PASSWORD.into()),
        Err(error @ HashError::Unreadable) => Err(Problem::new(WRONG_PASSWORD).because(error)),
        Err(error @ HashError::Failed(_)) => Err(Problem::internal(error)),
    }
}
