//! Roles and permissions: the routes under `/rbac`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod check_permission;
mod my_permissions;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
mod path;
mod permissions;
mod roles;
mod routes;
mod store;
mod users;

pub use routes::routes;

/// The name of the component, in `spin.toml` and in the log.
pub const NAME: &str = "rbac";

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
