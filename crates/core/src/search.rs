//! What accounts are searched for.

use std::str::FromStr;

/// A piece of an email address or a name, compared without case: at most 100 characters, kept exactly as
/// they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search(String);

/// What a trigram index is asked for, to find a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexPattern {
    /// For SQL's `LIKE`.
    pub pattern: String,
    /// Whether it finds nothing but what contains the text.
    pub exact: bool,
}

/// Why a text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most 100 characters long")]
pub struct SearchError;

/// The longest piece of a text that the index is asked for, in characters.
const LONGEST_PIECE: usize = 16;

impl Search {
    /// The longest text, in Unicode scalar values.
    pub const MAX_CHARACTERS: usize = 100;

    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern for SQL's `LIKE` that a trigram index is asked for, which finds at least what contains the text; `%`, `_`
    /// and `\` stand for themselves. `None` when the index is of no use, because the text has too few letters and digits in
    /// a row.
    ///
    /// Of an address it is the part before the `@`, and never more than 16 characters: every trigram has a cost, and those of
    /// a domain are in a great many addresses.
    #[must_use]
    pub fn index_pattern(&self) -> Option<IndexPattern> {
        let piece = match self.0.split_once('@') {
            Some((local, _)) if has_trigram(local) => local,
            _ => &self.0,
        };
        // The last characters: addresses differ in their numbers rather than in their first names.
        let skipped = piece.chars().count().saturating_sub(LONGEST_PIECE);
        let end: String = piece.chars().skip(skipped).collect();
        let piece = [end.as_str(), self.as_str()].into_iter().find(|text| has_trigram(text))?;
        Some(IndexPattern { pattern: like_pattern(piece), exact: piece == self.0 })
    }
}

/// Whether an index of trigrams can be asked for the text: whether it has a word with three characters, of which the blank
/// after it counts for one and those before it for two, when the text says that the word begins or ends there.
fn has_trigram(text: &str) -> bool {
    let words: Vec<usize> =
        text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count()).collect();
    words.iter().enumerate().any(|(index, length)| {
        let before = if index > 0 { 2 } else { 0 };
        let after = usize::from(index + 1 < words.len());
        *length > 0 && before + length + after >= 3
    })
}

/// What finds the text anywhere.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
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

    fn pattern(text: &str) -> Option<String> {
        text.parse::<Search>().unwrap().index_pattern().map(|found| found.pattern)
    }

    #[test]
    fn what_has_a_meaning_in_a_pattern_stands_for_itself() {
        assert_eq!(pattern("ann").unwrap(), "%ann%");
        assert_eq!(pattern(r"500%_\x").unwrap(), r"%500\%\_\\x%");
    }

    #[test]
    fn the_index_is_asked_for_what_is_rare() {
        assert_eq!(pattern("ada.lovelace42@mail.example.com").unwrap(), "%ada.lovelace42%");
        assert_eq!(pattern("@example.com").unwrap(), "%@example.com%");
        assert_eq!(pattern("a@example.com").unwrap(), "%a@example.com%");
        assert_eq!(pattern("Augusta Ada King Lovelace").unwrap(), "%da King Lovelace%");
        assert_eq!(pattern("lovelace................").unwrap(), "%lovelace................%");
    }

    #[test]
    fn a_pattern_for_the_whole_text_is_exact() {
        let exact = |text: &str| text.parse::<Search>().unwrap().index_pattern().unwrap().exact;
        assert!(exact("lovelace") && exact("@example.com"));
        assert!(!exact("ada@example.com") && !exact("Augusta Ada King Lovelace"));
    }

    #[test]
    fn the_index_is_of_no_use_without_letters_or_digits_enough() {
        for text in ["", "ab", "---", "%%%", "a.", "😀😀😀", "  "] {
            assert_eq!(pattern(text), None, "{text}");
        }
        for text in ["日本語", "abc", "99@", "@a", "a.b"] {
            assert!(pattern(text).is_some(), "{text}");
        }
    }

    #[test]
    fn the_longest_text_has_100_characters() {
        assert!("é".repeat(100).parse::<Search>().is_ok());
        assert_eq!("é".repeat(101).parse::<Search>(), Err(SearchError));
    }
}
