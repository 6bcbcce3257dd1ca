//! The search for accounts.

use std::str::FromStr;

use crate::fold::fold;
use crate::schema::{inline_schema, string};

/// A part of an email address or a name, compared regardless of case and composition (see [`fold`]): at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    sent: String,
    folded: String,
}

inline_schema! {
    Search => string("A part of the email address or of the full name. Case does not matter.", "alice")
        .max_length(Some(Search::MAX_CHARACTERS))
}

/// A pattern with which a trigram index finds candidates for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexPattern {
    /// The operand of SQL's `LIKE`.
    pub pattern: String,
    /// True when every match contains the text. Otherwise the matches must be filtered.
    pub exact: bool,
}

/// The text is too long to search for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most 100 characters long")]
pub struct SearchError;

/// The longest part of a text in an [`IndexPattern`], in characters.
const MAX_PART_CHARACTERS: usize = 16;

impl Search {
    /// The longest text, in Unicode scalar values.
    pub const MAX_CHARACTERS: usize = 100;

    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.sent
    }

    /// The text as it is compared with a [`search_text`].
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The pattern for a trigram index on a [`search_text`]. It matches every value that contains the text; `%`, `_` and `\` match
    /// themselves.
    /// `None` when the index cannot help, because the text has too few letters and digits in a row.
    ///
    /// If possible, the pattern has at most 16 characters and leaves out the domain of an address: every trigram costs time,
    /// and the trigrams of a domain occur in many addresses.
    #[must_use]
    pub fn index_pattern(&self) -> Option<IndexPattern> {
        pattern_of(&self.folded)
    }

    /// The pattern like [`Self::index_pattern`], but of the text as it was sent: for accounts that have no [`search_text`] yet.
    #[must_use]
    pub fn pattern_as_sent(&self) -> Option<IndexPattern> {
        pattern_of(&self.sent)
    }
}

/// The text of an account that the search reads: its folded address, a line break, and its folded name. No address contains a line
/// break.
#[must_use]
pub fn search_text(email: &str, full_name: Option<&str>) -> String {
    format!("{}\n{}", fold(email), fold(full_name.unwrap_or_default()))
}

fn pattern_of(text: &str) -> Option<IndexPattern> {
    let part = match text.split_once('@') {
        Some((local, _)) if has_trigram(local) => local,
        _ => text,
    };
    // The last characters are the rarest: addresses often share a first name and differ in a number at the end.
    let skipped = part.chars().count().saturating_sub(MAX_PART_CHARACTERS);
    let end: String = part.chars().skip(skipped).collect();
    let part = [end.as_str(), text].into_iter().find(|text| has_trigram(text))?;
    Some(IndexPattern { pattern: like_pattern(part), exact: part == text })
}

/// Returns true when a trigram index can find the text: the text contains a trigram of a word.
///
/// Postgres (pg_trgm) pads a word with two blanks before and one after it. The padding counts only when the text contains the
/// boundary of the word.
fn has_trigram(text: &str) -> bool {
    let words: Vec<usize> =
        text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count()).collect();
    words.iter().enumerate().any(|(index, length)| {
        let before = if index > 0 { 2 } else { 0 };
        let after = usize::from(index + 1 < words.len());
        *length > 0 && before + length + after >= 3
    })
}

/// A `LIKE` pattern for values that contain the text.
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
        if text.chars().count() > Self::MAX_CHARACTERS {
            Err(SearchError)
        } else {
            Ok(Self { sent: text.to_owned(), folded: fold(text) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Option<String> {
        text.parse::<Search>().unwrap().index_pattern().map(|found| found.pattern)
    }

    #[test]
    fn special_characters_match_themselves() {
        assert_eq!(pattern("ann").unwrap(), "%ann%");
        assert_eq!(pattern(r"500%_\x").unwrap(), r"%500\%\_\\x%");
    }

    #[test]
    fn the_pattern_has_the_rarest_part_of_the_text() {
        assert_eq!(pattern("ada.lovelace42@mail.example.com").unwrap(), "%ada.lovelace42%");
        assert_eq!(pattern("@example.com").unwrap(), "%@example.com%");
        assert_eq!(pattern("a@example.com").unwrap(), "%a@example.com%");
        assert_eq!(pattern("Augusta Ada King Lovelace").unwrap(), "%da king lovelace%");
        assert_eq!(pattern("lovelace................").unwrap(), "%lovelace................%");
    }

    #[test]
    fn a_pattern_for_the_whole_text_is_exact() {
        let exact = |text: &str| text.parse::<Search>().unwrap().index_pattern().unwrap().exact;
        assert!(exact("lovelace") && exact("@example.com"));
        assert!(!exact("ada@example.com") && !exact("Augusta Ada King Lovelace"));
    }

    #[test]
    fn there_is_no_pattern_without_enough_letters_or_digits() {
        for text in ["", "ab", "---", "%%%", "a.", "😀😀😀", "  "] {
            assert_eq!(pattern(text), None, "{text}");
        }
        for text in ["日本語", "abc", "99@", "@a", "a.b"] {
            assert!(pattern(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_text_is_folded_like_what_it_is_compared_with() {
        let found = |text: &str, email: &str, name: &str| {
            search_text(email, Some(name)).contains(text.parse::<Search>().unwrap().folded())
        };
        for text in ["JU\u{308}RGEN", "jürgen", "ΣΑΣ", "σας", "BÜCHER.EX"] {
            assert!(found(text, "jürgen@bücher.example", "Σας"), "{text}");
        }
        assert!(!found("strasse", "a@b.co", "Straße") && !found("xi", "a@b.co", "xİ"));
        assert_eq!(search_text("A@b.co", None), "a@b.co\n");
    }

    #[test]
    fn the_text_as_sent_has_a_pattern_of_its_own() {
        let search = "ΣΑΣ".parse::<Search>().unwrap();
        assert_eq!(search.index_pattern().unwrap().pattern, "%σασ%");
        assert_eq!(search.pattern_as_sent().unwrap().pattern, "%ΣΑΣ%");
    }

    #[test]
    fn the_longest_text_has_100_characters() {
        assert!("é".repeat(100).parse::<Search>().is_ok());
        assert_eq!("é".repeat(101).parse::<Search>(), Err(SearchError));
    }
}
