//! Where the rule meets the interface.

#![expect(unsafe_code, reason = "the generated code passes memory to and from whoever asks")]

use alloc::string::String;
use alloc::vec::Vec;

use users_policy::{Right, is_granted};

wit_bindgen::generate!({ path: "../../wit/policy.wit", world: "policy" });

use exports::users::policy::evaluation::{Context, Decision, Guest, Permission, Subject};

struct Default;

impl Guest for Default {
    fn evaluate(subject: Subject, granted: Vec<Permission>, required: Permission, _: Context) -> Decision {
        if is_granted(subject.is_admin, granted.iter().map(right), right(&required)) {
            Decision::Allow
        } else {
            // The service has a sentence for each of its routes.
            Decision::Deny(String::new())
        }
    }
}

fn right(permission: &Permission) -> Right<'_> {
    Right::new(&permission.resource, &permission.action)
}

export!(Default);
