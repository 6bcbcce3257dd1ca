//! `/rbac/roles`: named sets of permissions.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod names;
pub(crate) mod update;

use users_core::PermissionId;
use users_web::Problem;

/// 422: no permissions have these ids.
fn unknown_permissions(sent: &[PermissionId], unknown: &[PermissionId]) -> Problem {
    Problem::unknown("/permission_ids", sent, unknown, "must be the id of a permission")
}
