//! Profiles and preferences: the routes under `/profile`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod avatar;
mod body;
mod create;
mod delete;
mod get;
mod other;
mod own;
mod preferences;
mod routes;
mod store;
mod update;
mod version;

pub use routes::routes;

users_web::component! {
    name: "profile",
    description: "A person's profile and preferences.",
    routes: routes,
    state: users_guard::Guard::read,
}
