//! Accounts and tokens: the routes under `/auth`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod app;
mod login;
mod logout;
mod me;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
mod refresh;
mod register;
mod routes;
mod store;
mod test_token;
mod tokens;

pub use app::App;
pub use routes::routes;

/// The name of the component, in `spin.toml` and in the log.
pub const NAME: &str = "auth";

#[cfg(target_family = "wasm")]
mod entry {
    use std::sync::OnceLock;

    use spin_sdk::http::{IntoResponse, Request};
    use users_crypto::PasswordHasher;
    use users_web::{Component, Problem, spin};

    use crate::{App, NAME, routes};

    static COMPONENT: OnceLock<Component> = OnceLock::new();

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        spin::answer(NAME, &COMPONENT, build, request).await
    }

    async fn build() -> Result<Component, Problem> {
        let app = App::new(&spin::settings().await?, PasswordHasher::pausing(spin::Clock))?;
        let log_queries = spin::switch("log_queries").await?;
        Ok(Component::new(NAME, routes(), app).logging_queries(log_queries))
    }
}
