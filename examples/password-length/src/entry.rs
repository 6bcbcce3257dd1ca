//! The export of `wit/password.wit`.

#![expect(unsafe_code, reason = "the generated code exchanges memory with the caller")]

use alloc::string::String;

use users_password::{REASON, is_common};

use crate::rule::{CONTAINS_NAME, TOO_SHORT, contains_name, is_too_short};

wit_bindgen::generate!({ path: "../../wit/password.wit", world: "password" });

use exports::users::password::rule::{Candidate, Guest, Verdict};

struct LongPasswords;

impl Guest for LongPasswords {
    fn judge(candidate: Candidate) -> Verdict {
        let reason = if is_too_short(&candidate.password) {
            TOO_SHORT
        } else if candidate.full_name.is_some_and(|name| contains_name(&candidate.folded, &name)) {
            CONTAINS_NAME
        } else if is_common(&candidate.folded) {
            REASON
        } else {
            return Verdict::Acceptable;
        };
        Verdict::Refused(String::from(reason))
    }
}

export!(LongPasswords);
