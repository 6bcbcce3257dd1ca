//! Rules for every change of a role, a permission or a grant.

use users_guard::codes::LAST_ADMIN;
use users_web::{Code, Problem, StatusCode};

use crate::store::Outcome;

/// 409: another role or permission already has this name.
pub(crate) const NAME_TAKEN: Code =
    Code::new(StatusCode::CONFLICT, "name_taken", "This name is in use already; choose another one.");

/// 409: a default role would grant `admin:all`.
pub(crate) const DEFAULT_ROLE_ADMINISTRATES: Code = Code::new(
    StatusCode::CONFLICT,
    "default_role_administrates",
    "A default role cannot grant admin:all: everyone who registers would be an administrator.",
);

/// Returns the changed object.
///
/// # Errors
/// 403 if the caller may not make the change. 404 if there is nothing to change. 409 `name_taken`, `last_admin` or `default_role_administrates` if the change is not allowed.
pub(crate) fn changed<T>(outcome: Outcome<T>) -> Result<T, Problem> {
    match outcome {
        Outcome::Done(changed) => Ok(changed),
        Outcome::Refused(overreach) => Err(overreach.into()),
        Outcome::Missing => Err(Code::NOT_FOUND.into()),
        Outcome::NameTaken => Err(NAME_TAKEN.into()),
        Outcome::LastAdmin => Err(LAST_ADMIN.into()),
        Outcome::DefaultAdministrates => Err(DEFAULT_ROLE_ADMINISTRATES.into()),
    }
}
