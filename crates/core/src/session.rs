//! How long tokens and sessions live.

use std::time::Duration;

/// From the issue of an access token to its `exp`: 15 minutes.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// From the issue of a refresh token to its end: 30 days. Every rotation starts anew.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// From a login to the end of its session, however often it was refreshed: 90 days.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long a spent refresh token is still honoured, for a client whose answer was lost: 10 seconds. After that its
/// use ends the session (RFC 9700 section 4.14.2).
pub const REFRESH_REUSE_GRACE: Duration = Duration::from_secs(10);
