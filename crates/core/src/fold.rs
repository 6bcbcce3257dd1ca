//! Comparing texts regardless of case and of the way in which Unicode spells them.
//!
//! The result depends on Unicode's tables alone. Postgres's `lower()` depends on the locale of the database, which differs from
//! one installation to the next.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;

/// The text in Normalization Form C (Unicode Standard Annex 15): `e` with a combining acute accent becomes `é`.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Returns true when NFC leaves the text as it is.
pub(crate) fn is_nfc(text: &str) -> bool {
    ComposingNormalizerBorrowed::new_nfc().is_normalized(text)
}

/// Appends the text in NFC.
pub(crate) fn push_nfc(text: &str, output: &mut String) {
    // Writing to a `String` cannot fail.
    _ = ComposingNormalizerBorrowed::new_nfc().normalize_to(text, output);
}

/// The text in the form in which texts are compared: in NFC, with Unicode's simple case folding (Unicode Standard section 3.13.3,
/// `CaseFolding.txt` status C and S). Two texts that differ only in case or in composition have the same form.
///
/// The simple folding maps one character to one character: `ß` does not become `ss`, and `İ` does not become `i`. The forms of one
/// letter, such as `ς`, `σ` and `Σ`, become equal.
#[must_use]
pub fn fold(text: &str) -> String {
    let mapper = CaseMapper::new();
    let folded: String = nfc(text).chars().map(|character| mapper.simple_fold(character)).collect();
    // A small letter may have a composed form that its capital letter lacks, such as `h` with a line below.
    match nfc(&folded) {
        Cow::Borrowed(_) => folded,
        Cow::Owned(composed) => composed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_that_differ_in_case_are_equal_in_every_script() {
        for (one, other) in [
            ("alice", "ALICE"),
            ("jürgen", "JÜRGEN"),
            ("σας", "ΣΑΣ"),
            ("ёлкина", "ЁЛКИНА"),
            ("straße", "STRAẞE"),
            ("ǆ", "ǅ"),
            ("ꭰ", "Ꭰ"),
            ("𐐨", "𐐀"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn a_letter_and_its_accent_are_equal_to_the_composed_letter() {
        for (one, other) in [
            ("jürgen", "ju\u{308}rgen"),
            ("JU\u{308}RGEN", "jürgen"),
            ("H\u{331}", "\u{1e96}"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("\u{212b}", "å"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn different_letters_stay_different() {
        for (one, other) in [
            ("straße", "strasse"),
            ("xİ", "xi"),
            ("xı", "xi"),
            ("jürgen", "jurgen"),
            ("ﬁ", "fi"),
            ("ａ", "a"),
            ("а", "a"),
        ] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn ascii_is_folded_as_in_lower_case() {
        let all: String = (0..128_u8).map(char::from).collect();
        assert_eq!(fold(&all), all.to_ascii_lowercase());
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_the_form(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn nfc_and_the_text_have_the_same_form(text in "[a-zA-Zà-öÀ-Öα-ωΑ-Ω\u{300}-\u{345}]{0,12}") {
            prop_assert_eq!(fold(&nfc(&text)), fold(&text));
        }
    }
}
