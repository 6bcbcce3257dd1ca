//! Passwords that change, and those that are forgotten.

pub(crate) mod change;
pub(crate) mod forgot;
pub(crate) mod reset;

use users_core::{Email, NewPassword, Password};
use users_web::{Checks, Field, Problem};

const POINTER: &str = "/new_password";

/// The new password, once it keeps the rules that need no account.
fn new_password(checks: &mut Checks, field: Field<NewPassword>) -> Option<Password> {
    checks.required(POINTER, field).and_then(|password| match password.validate(None) {
        Ok(password) => Some(password),
        Err(rule) => checks.broken(POINTER, rule.to_string()),
    })
}

/// Checks the rules that need the account's address.
///
/// # Errors
/// 422 at `/new_password`.
fn check_against(password: &Password, email: &str) -> Result<(), Problem> {
    // An address of an earlier release may be none today. Then nothing is compared with it.
    let email = Email::parse(email).ok();
    password.validate(email.as_ref()).map_err(|rule| Problem::broken(POINTER, &rule.to_string()))
}
