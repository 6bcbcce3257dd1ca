//! Accounts and tokens: the routes under `/auth` and `/.well-known`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod account;
mod api_keys;
mod app;
mod codes;
mod email;
mod factors;
mod guesses;
mod introspect;
mod limits;
mod login;
mod logout;
mod me;
mod passkeys;
mod password;
mod presented;
mod reauthenticate;
mod reauthentication;
mod refresh;
mod register;
mod revoke;
mod routes;
mod sessions;
mod signing;
mod store;
mod test_token;
mod tokens;
mod well_known;

pub use app::App;
pub use routes::routes;

users_web::component! {
    name: "auth",
    description: "Accounts, sessions and tokens.",
    routes: routes,
    state: App::read,
}
