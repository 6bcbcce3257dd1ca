//! The name a person goes by.

use serde::{Deserialize, Serialize};

/// A person's name, at most 255 characters, kept exactly as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FullName(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FullNameError {
    /// Longer than [`FullName::MAX_CHARACTERS`].
    #[error("must be at most 255 characters long")]
    TooLong,
}

impl FullName {
    /// The longest name, in Unicode scalar values.
    pub const MAX_CHARACTERS: usize = 255;

    /// The name as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FullName {
    type Error = FullNameError;

    fn try_from(text: String) -> Result<Self, FullNameError> {
        if text.chars().count() > Self::MAX_CHARACTERS { Err(FullNameError::TooLong) } else { Ok(Self(text)) }
    }
}

impl From<FullName> for String {
    fn from(name: FullName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_255_characters() {
        let longest = "é".repeat(255);
        assert_eq!(FullName::try_from(longest.clone()).unwrap().as_str(), longest);
        assert_eq!(FullName::try_from("é".repeat(256)), Err(FullNameError::TooLong));
    }
}
