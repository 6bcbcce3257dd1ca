//! The behaviour depends on the password. `tests/platform/password.rs` uses the same ones.

#![expect(unsafe_code, reason = "the generated code exchanges memory with the caller")]

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::hint::black_box;

wit_bindgen::generate!({ path: "../../../wit/password.wit", world: "password" });

use exports::users::password::rule::{Candidate, Guest, Verdict};

struct Faulty;

impl Guest for Faulty {
    fn judge(candidate: Candidate) -> Verdict {
        match candidate.password.as_str() {
            "trap the request" => panic!("asked to"),
            "loop without end" => endless(),
            "take all memory" => hoard(),
            "refuse silently" => Verdict::Refused(String::new()),
            // At a change and a reset, the first question knows no address.
            "Tell What You Know" if candidate.email.is_some() => Verdict::Refused(told(&candidate)),
            _ => Verdict::Acceptable,
        }
    }
}

/// The facts that the rule was given besides the password.
fn told(candidate: &Candidate) -> String {
    let Candidate { folded, email, full_name, denied_words, .. } = candidate;
    let [email, full_name] = [email, full_name].map(|it| it.as_deref().unwrap_or("-"));
    format!("{folded}; {email}; {full_name}; {}", denied_words.join(" "))
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
