//! The API's own documentation: the OpenAPI document, and two pages that show it, Swagger UI and ReDoc. The component contains all
//! files, so it needs no other host. Its variables say which addresses and origins it answers.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod assets;
mod routes;

pub use routes::routes;

users_web::component! {
    name: "docs",
    description: "This document, and two pages that show it.",
    routes: routes,
    state: users_web::read_nothing,
}
