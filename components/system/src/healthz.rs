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

/// 200. The handler uses no other part of the service, so only a hanging process fails the probe.
pub(crate) async fn handle() -> Json<Health> {
    Json(Health { status: "ok" })
}
