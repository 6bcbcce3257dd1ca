//! The pauses between attempts.

use std::time::Duration;

/// The pause after the first attempt that failed.
const FIRST: Duration = Duration::from_secs(30);
/// The longest pause. A mail server that was away for an hour gets the messages that waited soon after it is back.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The first and the longest pause after an attempt of which nobody knows whether the mail server took the message.
const FIRST_UNANSWERED: Duration = Duration::from_secs(60 * 60);
const LONGEST_UNANSWERED: Duration = Duration::from_secs(16 * 60 * 60);

/// The first pause of a worker that cannot reach the mail server or the database, and the longest one.
const FIRST_OUTAGE: Duration = Duration::from_secs(1);
const LONGEST_OUTAGE: Duration = Duration::from_secs(60);

/// The pause after attempt number `attempts` of a message: twice as long each time, up to 15 minutes. `jitter` is from 0 to 1 and makes
/// it up to a quarter shorter or longer, so that messages that failed together are not tried together.
pub(crate) fn after_attempts(attempts: u32, jitter: f64) -> Duration {
    multiplied(2, FIRST, LONGEST, attempts.saturating_sub(1)).mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// The same when the mail server has the whole message and did not answer: an hour, then four times as long each time, up to 16 hours. A
/// server that delivers the message every time and never says so delivers six copies in the two days.
pub(crate) fn after_unanswered(attempts: u32, jitter: f64) -> Duration {
    multiplied(4, FIRST_UNANSWERED, LONGEST_UNANSWERED, attempts.saturating_sub(1))
        .mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 4.0)
}

/// The pause of a worker after `failures` failures in a row: from a second up to a minute.
pub(crate) fn of_outage(failures: u32, jitter: f64) -> Duration {
    multiplied(2, FIRST_OUTAGE, LONGEST_OUTAGE, failures.saturating_sub(1))
        .mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 4.0)
}

fn multiplied(by: u32, first: Duration, longest: Duration, times: u32) -> Duration {
    let factor = by.checked_pow(times).unwrap_or(u32::MAX);
    first.checked_mul(factor).unwrap_or(longest).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_a_quarter_of_an_hour() {
        let pauses: Vec<u64> = (1..=7).map(|attempts| after_attempts(attempts, 0.5).as_secs()).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(after_attempts(u32::MAX, 0.5), LONGEST);
        assert_eq!(after_attempts(0, 0.5), FIRST);
    }

    #[test]
    fn a_server_that_never_confirms_a_message_gets_it_six_times() {
        for jitter in [0.0, 0.5, 1.0] {
            let (mut copies, mut time) = (1, Duration::ZERO);
            // The first attempt that fails after two days is the last one.
            while time <= Duration::from_secs(2 * 24 * 60 * 60) {
                time += after_unanswered(copies, jitter);
                copies += 1;
            }
            assert_eq!(copies, 6, "{jitter}");
        }
        assert_eq!(after_unanswered(u32::MAX, 0.0), LONGEST_UNANSWERED);
    }

    #[test]
    fn messages_that_failed_together_are_tried_apart() {
        assert_eq!(after_attempts(1, 0.0), FIRST.mul_f64(0.75));
        assert_eq!(after_attempts(1, 1.0), FIRST.mul_f64(1.25));
        assert_eq!(after_attempts(1, f64::INFINITY), FIRST.mul_f64(1.25));
    }

    #[test]
    fn a_worker_looks_at_least_once_a_minute_whether_an_outage_is_over() {
        assert!(of_outage(1, 0.0) < Duration::from_secs(1));
        assert!((1..100).all(|failures| of_outage(failures, 1.0) <= LONGEST_OUTAGE));
    }
}
