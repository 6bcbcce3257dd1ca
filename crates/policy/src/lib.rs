//! The default authorization rule. It consists of pure functions without the standard library, so that the policy component imports
//! nothing.

#![no_std]
// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

/// The right to an action on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right<'a> {
    /// The kind of object, such as `user`.
    pub resource: &'a str,
    /// The operation on the object, such as `read`.
    pub action: &'a str,
}

impl<'a> Right<'a> {
    /// The right that routes for administrators require. It grants every right, so every holder is an administrator.
    pub const ADMINISTRATION: Right<'static> = Right::new("admin", ALL);

    /// Creates the right to an action on a resource.
    #[must_use]
    pub const fn new(resource: &'a str, action: &'a str) -> Self {
        Self { resource, action }
    }
}

/// The action that grants every action on its resource.
const ALL: &str = "all";

/// Returns true when a subject has the required right.
///
/// An administrator, and a holder of `admin:all`, has every right. `<resource>:all` grants every action on that resource. Any
/// other right grants only itself.
pub fn is_granted<'a>(
    is_admin: bool,
    held: impl IntoIterator<Item = Right<'a>>,
    required: Right<'_>,
) -> bool {
    is_admin || held.into_iter().any(|held| covers(held, required))
}

fn covers(held: Right<'_>, required: Right<'_>) -> bool {
    held == Right::ADMINISTRATION
        || (held.resource == required.resource && (held.action == required.action || held.action == ALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(held: &[(&'static str, &'static str)], resource: &str, action: &str) -> bool {
        let held = held.iter().map(|(resource, action)| Right::new(resource, action));
        is_granted(false, held, Right::new(resource, action))
    }

    #[test]
    fn a_right_grants_itself_and_nothing_else() {
        assert!(granted(&[("user", "read")], "user", "read"));
        for (resource, action) in [
            ("user", "write"),
            ("users", "read"),
            ("user", "reads"),
            ("user", "all"),
            ("admin", "all"),
            ("", ""),
        ] {
            assert!(!granted(&[("user", "read")], resource, action), "{resource}:{action}");
        }
        assert!(!granted(&[], "user", "read"));
    }

    #[test]
    fn all_on_a_resource_grants_every_action_on_it() {
        for action in ["read", "write", "all", "x"] {
            assert!(granted(&[("user", "all")], "user", action), "{action}");
        }
        assert!(!granted(&[("user", "all")], "role", "read"));
        assert!(!granted(&[("user", "all")], "admin", "all"));
    }

    #[test]
    fn admin_all_and_is_admin_grant_everything() {
        for (resource, action) in [("user", "read"), ("admin", "all"), ("admin", "read"), ("x", "y")] {
            assert!(granted(&[("a", "b"), ("admin", "all")], resource, action), "{resource}:{action}");
            assert!(is_granted(true, [], Right::new(resource, action)), "{resource}:{action}");
        }
        assert!(!granted(&[("admin", "read")], "user", "read"), "only admin:all is special");
        assert!(!granted(&[("user", "read"), ("role", "all")], "user", "write"), "rights do not combine");
    }
}
