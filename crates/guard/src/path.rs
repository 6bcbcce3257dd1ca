//! Paths that contain a user id.

use serde::Deserialize;
use users_core::UserId;
use users_web::{Checks, Field, Input, Parsed};

/// A path that contains a user id, such as `/users/{user_id}`. The policy also receives that user id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UserPath {
    user_id: Field<Parsed<UserId>>,
}

impl Input for UserPath {
    type Accepted = UserId;

    fn check(self, checks: &mut Checks) -> Option<UserId> {
        checks.required("/user_id", self.user_id).map(|Parsed(id)| id)
    }
}
