//! Sessions, and the lifetimes of tokens and sessions.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{SessionId, Timestamp};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The grace of a spent refresh token: 10 seconds from its rotation. While its successor is unused, the token yields the same
/// successor again, so that a client can repeat a request whose answer was lost. Any other use of a spent token ends the session
/// (RFC 9700 section 4.14.2).
pub const REFRESH_REUSE_GRACE: Duration = Duration::from_secs(10);

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 9, "created_at": "2026-05-15T09:30:00.123456Z", "last_used_at": "2026-05-16T07:05:00.654321Z",
    "expires_at": "2026-06-15T07:05:00.654321Z", "client": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "address": "192.0.2.7", "is_current": true,
})))]
pub struct Session {
    /// The id of the session.
    pub id: SessionId,
    /// The time of the login.
    pub created_at: Timestamp,
    /// The time of the last login or refresh.
    pub last_used_at: Timestamp,
    /// The time at which the session ends unless it is refreshed.
    pub expires_at: Timestamp,
    /// The `User-Agent` of the login, at most 255 characters; null when it had none.
    #[schema(required, max_length = 255)]
    pub client: Option<String>,
    /// The IP address from which the login came; null when it is not known.
    #[schema(required, max_length = 45)]
    pub address: Option<String>,
    /// True for the session of the request.
    pub is_current: bool,
}

impl Session {
    /// The longest `client`, in characters.
    pub const MAX_CLIENT_CHARACTERS: usize = 255;
}

/// A lifetime that the operator may set, with a variable of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The lifetime of an access token, from its issue to its `exp`.
    AccessToken,
    /// The lifetime of a refresh token, and of a session that is not refreshed. A rotation issues a new token with a lifetime of its own.
    SessionIdle,
    /// The lifetime of a session, from the login. A refresh does not extend it.
    Session,
}

/// The text is not a lifetime, or it is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the variable {} must be a whole number with the unit s, m, h or d, such as 15m, and at least 1s and at most {}d",
    .0.variable(),
    .0.longest().as_secs() / DAY
)]
pub struct LifetimeError(Lifetime);

impl Lifetime {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AccessToken, Self::SessionIdle, Self::Session];

    /// The name of the variable.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token_lifetime",
            Self::SessionIdle => "session_idle_lifetime",
            Self::Session => "session_lifetime",
        }
    }

    /// The lifetime, unless the operator sets another: 15 minutes, 30 days, 90 days.
    #[must_use]
    pub fn default(self) -> Duration {
        match self {
            Self::AccessToken => Duration::from_secs(15 * MINUTE),
            Self::SessionIdle => Duration::from_secs(30 * DAY),
            Self::Session => Duration::from_secs(90 * DAY),
        }
    }

    /// The longest that an operator may set: a day for an access token, a year for a session.
    #[must_use]
    pub fn longest(self) -> Duration {
        match self {
            Self::AccessToken => Duration::from_secs(DAY),
            Self::SessionIdle | Self::Session => Duration::from_secs(365 * DAY),
        }
    }

    /// Reads a lifetime: a whole number of seconds (`s`), minutes (`m`), hours (`h`) or days (`d`), such as `15m`.
    ///
    /// # Errors
    /// [`LifetimeError`] when it is none, when it is zero, or when it is longer than [`Self::longest`].
    pub fn parse(self, text: &str) -> Result<Duration, LifetimeError> {
        seconds(text)
            .map(Duration::from_secs)
            .filter(|lifetime| !lifetime.is_zero() && *lifetime <= self.longest())
            .ok_or(LifetimeError(self))
    }
}

/// A whole number of seconds (`s`), minutes (`m`), hours (`h`) or days (`d`), such as `15m`, in seconds.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return None,
    };
    // `parse` would also take a sign.
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_plain)?.checked_mul(unit)
}

/// The lifetimes of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// See [`Lifetime::AccessToken`].
    pub access_token: Duration,
    /// See [`Lifetime::SessionIdle`].
    pub session_idle: Duration,
    /// See [`Lifetime::Session`].
    pub session: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: Lifetime::AccessToken.default(),
            session_idle: Lifetime::SessionIdle.default(),
            session: Lifetime::Session.default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_and_a_unit() {
        for (text, expected) in [("1s", 1), ("15m", 900), ("24h", 86_400), ("007s", 7)] {
            assert_eq!(Lifetime::AccessToken.parse(text), Ok(Duration::from_secs(expected)), "{text}");
        }
        assert_eq!(Lifetime::SessionIdle.parse("30d"), Ok(Lifetime::SessionIdle.default()));
        assert_eq!(Lifetime::Session.parse("365d"), Ok(Lifetime::Session.longest()));
    }

    #[test]
    fn any_other_text_is_refused_by_the_name_of_the_variable() {
        for text in [
            "",
            "s",
            "15",
            "0s",
            "0d",
            "-1m",
            "+1m",
            "1.5h",
            "15 m",
            " 15m",
            "15m ",
            "15M",
            "1w",
            "1h30m",
            "366d",
            "99999999999999999999d",
            "18446744073709551615d",
            "15é",
        ] {
            let error = Lifetime::Session.parse(text).unwrap_err().to_string();
            assert!(error.starts_with("the variable session_lifetime must be"), "{text}: {error}");
            assert!(error.ends_with("at most 365d"), "{error}");
        }
        assert!(Lifetime::AccessToken.parse("25h").is_err(), "expected a day at most");
    }
}
