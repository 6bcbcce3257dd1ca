//! `/rbac/roles`: sets of permissions that users are given together.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use serde_json::Value;
use users_core::{IdError, PermissionId};
use users_web::{Checks, Problem};

/// How many permissions one request may name.
const MAX_PERMISSIONS: usize = 1000;

/// The ids in `permission_ids`.
fn permission_ids(checks: &mut Checks, ids: Vec<Value>) -> Option<Vec<PermissionId>> {
    if ids.len() > MAX_PERMISSIONS {
        return checks.broken("/permission_ids", "must hold at most 1000 ids");
    }
    checks.each("/permission_ids", ids, &IdError.to_string())
}

/// 422 for ids that name no permission.
fn unknown_permissions(sent: &[PermissionId], unknown: &[PermissionId]) -> Problem {
    Problem::unknown("/permission_ids", sent, unknown, "must be the id of a permission")
}
