//! The export of `wit/policy.wit`.

#![expect(unsafe_code, reason = "the generated code exchanges memory with the caller")]

use alloc::string::String;
use alloc::vec::Vec;

use users_policy::{Right, is_granted};

wit_bindgen::generate!({ path: "../../wit/policy.wit", world: "policy" });

use exports::users::policy::evaluation::{Context, Decision, Guest, Permission, Subject};

struct DefaultPolicy;

impl Guest for DefaultPolicy {
    fn evaluate(subject: Subject, granted: Vec<Permission>, required: Permission, _: Context) -> Decision {
        if is_granted(subject.is_admin, granted.iter().map(right), right(&required)) {
            Decision::Allow
        } else {
            // Without a reason, the service answers with the sentence of the route.
            Decision::Deny(String::new())
        }
    }
}

fn right(permission: &Permission) -> Right<'_> {
    Right::new(&permission.resource, &permission.action)
}

export!(DefaultPolicy);
