//! Pages for people in a browser: `/account` for their own account, and `/console` for administrators.
//!
//! The component is a backend for the browser. It has no database and no key. It calls the API with the token of the person who is
//! signed in, from a cookie that no script can read. The API decides what a page may show and what a form may change.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod account;
mod ago;
mod api;
mod assets;
mod browser;
mod console;
mod routes;
mod rules;
mod settings;
mod state;
mod surface;
mod texts;
mod view;

pub use api::{Exchange, Transport, TransportError};
pub use routes::routes;
pub use settings::Settings;
pub use state::Console;

users_web::component! {
    name: "console",
    description: "Pages for people, in a browser.",
    routes: routes,
    state: Console::read,
}
