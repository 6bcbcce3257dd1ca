//! Texts, and a rule that holds for every one of them.

use serde::{Deserialize, Serialize};

/// A text of at most `MAX` characters (Unicode scalar values), kept exactly as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// The name a person goes by: at most 255 characters.
pub type FullName = Text<255>;

/// What a role or a permission is for: at most 2,000 characters.
pub type Description = Text<2000>;

/// What somebody tells about themselves: at most 2,000 characters.
pub type Bio = Text<2000>;

/// Where somebody is, in their own words: at most 255 characters.
pub type Location = Text<255>;

/// A text that is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {0} characters long")]
pub struct TooLong(usize);

impl<const MAX: usize> Text<MAX> {
    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = TooLong;

    fn try_from(text: String) -> Result<Self, TooLong> {
        if text.chars().count() > MAX { Err(TooLong(MAX)) } else { Ok(Self(text)) }
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

/// Whether the text holds a NUL character, which Postgres cannot store and the API refuses everywhere.
#[must_use]
pub fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_up_to_its_length_in_characters() {
        let longest = "é".repeat(2000);
        assert_eq!(Bio::try_from(longest.clone()).unwrap().as_str(), longest);
        assert_eq!(
            Bio::try_from("é".repeat(2001)).unwrap_err().to_string(),
            "must be at most 2000 characters long"
        );
        assert_eq!(Location::try_from("x".repeat(256)), Err(TooLong(255)));
    }

    #[test]
    fn a_name_has_at_most_255_characters() {
        let longest = "é".repeat(255);
        assert_eq!(FullName::try_from(longest.clone()).unwrap().as_str(), longest);
        assert_eq!(FullName::try_from("é".repeat(256)), Err(TooLong(255)));
    }

    #[test]
    fn a_description_has_at_most_2000_characters() {
        assert!(Description::try_from("é".repeat(2000)).is_ok());
        assert_eq!(Description::try_from("é".repeat(2001)), Err(TooLong(2000)));
    }
}
