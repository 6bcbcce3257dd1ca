//! Profiles and preferences: the routes under `/profile`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod avatar;
mod body;
mod create;
mod delete;
mod get;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
mod other;
mod preferences;
mod routes;
mod store;
mod update;

pub use routes::routes;

/// The name of the component, in `spin.toml` and in the log.
pub const NAME: &str = "profile";

#[cfg(target_family = "wasm")]
mod entry {
    use std::sync::OnceLock;

    use spin_sdk::http::{IntoResponse, Request};
    use users_web::{Component, spin};

    use crate::{NAME, routes};

    static COMPONENT: OnceLock<Component> = OnceLock::new();

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        spin::answer(NAME, &COMPONENT, || spin::guarded(NAME, routes()), request).await
    }
}
