//! What the service says about itself: what it is, that it lives, whether it is ready. Answers every path that no other
//! component answers with a problem document.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod app;
mod healthz;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
mod readyz;
mod root;
mod routes;
mod store;

pub use app::App;
pub use routes::routes;

/// The name of the component, in `spin.toml` and in the log.
pub const NAME: &str = "system";

#[cfg(target_family = "wasm")]
mod entry {
    use std::sync::OnceLock;

    use spin_sdk::http::{IntoResponse, Request};
    use users_web::{Component, Problem, spin};

    use crate::{App, NAME, routes};

    static COMPONENT: OnceLock<Component> = OnceLock::new();

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        spin::answer(NAME, &COMPONENT, build, request).await
    }

    async fn build() -> Result<Component, Problem> {
        let app = App::new(spin::db_settings().await);
        let log_queries = spin::switch("log_queries").await.unwrap_or(false);
        Ok(Component::new(NAME, routes(), app).logging_queries(log_queries))
    }
}
