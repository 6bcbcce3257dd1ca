//! What holds for every change that takes something away from an account.

use users_core::UserId;
use users_web::{Caller, Code, Problem};

use crate::store::Outcome;

/// Administrators do not lock themselves out.
///
/// # Errors
/// 409 `cannot_target_self`.
pub(crate) fn not_oneself(caller: &Caller, targets: &[UserId]) -> Result<(), Problem> {
    if targets.contains(&caller.user.id) { Err(Problem::new(Code::CannotTargetSelf)) } else { Ok(()) }
}

/// What was changed, unless that would have left no administrator.
///
/// # Errors
/// 409 `last_admin`.
pub(crate) fn somebody_left<T>(outcome: Outcome<T>) -> Result<Vec<T>, Problem> {
    match outcome {
        Outcome::Changed(changed) => Ok(changed),
        Outcome::NobodyLeft => Err(Problem::new(Code::LastAdmin)),
    }
}
