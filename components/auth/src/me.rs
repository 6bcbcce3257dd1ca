//! `GET /auth/me`: the current account.

use serde::Serialize;
use users_core::User;
use users_guard::Caller;
use users_web::{About, Json};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": 1, "email": "ada@example.com", "full_name": "Ada Lovelace", "is_active": true, "is_admin": false,
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z", "email_verified": true,
    "kind": "person", "roles": ["user"],
})))]
pub(crate) struct Me {
    #[serde(flatten)]
    user: User,
    #[schema(schema_with = users_core::role_names)]
    roles: Vec<String>,
}

pub(crate) fn about() -> About {
    About::new("getMe", "Get the current account", "The account and the names of its roles.")
}

/// 200 with the account and the names of its roles. The guard's statement is the only one.
pub(crate) async fn handle(Caller { user, roles, .. }: Caller) -> Json<Me> {
    Json(Me { user, roles })
}
