//! The problems that a guarded route answers with.

use users_web::{Code, StatusCode};

/// 401: the route needs a token and none was sent (RFC 6750 section 3).
pub const NOT_AUTHENTICATED: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "not_authenticated",
    "Send an access token or an API key in the Authorization header.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users""#));

/// 401: the token is invalid, expired or revoked (RFC 6750 section 3.1).
pub const INVALID_TOKEN: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "invalid_token",
    "The token is invalid, expired or revoked; log in again, or use another API key.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users", error="invalid_token", error_description="The token is invalid, expired or revoked""#));

/// 401: the caller must prove again who they are (RFC 9470 section 3), because the session is not fresh: see
/// [`FRESH_FOR`](users_core::FRESH_FOR).
pub const INSUFFICIENT_USER_AUTHENTICATION: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "insufficient_user_authentication",
    "This needs a login within the last 10 minutes; call POST /auth/reauthenticate, or log in again.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users", error="insufficient_user_authentication", error_description="A more recent login is required", max_age=600"#))
.with_other_form(SECOND_FACTOR_NEEDED);

/// The same for an account that has a second factor: only a factor makes the session fresh.
pub(crate) const SECOND_FACTOR_NEEDED: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "insufficient_user_authentication",
    "This needs the second factor within the last 10 minutes; send it to POST /auth/reauthenticate, or log in again.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users", error="insufficient_user_authentication", error_description="A more recent login with the second factor is required", acr_values="2", max_age=600"#));

/// 403: the account is deactivated.
pub const INACTIVE_ACCOUNT: Code =
    Code::new(StatusCode::FORBIDDEN, "inactive_account", "The account is deactivated; ask an administrator.");

/// 403: the route is for people who have logged in.
pub const API_KEY_NOT_ALLOWED: Code = Code::new(
    StatusCode::FORBIDDEN,
    "api_key_not_allowed",
    "An API key cannot do this; log in, and use the access token.",
);

/// 403: the route, or this use of it, is for administrators.
pub const ADMIN_REQUIRED: Code =
    Code::new(StatusCode::FORBIDDEN, "admin_required", "This is for administrators; ask one of them.");

/// 403: the policy does not allow it.
pub const PERMISSION_DENIED: Code = Code::new(
    StatusCode::FORBIDDEN,
    "permission_denied",
    "Your roles do not permit this; ask an administrator.",
);

/// 403: the change would give rights that the caller lacks.
pub const EXCEEDS_OWN_RIGHTS: Code = Code::new(
    StatusCode::FORBIDDEN,
    "exceeds_own_rights",
    "You can only give rights that you have yourself; ask an administrator.",
);

/// 409: no active administrator would be left.
pub const LAST_ADMIN: Code = Code::new(
    StatusCode::CONFLICT,
    "last_admin",
    "No active administrator would be left; make somebody else an administrator first.",
);

/// 409: the account has as many API keys as it may have.
pub const TOO_MANY_API_KEYS: Code = Code::new(
    StatusCode::CONFLICT,
    "too_many_api_keys",
    "The account has 100 API keys already; delete one that is not used any longer.",
);

/// 409: another account has the address.
pub const EMAIL_TAKEN: Code =
    Code::new(StatusCode::CONFLICT, "email_taken", "An account with this email address exists already.");
