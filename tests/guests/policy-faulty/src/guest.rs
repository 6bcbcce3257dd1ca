//! The behaviour depends on the id of the user that a request is about, or of the caller. `tests/platform/policy.rs` and
//! `tests/contract/statuses.rs` use the same ids.

#![expect(unsafe_code, reason = "the generated code exchanges memory with the caller")]

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

wit_bindgen::generate!({ path: "../../../wit/policy.wit", world: "policy" });

use exports::users::policy::evaluation::{Context, Decision, Guest, Permission, Subject};

struct Faulty;

impl Guest for Faulty {
    fn evaluate(subject: Subject, _: Vec<Permission>, _: Permission, context: Context) -> Decision {
        if subject.user_id == 1_000_005 {
            return Decision::Deny(String::new());
        }
        match context.target_user {
            Some(1_000_001) => panic!("asked to"),
            Some(1_000_002) => endless(),
            Some(1_000_003) => hoard(),
            Some(1_000_004) => Decision::Deny(String::from("This account is nobody's business.")),
            _ => Decision::Allow,
        }
    }
}

fn endless() -> ! {
    let mut counter = 0_u64;
    loop {
        counter = black_box(counter.wrapping_add(1));
    }
}

fn hoard() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

export!(Faulty);
