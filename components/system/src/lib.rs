//! The service itself: its name, liveness and readiness. For a path that no other component serves, the answer is a problem
//! document.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod app;
mod healthz;
mod readyz;
mod root;
mod routes;
mod store;

pub use app::App;
pub use routes::routes;

users_web::component! {
    name: "system",
    description: "The service itself, and its health.",
    routes: routes,
    state: App::read,
}
