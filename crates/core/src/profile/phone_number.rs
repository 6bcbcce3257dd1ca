//! Telephone numbers.

use serde::{Deserialize, Serialize};

use crate::schema::{inline_schema, string};

/// A telephone number, kept as it was sent. Without its spaces, dots, dashes and brackets it is an E.164 number: `+` and 2 to
/// 15 digits, the first of which is not 0. Spaces and dashes include the typographic ones that word processors and web pages put
/// between digits ([`is_separator`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

inline_schema! {
    PhoneNumber => string(
            "An E.164 number that may contain spaces, dots, dashes and brackets. Kept as it was sent.",
            "+44 20 7946 0958",
        )
        .pattern(Some(format!(
            r"^{SEPARATORS}\+{SEPARATORS}[1-9]({SEPARATORS}[0-9]){{1,14}}{SEPARATORS}$"
        )))
        .max_length(Some(PhoneNumber::MAX_CHARACTERS))
}

/// The characters that [`is_separator`] accepts, as a regular expression.
const SEPARATORS: &str = r"[ \u00a0\u2007\u202f.()\[\]\u2010-\u2015\u2212-]*";

/// Returns true for a space, a no-break space, a dot, a bracket, a hyphen, a dash or a minus sign.
fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{a0}' | '\u{2007}' | '\u{202f}' | '.' | '(' | ')' | '[' | ']' | '-' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}'
    )
}

/// The text is not an international telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an international telephone number of at most 50 characters, such as +44 20 7946 0958")]
pub struct PhoneNumberError;

impl PhoneNumber {
    /// The length of the longest number in characters. Spaces, dots, dashes and brackets count.
    pub const MAX_CHARACTERS: usize = 50;

    /// The number as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;

    fn try_from(text: String) -> Result<Self, PhoneNumberError> {
        let number: String = text.chars().filter(|c| !is_separator(*c)).collect();
        let digits = number.strip_prefix('+').ok_or(PhoneNumberError)?;
        let international = (2..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if international && text.chars().count() <= Self::MAX_CHARACTERS {
            Ok(Self(text))
        } else {
            Err(PhoneNumberError)
        }
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<String, PhoneNumberError> {
        PhoneNumber::try_from(text.to_owned()).map(String::from)
    }

    #[test]
    fn numbers_are_kept_as_they_are() {
        for good in
            ["+442079460958", "+44 20 7946 0958", "+1-555-0123", "+1 (555) 010.0123", "+[49] 30 1", "+12"]
        {
            assert_eq!(parse(good), Ok(good.to_owned()));
        }
    }

    #[test]
    fn the_spaces_and_dashes_of_other_programs_are_kept() {
        for separator in [
            '\u{a0}', '\u{2007}', '\u{202f}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}',
            '\u{2015}', '\u{2212}',
        ] {
            let good = format!("+44{separator}20{separator}7946{separator}0958");
            assert_eq!(parse(&good), Ok(good.clone()), "{separator:?}");
        }
    }

    #[test]
    fn a_malformed_number_is_refused() {
        for bad in [
            "",
            "+",
            "+1",
            "555-0123",
            "00442079460958",
            "+0123456",
            "+1234567890123456",
            "+44 20 x",
            "+44/20",
            "+44\u{2003}20",
            "+44\u{200b}20",
            "+44\u{2016}20",
            "\u{ff0b}4420",
            "++4420",
            "+٤٤٢٠",
            &format!("+12{}", " ".repeat(50)),
        ] {
            assert_eq!(parse(bad), Err(PhoneNumberError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_number_is_kept_and_accepted_again(text in "[+0-9 .()\u{a0}\u{2011}-]{0,24}") {
            if let Ok(kept) = parse(&text) {
                prop_assert_eq!(parse(&kept), Ok(text));
            }
        }
    }
}
