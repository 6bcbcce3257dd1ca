//! `/rbac/roles`: sets of permissions that users are given together.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use users_core::PermissionId;
use users_web::Problem;

/// 422 for ids that name no permission.
fn unknown_permissions(sent: &[PermissionId], unknown: &[PermissionId]) -> Problem {
    Problem::unknown("/permission_ids", sent, unknown, "must be the id of a permission")
}
