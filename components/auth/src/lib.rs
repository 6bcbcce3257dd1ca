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
mod refresh;
mod register;
mod routes;
mod store;
mod test_token;
mod tokens;

pub use app::{App, Settings};
pub use routes::routes;

/// The name of the component, in `spin.toml` and in the log.
pub const NAME: &str = "auth";

#[cfg(target_family = "wasm")]
mod entry {
    use std::sync::OnceLock;

    use spin_sdk::http::{IntoResponse, Request};
    use users_web::{Component, Problem, spin};

    use crate::{App, NAME, Settings, routes};

    static COMPONENT: OnceLock<Component> = OnceLock::new();

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        spin::answer(NAME, &COMPONENT, build, request).await
    }

    async fn build() -> Result<Component, Problem> {
        let settings = Settings {
            db: spin::db_settings().await?,
            jwt_secret: spin::variable("jwt_secret").await?,
            jwt_issuer: spin::variable("jwt_issuer").await?,
            jwt_audience: spin::variable("jwt_audience").await?,
        };
        let log_queries = spin::switch("log_queries").await?;
        Ok(Component::new(NAME, routes(), App::new(&settings)?).logging_queries(log_queries))
    }
}
