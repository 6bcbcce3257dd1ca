//! The caller's password, for a change that a stolen token alone must not make.

use users_core::Password;
use users_crypto::{HashError, Verification};
use users_db::Db;
use users_guard::{Caller, HashSlot};
use users_web::Problem;

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::store::accounts;

/// The hash that the caller's password matches. The change that follows names it, and is not made when another change has replaced it. That
/// change also returns the slot in which the hash was computed.
///
/// # Errors
/// 403 `wrong_password`; also for an account that has no password yet. 503 `too_busy`.
pub(crate) async fn verified_hash(
    app: &App,
    db: &Db,
    caller: &Caller,
    password: &Password,
) -> Result<(String, HashSlot), Problem> {
    let mut asking = app.hash_slot();
    let (slot, stored) = loop {
        let (turn, stored) = accounts::password_hash(db, caller.user.id, &asking).await?;
        if let Some(slot) = asking.obey(turn).await? {
            break (slot, stored);
        }
    };
    match verify(app, password, stored).await {
        Ok(hash) => Ok((hash, slot)),
        Err(problem) => {
            slot.give_back(db).await;
            Err(problem)
        }
    }
}

/// The stored hash, if the password matches it.
async fn verify(app: &App, password: &Password, stored: Option<String>) -> Result<String, Problem> {
    match app.hasher().verify(password, stored.as_deref()).await {
        Ok(Verification::Match { .. }) => stored.ok_or_else(|| WRONG_PASSWORD.into()),
        Ok(Verification::Mismatch) => Err(WRONG_PASSWORD.into()),
        Err(error @ HashError::Unreadable) => Err(Problem::new(WRONG_PASSWORD).because(error)),
        Err(error @ HashError::Failed(_)) => Err(Problem::internal(error)),
    }
}
