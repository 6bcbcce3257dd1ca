//! `GET /healthz`: whether the process lives.

use serde::Serialize;
use users_web::Json;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// 200; touches nothing.
pub(crate) async fn handle() -> Json<Health> {
    Json(Health { status: "ok" })
}
