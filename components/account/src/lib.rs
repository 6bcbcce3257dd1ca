//! The pages that links in e-mails lead to: one for a new password, one for a verified address. Each has a script that takes the token
//! out of the link and calls the API from the browser. The component holds the pages. It reaches nothing, and knows only which addresses
//! and origins it answers.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod assets;
mod language;
mod page;
mod routes;

pub use routes::routes;

users_web::component! {
    name: "account",
    description: "The pages that links in e-mails lead to.",
    routes: routes,
    state: users_web::read_nothing,
}
