//! Versions of accounts.

use users_core::User;
use users_web::ETag;

/// The version of an account: the time of its last change in microseconds since 1970. This time never goes back.
pub(crate) fn version(user: &User) -> ETag {
    ETag::of(&[user.updated_at.micros()])
}
