//! The export of `wit/policy.wit`.

#![expect(unsafe_code, reason = "the generated code exchanges memory with the caller")]

use alloc::string::String;
use alloc::vec::Vec;

use users_policy::{Right, is_granted};

use crate::rule::{REASON, must_wait};

wit_bindgen::generate!({ path: "../../wit/policy.wit", world: "policy" });

use exports::users::policy::evaluation::{Context, Decision, Guest, Permission, Subject};

struct BusinessHours;

impl Guest for BusinessHours {
    fn evaluate(
        subject: Subject,
        granted: Vec<Permission>,
        required: Permission,
        context: Context,
    ) -> Decision {
        if !is_granted(subject.is_admin, granted.iter().map(right), right(&required)) {
            // Without a reason, the service answers with the sentence of the route.
            return Decision::Deny(String::new());
        }
        let roles = subject.roles.iter().map(String::as_str);
        if must_wait(&context.method, &required.action, context.time, roles) {
            return Decision::Deny(String::from(REASON));
        }
        Decision::Allow
    }
}

fn right(permission: &Permission) -> Right<'_> {
    Right::new(&permission.resource, &permission.action)
}

export!(BusinessHours);
