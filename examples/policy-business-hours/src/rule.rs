//! The rule for business hours. It consists of plain functions, so tests call it without WebAssembly.

/// The `detail` of the 403 for a request that must wait.
pub const REASON: &str = "Changes are made Monday to Friday from 08:00 to 18:00 UTC; ask somebody who is on call if this one cannot wait.";

/// The name of the role that exempts its holders.
const ON_CALL: &str = "on-call";

const SECONDS_PER_HOUR: u64 = 3_600;
const SECONDS_PER_DAY: u64 = 86_400;
/// 1970-01-01 was a Thursday, the third day after a Monday.
const FIRST_WEEKDAY: u64 = 3;
/// Monday is 0.
const SATURDAY: u64 = 5;
const OPENING_HOUR: u64 = 8;
const CLOSING_HOUR: u64 = 18;

/// Returns true if the request may change something, arrives outside business hours, and comes from an account that is not on call.
///
/// `action` is the action of the right that the request requires. `time` is in seconds since 1970-01-01T00:00:00Z. `roles`
/// are the names of the account's roles.
pub fn must_wait<'a>(
    method: &str,
    action: &str,
    time: u64,
    roles: impl IntoIterator<Item = &'a str>,
) -> bool {
    may_change_something(method, action)
        && !is_business_hour(time)
        && !roles.into_iter().any(|role| role == ON_CALL)
}

/// Returns false for a right to read, and for a safe method (RFC 9110 section 9.2.1): `GET` or `HEAD`.
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
    const NO_ROLES: [&str; 0] = [];

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
    fn saturday_and_sunday_have_no_business_hours() {
        let days = [true, false, false, true, true, true, true, true, false, false];
        for (day, expected) in (0..).zip(days) {
            let time = FRIDAY + day * SECONDS_PER_DAY + NOON;
            assert_eq!(is_business_hour(time), expected, "{day} days after a Friday");
        }
    }

    #[test]
    fn the_epoch_is_a_thursday_and_no_time_overflows() {
        assert!(is_business_hour(NOON), "a Thursday");
        assert!(is_business_hour(SECONDS_PER_DAY + NOON), "a Friday");
        assert!(!is_business_hour(2 * SECONDS_PER_DAY + NOON), "a Saturday");
        is_business_hour(u64::MAX);
    }

    #[test]
    fn a_change_waits_for_business_hours_and_reading_never_does() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "get", ""] {
            assert!(must_wait(method, "all", FRIDAY, NO_ROLES), "{method:?}");
            assert!(!must_wait(method, "all", FRIDAY + NOON, NO_ROLES), "{method:?}");
        }
        for (method, action) in [("GET", "all"), ("HEAD", "all"), ("POST", "read")] {
            assert!(!must_wait(method, action, FRIDAY, NO_ROLES), "{method} {action}");
        }
    }

    #[test]
    fn an_account_on_call_does_not_wait() {
        assert!(!must_wait("PUT", "all", FRIDAY, ["editor", "on-call"]));
        assert!(must_wait("PUT", "all", FRIDAY, ["editor", "On-Call", "on-call-2"]));
    }
}
