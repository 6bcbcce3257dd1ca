//! `GET /healthz`: liveness.

use serde::Serialize;
use users_web::{About, Json};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

pub(crate) fn about() -> About {
    About::new("getHealth", "Liveness", "The process is alive.").text("Touches nothing else.")
}

/// 200. Touches nothing else, so that only a process that hangs fails it.
pub(crate) async fn handle() -> Json<Health> {
    Json(Health { status: "ok" })
}
