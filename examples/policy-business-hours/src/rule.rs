//! Which requests have to wait for business hours: pure, so that it is tested without WebAssembly.

/// What somebody is told whose request has to wait.
pub const REASON: &str = "Changes are made Monday to Friday from 08:00 to 18:00 UTC; ask somebody who is on call if this one cannot wait.";

/// The role whose holders do not wait.
const ON_CALL: &str = "on-call";

const SECONDS_PER_HOUR: u64 = 3_600;
const SECONDS_PER_DAY: u64 = 86_400;
/// 1970-01-01 was a Thursday, the third day after a Monday.
const FIRST_WEEKDAY: u64 = 3;
/// Monday is 0.
const SATURDAY: u64 = 5;
const OPENING_HOUR: u64 = 8;
const CLOSING_HOUR: u64 = 18;

/// Whether a request has to wait: one that may change something, made at a `time`, in seconds since
/// 1970-01-01T00:00:00Z, outside business hours, by somebody who is not on call. `action` is what the right stands for
/// that the request requires.
pub fn has_to_wait<'a>(
    method: &str,
    action: &str,
    time: u64,
    roles: impl IntoIterator<Item = &'a str>,
) -> bool {
    may_change_something(method, action)
        && !is_business_hour(time)
        && !roles.into_iter().any(|role| role == ON_CALL)
}

/// Neither the right nor the method is for reading only (RFC 9110, section 9.2.1, of which this service has these two).
fn may_change_something(method: &str, action: &str) -> bool {
    action != "read" && !matches!(method, "GET" | "HEAD")
}

fn is_business_hour(time: u64) -> bool {
    let weekday = (time / SECONDS_PER_DAY + FIRST_WEEKDAY) % 7;
    let hour = time % SECONDS_PER_DAY / SECONDS_PER_HOUR;
    weekday < SATURDAY && (OPENING_HOUR..CLOSING_HOUR).contains(&hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-05-15 was a Friday: `date -u -d '2026-05-15' +%s`.
    const FRIDAY: u64 = 1_778_803_200;
    const NOON: u64 = 12 * SECONDS_PER_HOUR;
    const NOBODY: [&str; 0] = [];

    #[test]
    fn business_hours_begin_at_eight_and_end_at_eighteen() {
        for (seconds, expected) in [
            (0, false),
            (8 * SECONDS_PER_HOUR - 1, false),
            (8 * SECONDS_PER_HOUR, true),
            (NOON, true),
            (18 * SECONDS_PER_HOUR - 1, true),
            (18 * SECONDS_PER_HOUR, false),
            (SECONDS_PER_DAY - 1, false),
        ] {
            assert_eq!(is_business_hour(FRIDAY + seconds), expected, "{seconds} s after midnight");
        }
    }

    #[test]
    fn there_are_none_on_saturday_and_sunday() {
        let days = [true, false, false, true, true, true, true, true, false, false];
        for (day, expected) in (0..).zip(days) {
            let time = FRIDAY + day * SECONDS_PER_DAY + NOON;
            assert_eq!(is_business_hour(time), expected, "{day} days after a Friday");
        }
    }

    #[test]
    fn time_begins_on_a_thursday_and_does_not_overflow() {
        assert!(is_business_hour(NOON), "a Thursday");
        assert!(is_business_hour(SECONDS_PER_DAY + NOON), "a Friday");
        assert!(!is_business_hour(2 * SECONDS_PER_DAY + NOON), "a Saturday");
        is_business_hour(u64::MAX);
    }

    #[test]
    fn a_change_waits_for_business_hours_and_reading_never_does() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "get", ""] {
            assert!(has_to_wait(method, "all", FRIDAY, NOBODY), "{method:?}");
            assert!(!has_to_wait(method, "all", FRIDAY + NOON, NOBODY), "{method:?}");
        }
        for (method, action) in [("GET", "all"), ("HEAD", "all"), ("POST", "read")] {
            assert!(!has_to_wait(method, action, FRIDAY, NOBODY), "{method} {action}");
        }
    }

    #[test]
    fn who_is_on_call_does_not_wait() {
        assert!(!has_to_wait("PUT", "all", FRIDAY, ["editor", "on-call"]));
        assert!(has_to_wait("PUT", "all", FRIDAY, ["editor", "On-Call", "on-call-2"]));
    }
}
