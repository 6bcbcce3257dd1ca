//! How many messages of one kind an account gets.

use std::str::FromStr;
use std::time::Duration;

/// The rows of sent messages are deleted after this time, and cannot be counted any longer.
const LONGEST_WINDOW: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The most messages of one kind to one account, for each of some windows of time. Written as `1/1m,5/1h`: one in a minute, and five in an
/// hour. `0` is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits(Vec<(i32, Duration)>);

/// The text of a limit breaks its syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write limits as counts within times of at most 7 days, such as 1/1m,5/1h, or 0 for no limit")]
pub struct LimitsError;

impl Default for Limits {
    fn default() -> Self {
        Self(vec![(1, Duration::from_secs(60)), (5, Duration::from_secs(60 * 60))])
    }
}

impl Limits {
    /// The counts, in the order of [`seconds`](Self::seconds).
    pub(crate) fn counts(&self) -> Vec<i32> {
        self.0.iter().map(|(count, _)| *count).collect()
    }

    /// The lengths of the windows in seconds.
    pub(crate) fn seconds(&self) -> Vec<i32> {
        self.0.iter().map(|(_, window)| i32::try_from(window.as_secs()).unwrap_or(i32::MAX)).collect()
    }
}

impl FromStr for Limits {
    type Err = LimitsError;

    fn from_str(text: &str) -> Result<Self, LimitsError> {
        match text.trim() {
            "0" => Ok(Self(Vec::new())),
            text => text.split(',').map(limit).collect::<Option<_>>().map(Self).ok_or(LimitsError),
        }
    }
}

fn limit(text: &str) -> Option<(i32, Duration)> {
    let (count, window) = text.trim().split_once('/')?;
    let count = count.parse().ok().filter(|count| *count > 0)?;
    let window = humantime::parse_duration(window).ok()?;
    (Duration::from_secs(1)..=LONGEST_WINDOW).contains(&window).then_some((count, window))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_counts_within_times() {
        assert_eq!("1/1m,5/1h".parse(), Ok(Limits::default()));
        assert_eq!(" 1/60s , 5/60m ".parse(), Ok(Limits::default()));
        let limits: Limits = "20/7d".parse().unwrap();
        assert_eq!((limits.counts(), limits.seconds()), (vec![20], vec![7 * 24 * 60 * 60]));
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!("0".parse::<Limits>().unwrap().counts(), [0; 0]);
    }

    #[test]
    fn everything_else_is_refused() {
        for wrong in [
            "",
            "1",
            "0/1m",
            "-1/1m",
            "1/0s",
            "1/8d",
            "1/1m,",
            "1/m",
            "1/1m;5/1h",
            "one/1m",
            "99999999999/1m",
        ] {
            assert_eq!(wrong.parse::<Limits>(), Err(LimitsError), "{wrong}");
        }
    }
}
