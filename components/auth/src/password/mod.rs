//! Changed and forgotten passwords.

pub(crate) mod change;
pub(crate) mod forgot;
pub(crate) mod reset;

use users_core::{Email, NewPassword, Password};
use users_guard::{Passwords, check_password};
use users_web::{Checks, Field, Problem};

const POINTER: &str = "/new_password";

/// The new password, once it keeps the rules that need no account.
fn new_password(checks: &mut Checks<Passwords>, field: Field<NewPassword>) -> Option<Password> {
    let password = checks.required(POINTER, field)?;
    check_password(checks, POINTER, password, None, None)
}

/// Checks the rules that need the account.
///
/// # Errors
/// 422 at `/new_password`.
fn check_against(
    passwords: &Passwords,
    password: &Password,
    email: &str,
    full_name: Option<&str>,
) -> Result<(), Problem> {
    // An earlier release may have accepted an address that is invalid today. Then the password is not compared with it.
    let email = Email::parse(email).ok();
    passwords.check(POINTER, password, email.as_ref(), full_name)
}
