//! The default rule for new passwords: none of the most common ones. It consists of pure functions without the standard library, so that
//! the password component imports nothing.
//!
//! The list is a filter of about 940 KiB in the program's data (`data/README.md`). The components that take passwords do not link this
//! crate: they ask the password component, which holds the list.

#![no_std]
// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(test)]
extern crate std;

mod filter;

pub use filter::{FINGERPRINT_BITS, Filter, Header, key};

/// The sentence for the person whose password is a common one, as the end of “The password …”.
pub const REASON: &str = "must not be one of the most common passwords; choose one that is harder to guess";

/// The filter, as `dev/common-passwords` builds it.
static COMMON: &[u8] = include_bytes!("../data/common-passwords.filter");

/// Returns true for a password of the list, and for one in 16,384 of all others. `folded` is the password in NFC and in lower case.
#[must_use]
pub fn is_common(folded: &str) -> bool {
    // A filter that cannot be read refuses every password. The tests read it.
    Filter::read(COMMON).is_none_or(|filter| filter.contains(key(folded)))
}

/// The number of passwords in the list.
#[must_use]
pub fn number_of_common_passwords() -> u32 {
    Filter::read(COMMON).map_or(0, |filter| filter.header().passwords)
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    /// A part of the list: 3,000 of its most common passwords.
    const SAMPLE: &str = include_str!("../data/sample.txt");

    #[test]
    fn every_password_of_the_sample_is_common() {
        let missing: Vec<&str> = SAMPLE.lines().filter(|password| !is_common(password)).collect();
        assert_eq!(missing, [""; 0]);
        assert_eq!(SAMPLE.lines().count(), 3_000);
    }

    #[test]
    fn passwords_that_breaches_have_shown_are_common() {
        for password in ["password", "qwertyuiop", "iloveyou1", "p@ssw0rd", "letmein1"] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn longer_ones_and_other_ones_are_not() {
        for password in ["correct horse battery staple", "nine purple elephants dance", "", "пароль без цифр"]
        {
            assert!(!is_common(password), "{password}");
        }
    }

    /// Passwords of 12 letters and digits, from a generator with a fixed start, so that each run has the same ones.
    #[test]
    fn fewer_than_one_in_10_000_random_passwords_are_taken_for_common_ones() {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = || {
            // xorshift64* (Vigna 2016).
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 4
        };
        let refused = (0..1_000_000)
            .filter(|_| {
                let bits = random();
                let password: String = (0..12)
                    .map(|place| char::from(LETTERS[usize::try_from(bits >> (5 * place) & 31).unwrap()]))
                    .collect();
                is_common(&password)
            })
            .count();
        assert!(refused < 100, "{refused} of 1,000,000");
        // One in 16,384 is what fingerprints of 14 bits yield; far fewer would mean that the filter is not asked.
        assert!(refused > 20, "{refused} of 1,000,000");
    }

    #[test]
    fn the_filter_has_at_most_a_mebibyte() {
        assert!(COMMON.len() <= 1 << 20, "{} octets", COMMON.len());
        assert!(number_of_common_passwords() > 470_000);
    }
}
