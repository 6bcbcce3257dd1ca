//! What accounts are searched for.

use std::str::FromStr;

/// A piece of an email address or a name, compared without case: at most 100 characters, kept exactly as
/// they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search(String);

/// Why a text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most 100 characters long")]
pub struct SearchError;

impl Search {
    /// The longest text, in Unicode scalar values.
    pub const MAX_CHARACTERS: usize = 100;

    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern for SQL's `LIKE` that finds the text anywhere; `%`, `_` and `\` stand for themselves.
    #[must_use]
    pub fn like_pattern(&self) -> String {
        let mut pattern = String::from("%");
        for character in self.0.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push('%');
        pattern
    }
}

impl FromStr for Search {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, SearchError> {
        if text.chars().count() > Self::MAX_CHARACTERS { Err(SearchError) } else { Ok(Self(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_pattern_stands_for_itself() {
        let pattern = |text: &str| text.parse::<Search>().unwrap().like_pattern();
        assert_eq!(pattern("ann"), "%ann%");
        assert_eq!(pattern(r"50%_\x"), r"%50\%\_\\x%");
    }

    #[test]
    fn the_longest_text_has_100_characters() {
        assert!("é".repeat(100).parse::<Search>().is_ok());
        assert_eq!("é".repeat(101).parse::<Search>(), Err(SearchError));
    }
}
