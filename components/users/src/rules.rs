//! What holds for every change of an account.

use users_core::{User, UserId};
use users_web::{Caller, Code, Json, Problem, Versioned};

use crate::store::{Outcome, version};

/// Administrators do not lock themselves out.
///
/// # Errors
/// 409 `cannot_target_self`.
pub(crate) fn not_oneself(caller: &Caller, targets: &[UserId]) -> Result<(), Problem> {
    if targets.contains(&caller.user.id) { Err(Problem::new(Code::CannotTargetSelf)) } else { Ok(()) }
}

/// What was changed, if it could be.
///
/// # Errors
/// 409 `last_admin` when that would have left no administrator, 412 `precondition_failed` when the client expects another
/// version.
pub(crate) fn changed<T>(outcome: Outcome<T>) -> Result<Vec<T>, Problem> {
    match outcome {
        Outcome::Changed(changed) => Ok(changed),
        Outcome::NobodyLeft => Err(Problem::new(Code::LastAdmin)),
        Outcome::Stale => Err(Problem::new(Code::PreconditionFailed)),
    }
}

/// 200 with the one account that was changed, and its version.
///
/// # Errors
/// As [`changed`], and 404 when there is no such account.
pub(crate) fn changed_account(outcome: Outcome<User>) -> Result<Versioned<Json<User>>, Problem> {
    let user = changed(outcome)?.pop().ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Versioned::new(version(&user), Json(user)))
}
