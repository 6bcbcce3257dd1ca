//! What the OpenAPI document says of the routes beside what their types tell.

use serde_json::json;
use users_web::Code;
use users_web::openapi::{About, Part, about};

use crate::{NAME, routes};

/// This component's part of the document.
#[must_use]
pub fn part() -> Part {
    let description = "Roles, permissions, and who has them. The permission `admin:all` makes an administrator, \
                       `<resource>:all` grants every action on a resource. Grants count from the next request on.";
    let abouts = permissions().into_iter().chain(roles()).chain(users()).collect();
    Part::new(NAME, description, routes(), abouts)
}

fn permissions() -> Vec<About> {
    vec![
        about("POST /rbac/permissions", "createPermission", "Create a permission", "The permission.")
            .example(json!({
                "name": "report:approve", "description": "Approve reports", "resource": "report", "action": "approve",
            }))
            .leads_to(&["getPermission", "updatePermission", "deletePermission"], "permission_id")
            .problems([Code::NameTaken]),
        about("GET /rbac/permissions", "listPermissions", "List permissions", "The permissions, in the order of their ids."),
        about("GET /rbac/permissions/{permission_id}", "getPermission", "Read a permission", "The permission.")
            .problems([Code::NotFound]),
        about("PUT /rbac/permissions/{permission_id}", "updatePermission", "Change a permission", "The permission as it is now.")
            .text("Only the fields that are sent change.")
            .example(json!({"description": "Approve reports of one's own department"}))
            .problems([Code::NotFound, Code::NameTaken, Code::LastAdmin]),
        about("DELETE /rbac/permissions/{permission_id}", "deletePermission", "Delete a permission", "It is gone from every role.")
            .problems([Code::NotFound, Code::LastAdmin]),
    ]
}

fn roles() -> Vec<About> {
    vec![
        about("POST /rbac/roles", "createRole", "Create a role", "The role.")
            .text("A permission that does not exist is 422, and nothing is created.")
            .example(json!({"name": "approver", "description": "Approves reports", "permission_ids": [1]}))
            .leads_to(&["getRole", "updateRole", "deleteRole"], "role_id")
            .problems([Code::NameTaken]),
        about("GET /rbac/roles", "listRoles", "List roles", "The roles, in the order of their ids."),
        about("GET /rbac/roles/{role_id}", "getRole", "Read a role", "The role.").problems([Code::NotFound]),
        about("PUT /rbac/roles/{role_id}", "updateRole", "Change a role", "The role as it is now.")
            .text("Only the fields that are sent change; `permission_ids` replaces the whole set.")
            .example(json!({"permission_ids": [1, 2]}))
            .problems([Code::NotFound, Code::NameTaken, Code::LastAdmin]),
        about("DELETE /rbac/roles/{role_id}", "deleteRole", "Delete a role", "Nobody has it any more.")
            .problems([Code::NotFound, Code::LastAdmin]),
    ]
}

fn users() -> Vec<About> {
    vec![
        about("GET /rbac/users", "listUsersWithRoles", "List accounts with their roles", "The accounts, in the order of their ids."),
        about("GET /rbac/users/{user_id}/roles", "listUserRoles", "List the roles of a user", "The roles, in the order of their ids.")
            .problems([Code::NotFound]),
        about("POST /rbac/users/{user_id}/roles", "assignRoles", "Give roles to a user", "All roles of the user.")
            .text("A role that does not exist is 422, and nothing is given; so is a `user_id` other than the path's.")
            .example(json!({"role_ids": [2]}))
            .problems([Code::NotFound]),
        about("DELETE /rbac/users/{user_id}/roles/{role_id}", "unassignRole", "Take a role from a user", "The user does not have it any more.")
            .problems([Code::NotFound, Code::LastAdmin]),
        about("POST /rbac/check-permission", "checkPermission", "Whether somebody may do something", "The answer.")
            .text("For the caller, or for any user when the caller is an administrator.")
            .example(json!({"resource": "report", "action": "approve"}))
            .problems([Code::AdminRequired, Code::PermissionDenied, Code::NotFound]),
        about("GET /rbac/my-permissions", "getMyPermissions", "What the caller may do", "Roles and what they grant."),
    ]
}
