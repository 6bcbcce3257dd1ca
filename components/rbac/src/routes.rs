//! The routes of the component and their required rights.

use users_guard::{AccountWith, Administers, Guard, Rights};
use users_web::{Route, delete, get, post, put};

use crate::{check_permission, my_permissions, permissions, roles, users};

/// The table of routes: method, path, right, handler and description.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Guard>> {
    let account = AccountWith(&[Rights::EXTRA]);
    let reads = Administers("rbac", "read");
    let writes = Administers("rbac", "write");
    vec![
        post(  "/rbac/permissions",                         writes, permissions::create::handle, permissions::create::about),
        get(   "/rbac/permissions",                         reads, permissions::list::handle, permissions::list::about),
        get(   "/rbac/permissions/{permission_id}",         reads, permissions::get::handle, permissions::get::about),
        put(   "/rbac/permissions/{permission_id}",         writes, permissions::update::handle, permissions::update::about),
        delete("/rbac/permissions/{permission_id}",         writes, permissions::delete::handle, permissions::delete::about),

        post(  "/rbac/roles",                               writes, roles::create::handle, roles::create::about),
        get(   "/rbac/roles",                               reads, roles::list::handle, roles::list::about),
        get(   "/rbac/role-names",                          reads, roles::names::handle, roles::names::about),
        get(   "/rbac/roles/{role_id}",                     reads, roles::get::handle, roles::get::about),
        put(   "/rbac/roles/{role_id}",                     writes, roles::update::handle, roles::update::about),
        delete("/rbac/roles/{role_id}",                     writes, roles::delete::handle, roles::delete::about),

        get(   "/rbac/users",                               reads, users::list::handle, users::list::about),
        get(   "/rbac/users/{user_id}/roles",               reads, users::roles::handle, users::roles::about),
        post(  "/rbac/users/{user_id}/roles",               writes, users::assign::handle, users::assign::about),
        delete("/rbac/users/{user_id}/roles/{role_id}",     writes, users::unassign::handle, users::unassign::about),

        post(  "/rbac/check-permission",                 account, check_permission::handle, check_permission::about),
        get(   "/rbac/my-permissions",                   account, my_permissions::handle, my_permissions::about),
    ]
}
