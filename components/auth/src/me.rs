//! `GET /auth/me`: who is calling.

use serde::Serialize;
use users_core::User;
use users_web::{Caller, Json};

#[derive(Debug, Serialize)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: User,
    roles: Vec<String>,
}

/// 200 with the account and the names of its roles. The guard's statement is the only one.
pub(crate) async fn handle(Caller { user, roles, .. }: Caller) -> Json<Me> {
    Json(Me { user, roles })
}
