//! Words that no password may contain.

use std::str::FromStr;
use std::sync::Arc;

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizerBorrowed;
use zeroize::Zeroizing;

/// The words of the variable `denied_words`, such as the names of a company and its products. A password must not contain them in any
/// spelling: case, accents and look-alikes do not matter, so `acme` is in `xX_ÀCM3_Xx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedWords(Arc<[Word]>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    written: String,
    plain: String,
}

/// A word is too short to be denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the variable denied_words must be a list of words with commas between them, each of at least 3 letters or digits: {0} is shorter"
)]
pub struct DeniedWordsError(String);

/// The shortest word, in characters of its plain spelling. Shorter ones are in too many good passwords.
const MIN_CHARACTERS: usize = 3;

/// Accents and other marks that a compatibility decomposition leaves behind its letter: the block Combining Diacritical Marks.
const MARKS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

impl DeniedWords {
    /// The first word that the text contains, as the operator wrote it.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let text = plain(text);
        self.0.iter().find(|word| text.contains(&word.plain)).map(|word| word.written.as_str())
    }

    /// The words as the operator wrote them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|word| word.written.as_str())
    }
}

impl Default for DeniedWords {
    /// No word.
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl FromStr for DeniedWords {
    type Err = DeniedWordsError;

    /// Reads words with commas between them. Spaces around a word do not count, and what is between two commas may be empty.
    fn from_str(text: &str) -> Result<Self, DeniedWordsError> {
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(Word::new)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Word {
    fn new(written: &str) -> Result<Self, DeniedWordsError> {
        let plain = plain(written).to_string();
        if plain.chars().count() < MIN_CHARACTERS {
            return Err(DeniedWordsError(written.to_owned()));
        }
        Ok(Self { written: written.to_owned(), plain })
    }
}

/// The plain spelling: compatibility decomposition (NFKD, Unicode Standard Annex 15) without accents, simple case folding, and one letter
/// for all that look like it. A fullwidth `Ａ`, an `á`, an `@` and a `4` are all `a`.
fn plain(text: &str) -> Zeroizing<String> {
    let mapper = CaseMapper::new();
    // A decomposition may be 18 times as long. A buffer that had to grow would leave copies of the password behind.
    let mut decomposed = Zeroizing::new(String::with_capacity(18 * text.len()));
    // A `String` takes every text.
    _ = DecomposingNormalizerBorrowed::new_nfkd().normalize_to(text, &mut *decomposed);
    let mut plain = Zeroizing::new(String::with_capacity(2 * decomposed.len()));
    let letters = decomposed.chars().filter(|character| !MARKS.contains(character));
    plain.extend(letters.flat_map(|character| letters_of(mapper.simple_fold(character))));
    plain
}

/// The letters that a character is read as: two for those that people write as two, otherwise its look-alike.
fn letters_of(character: char) -> impl Iterator<Item = char> {
    let (first, second) = match character {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        other => (look_alike(other), None),
    };
    std::iter::once(first).chain(second)
}

/// The letter that a character is read as. `l` and `i` are one letter, since `1` and `!` stand for both.
fn look_alike(character: char) -> char {
    match character {
        '0' | 'ø' => 'o',
        '1' | '!' | 'l' | 'ł' | 'ı' => 'i',
        '3' => 'e',
        'đ' | 'ð' => 'd',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(words: &'a DeniedWords, text: &str) -> Option<&'a str> {
        words.found_in(text)
    }

    #[test]
    fn a_word_is_found_anywhere_and_in_any_spelling() {
        let words: DeniedWords = "Acme, Silverline ,kestrel,Strauß,Łódź,ışık,smørrebrød".parse().unwrap();
        for (text, word) in [
            ("acme", "Acme"),
            ("my ACME password", "Acme"),
            ("xX@cm3Xx", "Acme"),
            ("4cm3-2026", "Acme"),
            ("Àćmé", "Acme"),
            ("a\u{301}cme", "Acme"),
            ("ＡＣＭＥ", "Acme"),
            ("51lv3rl!n3", "Silverline"),
            ("$ILVERL1NE", "Silverline"),
            ("siiveriine", "Silverline"),
            ("ke57rel", "kestrel"),
            ("K3$tr31", "kestrel"),
            ("STRAUSS-2026", "Strauß"),
            ("strau\u{1e9e}", "Strauß"),
            ("lodz forever", "Łódź"),
            ("IŞIK 2026", "ışık"),
            ("Smorrebrod", "smørrebrød"),
        ] {
            assert_eq!(found(&words, text), Some(word), "{text}");
        }
        for text in ["", "ac me", "a-c-m-e", "acm", "silver line", "castrel"] {
            assert_eq!(found(&words, text), None, "{text}");
        }
    }

    #[test]
    fn every_look_alike_stands_for_its_letter() {
        for (look_alike, letter) in [
            ("0", "o"),
            ("1", "l"),
            ("1", "i"),
            ("3", "e"),
            ("4", "a"),
            ("5", "s"),
            ("7", "t"),
            ("@", "a"),
            ("$", "s"),
            ("!", "i"),
        ] {
            let word = |it: &str| format!("x{it}y");
            let words: DeniedWords = word(letter).parse().unwrap();
            assert!(found(&words, &word(look_alike)).is_some(), "{look_alike} {letter}");
            let words: DeniedWords = word(look_alike).parse().unwrap();
            assert!(found(&words, &word(letter)).is_some(), "{letter} {look_alike}");
        }
    }

    #[test]
    fn words_of_other_scripts_are_compared_regardless_of_case() {
        let words: DeniedWords = "ромашка,Ήλιος".parse().unwrap();
        assert_eq!(found(&words, "моя РОМАШКА"), Some("ромашка"));
        assert_eq!(found(&words, "ΗΛΙΟΣ 2026"), Some("Ήλιος"));
        assert_eq!(found(&words, "ρομασκα"), None);
    }

    #[test]
    fn an_empty_list_denies_nothing() {
        for text in ["", " ", ",", " , ,"] {
            assert_eq!(text.parse(), Ok(DeniedWords::default()), "{text:?}");
        }
        assert_eq!(DeniedWords::default().found_in("whatever"), None);
    }

    #[test]
    fn words_are_trimmed_and_kept_as_they_were_written() {
        let words: DeniedWords = " Acme Corp ,,GmbH,".parse().unwrap();
        assert_eq!(words.iter().collect::<Vec<_>>(), ["Acme Corp", "GmbH"]);
        assert_eq!(found(&words, "acme corp."), Some("Acme Corp"));
    }

    #[test]
    fn a_short_word_is_refused_by_the_name_of_the_variable() {
        for (text, short) in
            [("ab", "ab"), ("acme,x", "x"), ("e\u{301}e\u{301}", "e\u{301}e\u{301}"), ("日本", "日本")]
        {
            let error = text.parse::<DeniedWords>().unwrap_err().to_string();
            assert!(error.starts_with("the variable denied_words must be"), "{error}");
            assert!(error.ends_with(&format!(": {short} is shorter")), "{error}");
        }
        assert!("abc".parse::<DeniedWords>().is_ok());
        assert!("ﬀi".parse::<DeniedWords>().is_ok(), "a ligature is two letters");
    }

    proptest! {
        #[test]
        fn a_password_that_contains_a_word_is_found(before in any::<String>(), after in any::<String>()) {
            let words: DeniedWords = "acme".parse().unwrap();
            prop_assert_eq!(words.found_in(&format!("{before}acme{after}")), Some("acme"));
        }
    }
}
