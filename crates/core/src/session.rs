//! The lifetimes of tokens and sessions.

use std::time::Duration;

/// The lifetime of an access token, from its issue to its `exp`: 15 minutes.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The lifetime of a refresh token: 30 days. A rotation issues a new token with a lifetime of its own.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The lifetime of a session, from the login: 90 days. A refresh does not extend it.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The grace of a spent refresh token: 10 seconds from its rotation. While its successor is unused, the token yields the same
/// successor again, so that a client can repeat a request whose answer was lost. Any other use of a spent token ends the session
/// (RFC 9700 section 4.14.2).
pub const REFRESH_REUSE_GRACE: Duration = Duration::from_secs(10);
