//! The routes of the component and the right that each requires.

use users_guard::{Admin, Administers};
use users_web::{Route, delete, get, post, put};

use crate::{
    App, activate, api_keys, bulk, create, deactivate, delete as remove, get as read, list, make_admin,
    password_reset, remove_admin, reset_factors, sessions, statistics, update,
};

/// The table of routes: method, path, right, handler, description.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    let reads = Administers("accounts", "read");
    let writes = Administers("accounts", "write");
    vec![
        get(   "/users/",                        reads, list::handle, list::about),
        post(  "/users/",                        writes, create::handle, create::about),
        get(   "/users/statistics",              reads, statistics::handle, statistics::about),
        get(   "/users/{user_id}",               reads, read::handle, read::about),
        put(   "/users/{user_id}",               writes, update::handle, update::about),
        put(   "/users/{user_id}/activate",      writes, activate::handle, activate::about),
        put(   "/users/{user_id}/deactivate",    writes, deactivate::handle, deactivate::about),
        put(   "/users/{user_id}/make-admin",    Admin, make_admin::handle, make_admin::about),
        put(   "/users/{user_id}/remove-admin",  Admin, remove_admin::handle, remove_admin::about),
        delete("/users/{user_id}",               writes, remove::handle, remove::about),
        post(  "/users/{user_id}/password-reset", writes, password_reset::handle, password_reset::about),
        get(   "/users/{user_id}/sessions",      reads, sessions::list::handle, sessions::list::about),
        delete("/users/{user_id}/sessions",      writes, sessions::end::handle, sessions::end::about),
        delete("/users/{user_id}/factors",       writes, reset_factors::handle, reset_factors::about),
        post(  "/users/{user_id}/api-keys",      writes, api_keys::create::handle, api_keys::create::about),
        get(   "/users/{user_id}/api-keys",      reads, api_keys::list::handle, api_keys::list::about),
        delete("/users/{user_id}/api-keys/{key_id}", writes, api_keys::end::handle, api_keys::end::about),
        put(   "/users/bulk/activate",           writes, bulk::activate::handle, bulk::activate::about),
        put(   "/users/bulk/deactivate",         writes, bulk::deactivate::handle, bulk::deactivate::about),
        put(   "/users/bulk/delete",             writes, bulk::delete::handle, bulk::delete::about),
    ]
}
