//! What the OpenAPI document says of the routes beside what their types tell.

use serde_json::json;
use users_web::Code;
use users_web::openapi::{About, Part, about};

use crate::{NAME, routes};

/// This component's part of the document.
#[must_use]
pub fn part() -> Part {
    Part::new(NAME, "Accounts, sessions and tokens.", routes(), abouts())
}

fn abouts() -> Vec<About> {
    vec![
        about("POST /auth/register", "register", "Open an account", "The account.")
            .text(
                "Every role with `is_default` is given to it. A password must be none of the 3,000 most common ones and not the \
                 email address; there are no other rules about what it is made of.",
            )
            .example(json!({
                "email": "ada@example.com", "password": "correct horse battery staple", "full_name": "Ada Lovelace",
            }))
            .leads_to(&["getUser", "getUserProfile", "activateUser", "deactivateUser", "deleteUser"], "user_id")
            .problems([Code::EmailTaken]),
        about("POST /auth/login", "login", "Open a session", "A pair of tokens.")
            .text("The form of the password grant (RFC 6749 section 4.3). The access token is for the `Authorization` header.")
            .example(json!({
                "grant_type": "password", "username": "ada@example.com", "password": "correct horse battery staple",
            }))
            .problems([Code::InvalidCredentials, Code::InactiveAccount]),
        about("GET /auth/me", "getMe", "Who is calling", "The account and the names of its roles."),
        about("POST /auth/test-token", "testToken", "Whether a token is good", "The account, when it is."),
        about("POST /auth/refresh", "refresh", "A new pair of tokens", "The new pair.")
            .text(
                "A refresh token works once, and for ten seconds more in case the answer was lost. Handing it in again after that \
                 ends its session (RFC 9700 section 4.14.2).",
            )
            .example(json!({"refresh_token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
            .problems([Code::InvalidToken, Code::InactiveAccount]),
        about("POST /auth/logout", "logout", "End the session", "The session's tokens fail from the next request on."),
    ]
}
