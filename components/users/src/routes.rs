//! The routes of the component, and who may use them.

use users_web::{Admin, Guard, Route, delete, get, put};

use crate::{activate, bulk, deactivate, delete as remove, get as read, list, make_admin, remove_admin};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Guard>> {
    vec![
        get(   "/users",                         Admin, list::handle),
        get(   "/users/{user_id}",               Admin, read::handle),
        put(   "/users/{user_id}/activate",      Admin, activate::handle),
        put(   "/users/{user_id}/deactivate",    Admin, deactivate::handle),
        put(   "/users/{user_id}/make-admin",    Admin, make_admin::handle),
        put(   "/users/{user_id}/remove-admin",  Admin, remove_admin::handle),
        delete("/users/{user_id}",               Admin, remove::handle),
        put(   "/users/bulk/activate",           Admin, bulk::activate::handle),
        put(   "/users/bulk/deactivate",         Admin, bulk::deactivate::handle),
        put(   "/users/bulk/delete",             Admin, bulk::delete::handle),
    ]
}
