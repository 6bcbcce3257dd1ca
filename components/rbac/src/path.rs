//! Paths that contain the id of a role, of a permission, or of a user and a role.

use serde::Deserialize;
use users_core::{PermissionId, RoleId, UserId};
use users_web::{Checks, Field, Input, Parsed};

/// `…/{permission_id}`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PermissionPath {
    permission_id: Field<Parsed<PermissionId>>,
}

/// `…/{role_id}`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RolePath {
    role_id: Field<Parsed<RoleId>>,
}

/// `…/{user_id}/roles/{role_id}`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserRolePath {
    user_id: Field<Parsed<UserId>>,
    role_id: Field<Parsed<RoleId>>,
}

impl Input for PermissionPath {
    type Accepted = PermissionId;

    fn check(self, checks: &mut Checks) -> Option<PermissionId> {
        checks.required("/permission_id", self.permission_id).map(|Parsed(id)| id)
    }
}

impl Input for RolePath {
    type Accepted = RoleId;

    fn check(self, checks: &mut Checks) -> Option<RoleId> {
        checks.required("/role_id", self.role_id).map(|Parsed(id)| id)
    }
}

impl Input for UserRolePath {
    type Accepted = (UserId, RoleId);

    fn check(self, checks: &mut Checks) -> Option<(UserId, RoleId)> {
        let user = checks.required("/user_id", self.user_id);
        let role = checks.required("/role_id", self.role_id);
        Some((user?.0, role?.0))
    }
}
