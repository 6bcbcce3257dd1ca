//! The API's messages about broken fields, in the words of the catalogue. The API writes them in English only.

/// A message of the API, with `{}` in place of a number or a word, and the message of the catalogue, which gets that number or word as
/// its argument `$what`.
type Rule = (&'static str, &'static str);

/// Every message that one of our forms can cause.
const RULES: [Rule; 45] = [
    ("is required", "rule-required"),
    ("must not be null", "rule-required"),
    ("must be a string", "rule-text"),
    ("must be true or false", "rule-flag"),
    ("must not contain a NUL character", "rule-nul"),
    ("must be at most {} characters long", "rule-at-most"),
    ("must be 1 to {} characters long", "rule-up-to"),
    ("must be 8 to 128 characters long", "rule-password-length"),
    ("must be harder to guess; choose another", "rule-password-weak"),
    (
        "must not be one of the most common passwords; choose one that is harder to guess",
        "rule-password-common",
    ),
    ("must not be the email address", "rule-password-email"),
    ("must not be the current password", "rule-password-same"),
    ("must not contain the word {}, however it is spelled; choose another", "rule-password-word"),
    ("must be an email address, such as alice@example.com", "rule-email"),
    ("must be at most 254 octets long in UTF-8", "rule-email-long"),
    ("must have at most 64 octets in UTF-8 before the @", "rule-email-long"),
    ("must not be the current address", "rule-email-same"),
    ("must be an http or https URL, such as https://example.com/me", "rule-url"),
    ("must not contain a user name or a password", "rule-url-credentials"),
    (
        "must be an international telephone number of at most 50 characters, such as +44 20 7946 0958",
        "rule-phone",
    ),
    ("must be a date, such as 1990-05-15", "rule-date"),
    ("must be in the past", "rule-past"),
    ("must be 1900-01-01 or later", "rule-date-early"),
    ("must be light, dark or system", "rule-theme"),
    ("must be a language tag (BCP 47), such as en or pt-BR", "rule-language"),
    ("must be the IANA name of a time zone, such as Europe/Berlin", "rule-timezone"),
    ("must be at most 16 KiB together", "rule-preferences-large"),
    ("must be a time with its offset, such as 2026-05-15T09:30:00Z", "rule-date"),
    ("must be in the future", "rule-future"),
    ("must be before the year 10000", "rule-date"),
    ("must be a resource and an action, such as accounts:read", "rule-permission"),
    (
        "must be an address such as 192.0.2.7, or the first address of a network and its length such as 10.0.0.0/8",
        "rule-network",
    ),
    ("must hold at most {} items", "rule-items"),
    ("must hold 1 to {} items", "rule-items"),
    ("must be 1 to 50 of a-z, 0-9, _ and -, beginning with a letter", "rule-slug"),
    ("must be the six digits that the authenticator shows", "rule-code-digits"),
    ("must be the code that the authenticator shows now", "rule-code-now"),
    ("must be a recovery code: ten letters and digits, such as 7K3QX-0PV9M", "rule-recovery-code"),
    // Codes of the API that belong to a field, and our own rules.
    ("wrong_password", "rule-wrong-password"),
    ("invalid_credentials", "rule-factor"),
    ("email_taken", "rule-email-taken"),
    ("link", "rule-link"),
    ("confirmation", "rule-confirmation"),
    ("permissions", "rule-permissions"),
    ("scope", "rule-scope"),
];

/// The message of the catalogue for a message of the API, and the number or word in it. `None` for an unknown message.
pub(crate) fn words(message: &str) -> Option<(&'static str, Option<&str>)> {
    RULES.iter().find_map(|(pattern, key)| match pattern.split_once("{}") {
        None => (*pattern == message).then_some((*key, None)),
        Some((before, after)) => {
            let what = message.strip_prefix(before)?.strip_suffix(after)?;
            Some((*key, Some(what)))
        }
    })
}

#[cfg(test)]
mod tests {
    use users_web::Language;

    use super::*;
    use crate::texts::Catalogue;

    #[test]
    fn every_known_message_has_words_in_each_language() {
        let catalogue = Catalogue::read().unwrap();
        for (pattern, key) in RULES {
            let message = pattern.replace("{}", "Globex");
            let (found, what) = words(&message).unwrap();
            assert_eq!(found, key, "{message}");
            for language in [Language::English, Language::German] {
                let told = catalogue.find(language, key, &[("what", what.unwrap_or_default().into())]);
                let told = told.unwrap_or_else(|| panic!("expected a text {key}"));
                assert_eq!(told.contains("Globex"), what.is_some(), "{message}: {told}");
            }
        }
    }

    #[test]
    fn the_number_or_the_word_of_a_message_is_kept() {
        assert_eq!(words("must be at most 255 characters long"), Some(("rule-at-most", Some("255"))));
        assert_eq!(
            words("must not contain the word Globex, however it is spelled; choose another"),
            Some(("rule-password-word", Some("Globex")))
        );
    }

    #[test]
    fn a_message_that_is_not_known_has_no_words() {
        assert_eq!(words("must be odd"), None);
        assert_eq!(words("must be at most"), None);
    }
}
