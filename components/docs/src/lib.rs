//! The API's own documentation: the OpenAPI document, and two pages that show it, Swagger UI and ReDoc. All of it is in the
//! component; nothing comes from another host, and there is nothing to configure.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod asset;
mod assets;
mod coding;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
mod routes;

pub use routes::routes;

/// The name of the component, in `spin.toml` and in the log.
pub const NAME: &str = "docs";

#[cfg(target_family = "wasm")]
mod entry {
    use std::sync::OnceLock;

    use spin_sdk::http::{IntoResponse, Request};
    use users_web::{Component, Problem, spin};

    use crate::{NAME, routes};

    static COMPONENT: OnceLock<Component> = OnceLock::new();

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        spin::answer(NAME, &COMPONENT, build, request).await
    }

    async fn build() -> Result<Component, Problem> {
        Ok(Component::new(NAME, routes(), ()))
    }
}
