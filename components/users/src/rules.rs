//! Rules for every change of an account.

use users_core::{User, UserId};
use users_guard::Caller;
use users_guard::codes::LAST_ADMIN;
use users_web::{Code, Json, Problem, StatusCode, Versioned};

use crate::store::Outcome;
use crate::version::version;

/// 409: administrators must not make this change to their own account.
pub(crate) const CANNOT_TARGET_SELF: Code = Code::new(
    StatusCode::CONFLICT,
    "cannot_target_self",
    "You cannot do this to your own account; ask another administrator.",
);

/// 409: nothing is sent to an account that is deactivated.
pub(crate) const ACCOUNT_INACTIVE: Code =
    Code::new(StatusCode::CONFLICT, "account_inactive", "The account is deactivated; activate it first.");

/// 409: the account of a program has no address and no password.
pub(crate) const SERVICE_ACCOUNT: Code = Code::new(
    StatusCode::CONFLICT,
    "service_account",
    "A service account has no email address and no password; make an API key for it.",
);

/// 409: people make their API keys themselves.
pub(crate) const NOT_A_SERVICE_ACCOUNT: Code = Code::new(
    StatusCode::CONFLICT,
    "not_a_service_account",
    "The account belongs to a person, who makes API keys with POST /auth/api-keys.",
);

/// Refuses a change by which administrators would lock themselves out.
///
/// # Errors
/// 409 `cannot_target_self`.
pub(crate) fn not_oneself(caller: &Caller, targets: &[UserId]) -> Result<(), Problem> {
    if targets.contains(&caller.user.id) { Err(CANNOT_TARGET_SELF.into()) } else { Ok(()) }
}

/// The changed accounts.
///
/// # Errors
/// 403 when the caller may not change one of the accounts, 409 `last_admin` when no administrator would have been left, 412 `precondition_failed` when the client expects another
/// version.
pub(crate) fn changed<T>(outcome: Outcome<T>) -> Result<Vec<T>, Problem> {
    match outcome {
        Outcome::Changed(changed) => Ok(changed),
        Outcome::Refused(overreach) => Err(overreach.into()),
        Outcome::LastAdmin => Err(LAST_ADMIN.into()),
        Outcome::Stale => Err(Code::PRECONDITION_FAILED.into()),
    }
}

/// 200 with the changed account and its version.
///
/// # Errors
/// As [`changed`], and 404 when there is no such account.
pub(crate) fn changed_account(outcome: Outcome<User>) -> Result<Versioned<Json<User>>, Problem> {
    let user = changed(outcome)?.pop().ok_or(Code::NOT_FOUND)?;
    Ok(Versioned::new(version(&user), Json(user)))
}
