//! Roles and permissions: the routes under `/rbac`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod check_permission;
mod my_permissions;
mod path;
mod permissions;
mod roles;
mod routes;
mod rules;
mod store;
mod users;

pub use routes::routes;

users_web::component! {
    name: "rbac",
    description: "Roles, permissions, and the users who have them. The permission `admin:all` makes an administrator, \
                  `<resource>:all` grants every action on a resource. Grants count from the next request on.",
    routes: routes,
    state: users_guard::Guard::read,
}
