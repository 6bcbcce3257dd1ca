//! Where the rule meets the interface.

#![expect(unsafe_code, reason = "the generated code passes memory to and from whoever asks")]

use alloc::string::String;
use alloc::vec::Vec;

use users_policy::{Right, is_granted};

use crate::rule::{REASON, has_to_wait};

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
            // The service has a sentence for each of its routes.
            return Decision::Deny(String::new());
        }
        let roles = subject.roles.iter().map(String::as_str);
        if has_to_wait(&context.method, &required.action, context.time, roles) {
            return Decision::Deny(String::from(REASON));
        }
        Decision::Allow
    }
}

fn right(permission: &Permission) -> Right<'_> {
    Right::new(&permission.resource, &permission.action)
}

export!(BusinessHours);
