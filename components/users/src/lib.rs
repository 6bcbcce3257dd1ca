//! Administration of accounts: the routes under `/users`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod activate;
mod api_keys;
mod app;
mod bulk;
mod create;
mod deactivate;
mod delete;
mod get;
mod list;
mod make_admin;
mod password_reset;
mod remove_admin;
mod reset_factors;
mod routes;
mod rules;
mod sessions;
mod statistics;
mod store;
mod update;
mod version;

pub use app::App;
pub use routes::routes;

users_web::component! {
    name: "users",
    description: "Administration of accounts. One active administrator always remains, and administrators do not \
                  deactivate, demote or delete themselves. A caller who is not an administrator but has `accounts:write` \
                  cannot change administrators' accounts: 403 `admin_required`.",
    routes: routes,
    state: App::read,
}
