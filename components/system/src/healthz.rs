//! `GET /healthz`: liveness.

use serde::Serialize;
use users_web::openapi::constant;
use users_web::{About, Json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(schema_with = status)]
    status: &'static str,
}

fn status() -> Object {
    constant("ok")
}

pub(crate) fn about() -> About {
    About::new("getHealth", "Liveness", "The process is alive.").text("Touches nothing else.")
}

/// 200. Touches nothing else, so that only a process that hangs fails it.
pub(crate) async fn handle() -> Json<Health> {
    Json(Health { status: "ok" })
}
