//! Limits: how often something may be tried.

use std::str::FromStr;
use std::time::Duration;

use crate::session::seconds;

/// The longest time that a limit may look back: 7 days. The worker deletes sent messages, which its limits count, after that time.
const LONGEST_WINDOW: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A limit: at most this many within any time of this length. Written as `10/10m`: ten in ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    count: u16,
    window: Duration,
}

/// The text is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a limit as a count from 1 to 1000 within a time from 1s to 7d (units s, m, h, d), such as 10/10m, or 0 for no limit"
)]
pub struct LimitError;

impl Limit {
    /// The largest number that a limit may allow. The database keeps the time of each attempt.
    pub const MAX_COUNT: u16 = 1000;

    /// The number that is allowed within the window: 1 to [`Self::MAX_COUNT`].
    #[must_use]
    pub fn count(self) -> i32 {
        self.count.into()
    }

    /// The length of the window: whole seconds, from one second to 7 days.
    #[must_use]
    pub fn window(self) -> Duration {
        self.window
    }

    /// The length of the window in seconds.
    #[must_use]
    pub fn seconds(self) -> i32 {
        i32::try_from(self.window.as_secs()).unwrap_or(i32::MAX)
    }

    /// Reads a limit, such as `10/10m`. `0` is none.
    ///
    /// # Errors
    /// [`LimitError`] when the text breaks the syntax or is out of bounds.
    pub fn parse(text: &str) -> Result<Option<Self>, LimitError> {
        match text {
            "0" => Ok(None),
            text => text.parse().map(Some),
        }
    }

    /// Reads several limits that hold together, such as `1/1m,5/1h`. `0` is none. White space around a limit is ignored.
    ///
    /// # Errors
    /// [`LimitError`] when one of them breaks the syntax or is out of bounds.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, LimitError> {
        match text.trim() {
            "0" => Ok(Vec::new()),
            text => text.split(',').map(|limit| limit.trim().parse()).collect(),
        }
    }
}

/// Reads one limit. `0` is refused here.
impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let (count, window) = text.split_once('/').ok_or(LimitError)?;
        // `parse` would also take a sign.
        let is_plain = count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse().ok().filter(|count| is_plain && (1..=Self::MAX_COUNT).contains(count));
        let window = seconds(window)
            .map(Duration::from_secs)
            .filter(|window| (Duration::from_secs(1)..=LONGEST_WINDOW).contains(window));
        Ok(Self { count: count.ok_or(LimitError)?, window: window.ok_or(LimitError)? })
    }
}

/// The attempts that the service limits. Each kind has a variable of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Wrong passwords for one address of e-mail, from one client address at which its owner has logged in before, or from all others
    /// together.
    PasswordFailures,
    /// Logins from one client address.
    Logins,
    /// Registrations from one client address.
    Registrations,
    /// Forgotten passwords from one client address.
    Forgotten,
}

/// A variable is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the variable {} has a wrong value: {}", .0.variable(), LimitError)]
pub struct LimitedError(Limited);

impl Limited {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PasswordFailures, Self::Logins, Self::Registrations, Self::Forgotten];

    /// The name of the variable.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::PasswordFailures => "limit_password_failures",
            Self::Logins => "limit_logins",
            Self::Registrations => "limit_registrations",
            Self::Forgotten => "limit_forgotten",
        }
    }

    /// The name of the quota policy in the fields `RateLimit` and `RateLimit-Policy`. Clients may compare it, so it never changes.
    #[must_use]
    pub fn policy(self) -> &'static str {
        match self {
            Self::PasswordFailures => "password-failures",
            Self::Logins => "logins",
            Self::Registrations => "registrations",
            Self::Forgotten => "forgotten",
        }
    }

    /// Reads the value of the variable, such as `10/10m`; `0` is no limit.
    ///
    /// # Errors
    /// [`LimitedError`], which names the variable.
    pub fn parse(self, text: &str) -> Result<Option<Limit>, LimitedError> {
        Limit::parse(text).map_err(|LimitError| LimitedError(self))
    }
}

/// The number of second factors that may be wrong before the challenge of a login, or a session, ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLimit(u16);

/// The text is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the variable limit_codes has a wrong value: write a count from 1 to 1000, such as 5, or 0 for no limit"
)]
pub struct CodeLimitError;

impl CodeLimit {
    /// The name of the variable.
    pub const VARIABLE: &str = "limit_codes";

    /// Reads the value of the variable, such as `5`; `0` is no limit.
    ///
    /// # Errors
    /// [`CodeLimitError`], which names the variable.
    pub fn parse(text: &str) -> Result<Option<Self>, CodeLimitError> {
        // `parse` would also take a sign.
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let count = text.parse().ok().filter(|count| is_plain && *count <= Limit::MAX_COUNT);
        let count = count.ok_or(CodeLimitError)?;
        Ok((count > 0).then_some(Self(count)))
    }

    /// The number: 1 to [`Limit::MAX_COUNT`].
    #[must_use]
    pub fn count(self) -> i32 {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_codes_is_a_count() {
        let count = |text| CodeLimit::parse(text).map(|limit| limit.map(CodeLimit::count));
        assert_eq!([count("5"), count("1"), count("1000")], [Ok(Some(5)), Ok(Some(1)), Ok(Some(1000))]);
        assert_eq!(count("0"), Ok(None));
        for text in ["", "1001", "5/10m", "-1", "+5", " 5", "five", "70000"] {
            assert_eq!(count(text), Err(CodeLimitError), "{text}");
        }
        assert!(CodeLimitError.to_string().contains(CodeLimit::VARIABLE));
    }

    #[test]
    fn a_limit_is_a_count_within_a_time() {
        let limit = Limit::parse("10/10m").unwrap().unwrap();
        assert_eq!((limit.count(), limit.window(), limit.seconds()), (10, Duration::from_secs(600), 600));
        assert_eq!("1000/7d".parse::<Limit>().unwrap().seconds(), 7 * 24 * 60 * 60);
        assert_eq!(Limit::parse("1/60s"), Limit::parse("1/1m"));
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(Limit::parse("0"), Ok(None));
        assert_eq!(Limit::parse_list(" 0 "), Ok(Vec::new()));
    }

    #[test]
    fn several_limits_are_a_list() {
        let list = Limit::parse_list(" 1/1m , 5/1h ").unwrap();
        assert_eq!(list, ["1/1m".parse().unwrap(), "5/1h".parse().unwrap()]);
        for wrong in ["", ",", "1/1m,", "1/1m;5/1h", "0,1/1m"] {
            assert_eq!(Limit::parse_list(wrong), Err(LimitError), "{wrong}");
        }
    }

    #[test]
    fn any_other_text_is_refused_by_the_name_of_the_variable() {
        for text in [
            "",
            "1",
            "/",
            "0/1m",
            "-1/1m",
            "+1/1m",
            "1/0s",
            "1/8d",
            "1/m",
            "1/1w",
            "1001/1m",
            "one/1m",
            "99999999999/1m",
            "1/1m,5/1h",
            " 1/1m",
            "1/1m ",
            "1 / 1m",
            "00",
            "1/99999999999999999999d",
        ] {
            for limited in Limited::ALL {
                let error = limited.parse(text).unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("the variable {} has", limited.variable())),
                    "{text}: {error}"
                );
            }
        }
    }
}
