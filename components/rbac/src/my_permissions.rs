//! `GET /rbac/my-permissions`: lists the caller's grants.

use serde::Serialize;
use users_core::{Permission, UserId};
use users_guard::Rights;
use users_web::{About, Json};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyPermissions)]
pub(crate) struct Mine {
    user_id: UserId,
    is_admin: bool,
    #[schema(schema_with = users_core::role_names)]
    roles: Vec<String>,
    permissions: Vec<Permission>,
}

pub(crate) fn about() -> About {
    About::new(
        "getMyPermissions",
        "List the caller's permissions",
        "The roles and the permissions that they grant.",
    )
    .text("Without the roles that require a second factor, unless the caller has proved one.")
}

/// 200 with the names of the caller's roles and their permissions. Only the guard runs a statement.
pub(crate) async fn handle(Rights { subject, .. }: Rights) -> Json<Mine> {
    Json(Mine {
        user_id: subject.user,
        is_admin: subject.is_admin,
        roles: subject.roles,
        permissions: subject.permissions,
    })
}
