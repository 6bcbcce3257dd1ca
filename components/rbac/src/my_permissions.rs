//! `GET /rbac/my-permissions`: what the caller has been granted.

use serde::Serialize;
use users_core::{Permission, UserId};
use users_web::{Json, Rights};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyPermissions)]
pub(crate) struct Mine {
    user_id: UserId,
    is_admin: bool,
    roles: Vec<String>,
    permissions: Vec<Permission>,
}

/// 200 with the names of the caller's roles and what they grant. The guard's statement is the only one.
pub(crate) async fn handle(Rights { subject, .. }: Rights) -> Json<Mine> {
    Json(Mine {
        user_id: subject.user,
        is_admin: subject.is_admin,
        roles: subject.roles,
        permissions: subject.permissions,
    })
}
