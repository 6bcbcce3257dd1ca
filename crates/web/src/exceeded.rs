//! The answer when a limit is reached.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Code, Problem};

/// The names of the fields of draft-ietf-httpapi-ratelimit-headers-10.
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A limit that is reached. As a [`Problem`], it is 429 `too_many_requests` with `Retry-After` (RFC 9110 section 10.2.3), and with
/// `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10.
///
/// It does not tell whether there is an account: the same limit gives the same answer to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// The name of the policy: letters, digits and `-`.
    pub policy: &'static str,
    /// The number that is allowed within the window.
    pub quota: i32,
    /// The length of the window in seconds.
    pub window: i32,
    /// The seconds until the next attempt may succeed, rounded up; at least 1.
    pub retry_after: i32,
}

impl Exceeded {
    /// `RateLimit-Policy` (section 3): the policy, with its quota (`q`) and its window (`w`).
    fn policy_field(&self) -> String {
        format!("\"{}\";q={};w={}", self.policy, self.quota, self.window)
    }

    /// `RateLimit` (section 4): nothing remains (`r`) for some seconds (`t`).
    fn limit_field(&self) -> String {
        format!("\"{}\";r=0;t={}", self.policy, self.retry_after)
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from(exceeded.retry_after));
        for (name, value) in
            [(RATELIMIT, exceeded.limit_field()), (RATELIMIT_POLICY, exceeded.policy_field())]
        {
            // A policy's name has no character that a header refuses.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        Self::new(Code::TOO_MANY_REQUESTS)
            .because(format_args!("the limit {} is reached", exceeded.policy))
            .with_headers(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_name_policy_quota_window_and_wait() {
        let exceeded = Exceeded { policy: "password-failures", quota: 10, window: 600, retry_after: 37 };
        let problem = Problem::from(exceeded);
        let mut headers = HeaderMap::new();
        problem.add_headers(&mut headers);
        assert_eq!(headers["retry-after"], "37");
        assert_eq!(headers["ratelimit"], r#""password-failures";r=0;t=37"#);
        assert_eq!(headers["ratelimit-policy"], r#""password-failures";q=10;w=600"#);
        assert_eq!((problem.code().status().as_u16(), problem.code().as_str()), (429, "too_many_requests"));
        assert_eq!(problem.cause(), Some("the limit password-failures is reached"));
    }

    #[test]
    fn a_problem_stays_small() {
        assert!(size_of::<Problem>() < 128, "{}", size_of::<Problem>());
    }
}
