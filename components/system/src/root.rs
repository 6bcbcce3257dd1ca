//! `GET /`: what this is and where to go.

use serde::Serialize;
use users_web::Json;

/// The service in a few words.
#[derive(Debug, Serialize)]
pub(crate) struct About {
    name: &'static str,
    version: &'static str,
    links: Links,
}

#[derive(Debug, Serialize)]
struct Links {
    docs: &'static str,
    redoc: &'static str,
    openapi: &'static str,
    health: &'static str,
    ready: &'static str,
}

/// 200 with name, version and links.
pub(crate) async fn handle() -> Json<About> {
    Json(About {
        name: "users",
        version: env!("CARGO_PKG_VERSION"),
        links: Links {
            docs: "/docs",
            redoc: "/redoc",
            openapi: "/openapi.json",
            health: "/healthz",
            ready: "/readyz",
        },
    })
}
