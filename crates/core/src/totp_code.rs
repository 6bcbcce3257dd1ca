//! The codes that an authenticator shows.

use std::fmt;

use serde::Deserialize;

use crate::schema::{inline_schema, string};

/// A code of an authenticator: six ASCII digits, of which the first ones may be zeros (RFC 6238, RFC 4226 section 5.3). Spaces are dropped,
/// because authenticators show `492 039`. `Debug` hides the code.
///
/// There is no `==`: whoever compares codes does so in constant time. A code is not wiped from memory, since it is worthless once it was used.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct TotpCode(u32);

/// The text is not a code of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the six digits that the authenticator shows")]
pub struct TotpCodeError;

inline_schema! {
    TotpCode => string("The six digits that the authenticator shows. Spaces are ignored.", "492039")
        .pattern(Some("^ *(?:[0-9] *){6}$"))
}

impl TotpCode {
    /// The number of digits.
    pub const DIGITS: usize = 6;
    /// Codes are numbers below this one: ten to the power of [`Self::DIGITS`].
    const MODULUS: u32 = 1_000_000;

    /// The code of a number: its last six decimal digits (RFC 4226 section 5.3).
    #[must_use]
    pub fn of(number: u32) -> Self {
        Self(number % Self::MODULUS)
    }

    /// The code as a number, less than a million.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The six digits.
    #[must_use]
    pub fn digits(self) -> String {
        format!("{:06}", self.0)
    }
}

impl TryFrom<String> for TotpCode {
    type Error = TotpCodeError;

    fn try_from(text: String) -> Result<Self, TotpCodeError> {
        let (mut number, mut digits) = (0, 0);
        for character in text.chars().filter(|it| *it != ' ') {
            let digit = character.to_digit(10).filter(|_| digits < Self::DIGITS).ok_or(TotpCodeError)?;
            number = 10 * number + digit;
            digits += 1;
        }
        if digits == Self::DIGITS { Ok(Self(number)) } else { Err(TotpCodeError) }
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> Result<u32, TotpCodeError> {
        TotpCode::try_from(text.to_owned()).map(TotpCode::number)
    }

    #[test]
    fn a_code_is_six_digits_and_any_spaces() {
        for (text, number) in [
            ("492039", 492_039),
            ("000000", 0),
            ("012345", 12_345),
            (" 492 039 ", 492_039),
            ("9 9 9 9 9 9", 999_999),
        ] {
            assert_eq!(code(text), Ok(number), "{text:?}");
        }
        for text in [
            "",
            " ",
            "49203",
            "4920391",
            "49203a",
            "-92039",
            "+92039",
            "4.2039",
            "492\u{a0}039",
            "492-039",
            "４９２０３９",
            "٤٩٢٠٣٩",
            "492039\n",
            "99999999999999999999",
        ] {
            assert_eq!(code(text), Err(TotpCodeError), "{text:?}");
        }
    }

    #[test]
    fn a_number_shows_its_last_six_digits() {
        assert_eq!(TotpCode::of(1_284_755_224).digits(), "755224");
        assert_eq!(TotpCode::of(7_081_804).digits(), "081804");
    }

    #[test]
    fn a_code_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", TotpCode::of(492_039)), "TotpCode(…)");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_code_is_read_as_it_is_shown(text in any::<String>(), number in 0_u32..1_000_000) {
            let _ = code(&text);
            prop_assert_eq!(code(&TotpCode::of(number).digits()), Ok(number));
        }
    }
}
