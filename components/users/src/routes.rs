//! The routes of the component and the right that each requires.

use users_guard::Admin;
use users_web::{Route, delete, get, post, put};

use crate::{
    App, activate, api_keys, bulk, create, deactivate, delete as remove, get as read, list, make_admin,
    password_reset, remove_admin, sessions, update,
};

/// The table of routes: method, path, right, handler, description.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    vec![
        get(   "/users/",                        Admin, list::handle, list::about),
        post(  "/users/",                        Admin, create::handle, create::about),
        get(   "/users/{user_id}",               Admin, read::handle, read::about),
        put(   "/users/{user_id}",               Admin, update::handle, update::about),
        put(   "/users/{user_id}/activate",      Admin, activate::handle, activate::about),
        put(   "/users/{user_id}/deactivate",    Admin, deactivate::handle, deactivate::about),
        put(   "/users/{user_id}/make-admin",    Admin, make_admin::handle, make_admin::about),
        put(   "/users/{user_id}/remove-admin",  Admin, remove_admin::handle, remove_admin::about),
        delete("/users/{user_id}",               Admin, remove::handle, remove::about),
        post(  "/users/{user_id}/password-reset", Admin, password_reset::handle, password_reset::about),
        get(   "/users/{user_id}/sessions",      Admin, sessions::list::handle, sessions::list::about),
        delete("/users/{user_id}/sessions",      Admin, sessions::end::handle, sessions::end::about),
        post(  "/users/{user_id}/api-keys",      Admin, api_keys::create::handle, api_keys::create::about),
        get(   "/users/{user_id}/api-keys",      Admin, api_keys::list::handle, api_keys::list::about),
        delete("/users/{user_id}/api-keys/{key_id}", Admin, api_keys::end::handle, api_keys::end::about),
        put(   "/users/bulk/activate",           Admin, bulk::activate::handle, bulk::activate::about),
        put(   "/users/bulk/deactivate",         Admin, bulk::deactivate::handle, bulk::deactivate::about),
        put(   "/users/bulk/delete",             Admin, bulk::delete::handle, bulk::delete::about),
    ]
}
