//! The problems that several operations answer with.

use users_web::{Code, StatusCode};

/// 403: the password that proves who is asking is wrong. The token is good, so this is no 401.
pub(crate) const WRONG_PASSWORD: Code =
    Code::new(StatusCode::FORBIDDEN, "wrong_password", "The password is wrong; enter your current password.");

/// 403: the deployment wants a verified address.
pub(crate) const EMAIL_UNVERIFIED: Code = Code::new(
    StatusCode::FORBIDDEN,
    "email_unverified",
    "The email address is not verified; open the link that was sent to it, then log in again.",
);

/// 410: the token of a link is wrong, used, replaced or too old. The answer is the same for all of them.
pub(crate) const LINK_INVALID: Code = Code::new(
    StatusCode::GONE,
    "link_invalid",
    "The link is invalid, used, replaced or too old; ask for a new one.",
);
