//! How many messages of one kind an account gets.

use std::str::FromStr;

use users_core::{Limit, LimitError};

/// The most messages of one kind to one account, for each of some windows of time. Written as `1/1m,5/1h`: one in a minute, and five in an
/// hour. `0` is no limit. The rows of sent messages are deleted after 7 days, the longest window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits(Vec<Limit>);

impl Limits {
    /// The counts, in the order of [`seconds`](Self::seconds).
    pub(crate) fn counts(&self) -> Vec<i32> {
        self.0.iter().map(|limit| limit.count()).collect()
    }

    /// The lengths of the windows in seconds.
    pub(crate) fn seconds(&self) -> Vec<i32> {
        self.0.iter().map(|limit| limit.seconds()).collect()
    }
}

impl FromStr for Limits {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        Limit::parse_list(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_counts_within_times() {
        let limits: Limits = " 1/60s , 5/60m,20/7d ".parse().unwrap();
        assert_eq!((limits.counts(), limits.seconds()), (vec![1, 5, 20], vec![60, 3600, 7 * 24 * 60 * 60]));
    }

    #[test]
    fn zero_is_no_limit_and_nothing_is_refused() {
        assert_eq!("0".parse::<Limits>().unwrap().counts(), [0; 0]);
        assert_eq!("".parse::<Limits>(), Err(LimitError));
    }
}
