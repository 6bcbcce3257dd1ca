//! What the OpenAPI document says of the routes beside what their types tell.

use serde_json::json;
use users_web::Code;
use users_web::openapi::{About, Part, about};

use crate::{NAME, routes};

/// This component's part of the document.
#[must_use]
pub fn part() -> Part {
    let description = "Administration of accounts. One active administrator always remains, and administrators do not \
                       deactivate, demote or delete themselves.";
    Part::new(NAME, description, routes(), abouts())
}

fn abouts() -> Vec<About> {
    let takes_away = [Code::CannotTargetSelf, Code::LastAdmin];
    let users = json!({"user_ids": [7, 8]});
    vec![
        about("GET /users", "listUsers", "List accounts", "The accounts, in the order of their ids.")
            .text("`after` pages by key, however far into the list; it cannot be sent together with `skip`."),
        about("GET /users/{user_id}", "getUser", "Read an account", "The account.")
            .problems([Code::NotFound]),
        about(
            "PUT /users/{user_id}/activate",
            "activateUser",
            "Activate an account",
            "The account, also when it was active.",
        )
        .text("Sessions that a deactivation ended stay ended.")
        .problems([Code::NotFound]),
        about(
            "PUT /users/{user_id}/deactivate",
            "deactivateUser",
            "Deactivate an account",
            "The account, also when it was inactive.",
        )
        .text("Ends all its sessions.")
        .problems([Code::NotFound])
        .problems(takes_away),
        about(
            "PUT /users/{user_id}/make-admin",
            "makeAdmin",
            "Make somebody an administrator",
            "The account.",
        )
        .problems([Code::NotFound]),
        about(
            "PUT /users/{user_id}/remove-admin",
            "removeAdmin",
            "Make an administrator an ordinary user",
            "The account.",
        )
        .text("An administrator by a role stays one: take the role, too.")
        .problems([Code::NotFound])
        .problems(takes_away),
        about(
            "DELETE /users/{user_id}",
            "deleteUser",
            "Delete an account",
            "The account is gone, with its profile, sessions and roles.",
        )
        .problems([Code::NotFound])
        .problems(takes_away),
        about("PUT /users/bulk/activate", "bulkActivateUsers", "Activate many accounts", "What was done.")
            .example(users.clone()),
        about(
            "PUT /users/bulk/deactivate",
            "bulkDeactivateUsers",
            "Deactivate many accounts",
            "What was done.",
        )
        .text("All of them or none.")
        .example(users.clone())
        .problems(takes_away),
        about("PUT /users/bulk/delete", "bulkDeleteUsers", "Delete many accounts", "What was done.")
            .text("All of them or none.")
            .example(users)
            .problems(takes_away),
    ]
}
