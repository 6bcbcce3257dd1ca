//! The export of `wit/password.wit`.

#![expect(unsafe_code, reason = "the generated code exchanges memory with the caller")]

use alloc::string::String;

use users_password::{REASON, is_common};
use zeroize::Zeroize as _;

wit_bindgen::generate!({ path: "../../wit/password.wit", world: "password" });

use exports::users::password::rule::{Candidate, Guest, Verdict};

struct DefaultRule;

impl Guest for DefaultRule {
    fn judge(mut candidate: Candidate) -> Verdict {
        let is_common = is_common(&candidate.folded);
        candidate.password.zeroize();
        candidate.folded.zeroize();
        if is_common { Verdict::Refused(String::from(REASON)) } else { Verdict::Acceptable }
    }
}

export!(DefaultRule);
