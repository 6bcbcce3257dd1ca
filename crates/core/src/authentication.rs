//! How and when people have proved who they are.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A session is fresh for 10 minutes after its owner has proved who they are: by a login or a repeated authentication, and not by a refresh
/// (RFC 9470 section 3, `max_age`).
pub const FRESH_FOR: Duration = Duration::from_secs(600);

/// How and when the owner of a session last proved who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// In seconds since 1970: `auth_time` (OpenID Connect Core 1.0 section 2).
    pub time: i64,
    /// The methods, by their names in RFC 8176: `amr`.
    pub methods: Vec<String>,
}

impl Authentication {
    /// The method of a password.
    pub const PASSWORD: &str = "pwd";
    /// The sign that two factors were proved (RFC 8176 section 2).
    pub const TWO_FACTORS: &str = "mfa";
    /// `acr` of an authentication by one factor, and of one by two. RFC 9470 leaves the values to the deployment.
    pub const LEVELS: [&str; 2] = ["1", "2"];

    /// An authentication by a password alone, at this time in seconds since 1970.
    #[must_use]
    pub fn by_password(time: i64) -> Self {
        Self { time, methods: vec![Self::PASSWORD.to_owned()] }
    }

    /// The level of the authentication: `acr` (OpenID Connect Core 1.0 section 2).
    #[must_use]
    pub fn level(&self) -> &'static str {
        let [one, two] = Self::LEVELS;
        if self.methods.iter().any(|method| method == Self::TWO_FACTORS) { two } else { one }
    }
}

/// The proof that a session is at the time of a request: when and how its owner was authenticated, and if a second factor is required.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Proof {
    /// The last authentication of the session.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// The last use of a second factor, or of a passkey, in this session, in seconds since 1970.
    pub factor_time: Option<i64>,
    /// True if the account has a second factor. Then only a factor makes a session fresh.
    pub has_factor: bool,
}

impl Proof {
    /// True if the session is fresh at `now`, in seconds since 1970, by the same clock: see [`FRESH_FOR`].
    #[must_use]
    pub fn is_fresh(&self, now: i64) -> bool {
        let proved = if self.has_factor { self.factor_time } else { Some(self.authentication.time) };
        proved.is_some_and(|time| now < time.saturating_add_unsigned(FRESH_FOR.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_780_000_000;

    fn proof(time: i64, factor_time: Option<i64>, has_factor: bool) -> Proof {
        Proof { authentication: Authentication::by_password(time), factor_time, has_factor }
    }

    #[test]
    fn a_session_is_fresh_for_ten_minutes() {
        for (age, is_fresh) in [(0, true), (599, true), (600, false), (601, false)] {
            assert_eq!(proof(NOW - age, None, false).is_fresh(NOW), is_fresh, "{age}");
            assert_eq!(proof(NOW - age, Some(NOW - age), true).is_fresh(NOW), is_fresh, "{age}");
        }
    }

    #[test]
    fn where_a_factor_is_set_up_only_a_factor_makes_a_session_fresh() {
        assert!(!proof(NOW, None, true).is_fresh(NOW));
        assert!(!proof(NOW, Some(NOW - 600), true).is_fresh(NOW));
        assert!(proof(NOW - 900, Some(NOW - 1), true).is_fresh(NOW));
        assert!(!proof(NOW - 900, Some(NOW - 1), false).is_fresh(NOW), "a factor of before, which is gone");
    }

    #[test]
    fn two_factors_are_a_level_of_their_own() {
        let mut authentication = Authentication::by_password(NOW);
        assert_eq!(authentication.level(), "1");
        authentication.methods.extend(["otp".to_owned()]);
        assert_eq!(authentication.level(), "1");
        authentication.methods.extend(["mfa".to_owned()]);
        assert_eq!(authentication.level(), "2");
    }

    #[test]
    fn a_proof_is_read_as_the_database_writes_it() {
        let json = r#"{"time": 1780000000, "factor_time": null, "methods": ["pwd"], "has_factor": false}"#;
        assert_eq!(serde_json::from_str::<Proof>(json).unwrap(), proof(NOW, None, false));
    }
}
