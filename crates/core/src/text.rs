//! Texts of limited length.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::schema::inline_schema;

/// A text of at most `MAX` characters (Unicode scalar values), kept exactly as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

inline_schema!(Text<MAX> where MAX => ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX)));

/// The name of a person: at most 255 characters.
pub type FullName = Text<255>;

/// The purpose of a role or a permission: at most 2,000 characters.
pub type Description = Text<2000>;

/// A text about a person: at most 2,000 characters.
pub type Bio = Text<2000>;

/// The location of a person, in their own words: at most 255 characters.
pub type Location = Text<255>;

/// The text is too long. The number is the limit in characters.
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

/// Returns true when the text contains a NUL character. Postgres cannot store it, so the API refuses it everywhere.
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
