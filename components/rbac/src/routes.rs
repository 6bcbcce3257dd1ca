//! The routes of the component, and who may use them.

use users_web::{AccountWithRights, Admin, Guard, Route, delete, get, post, put};

use crate::{check_permission, my_permissions, permissions, roles, users};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Guard>> {
    vec![
        post(  "/rbac/permissions",                         Admin, permissions::create::handle),
        get(   "/rbac/permissions",                         Admin, permissions::list::handle),
        get(   "/rbac/permissions/{permission_id}",         Admin, permissions::get::handle),
        put(   "/rbac/permissions/{permission_id}",         Admin, permissions::update::handle),
        delete("/rbac/permissions/{permission_id}",         Admin, permissions::delete::handle),

        post(  "/rbac/roles",                               Admin, roles::create::handle),
        get(   "/rbac/roles",                               Admin, roles::list::handle),
        get(   "/rbac/roles/{role_id}",                     Admin, roles::get::handle),
        put(   "/rbac/roles/{role_id}",                     Admin, roles::update::handle),
        delete("/rbac/roles/{role_id}",                     Admin, roles::delete::handle),

        get(   "/rbac/users",                               Admin, users::list::handle),
        get(   "/rbac/users/{user_id}/roles",               Admin, users::roles::handle),
        post(  "/rbac/users/{user_id}/roles",               Admin, users::assign::handle),
        delete("/rbac/users/{user_id}/roles/{role_id}",     Admin, users::unassign::handle),

        post(  "/rbac/check-permission",        AccountWithRights, check_permission::handle),
        get(   "/rbac/my-permissions",          AccountWithRights, my_permissions::handle),
    ]
}
