//! The rules for new passwords, in the one place that the service and `usersctl` share.

use std::fmt;

use zeroize::Zeroizing;

use super::{DeniedWords, NewPassword, Password};
use crate::Email;
use crate::fold::nfc;

/// The facts that a [`Judge`] may know.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// The password in NFC, of a valid length.
    pub password: &'a str,
    /// The password as [`Password::folded`] returns it.
    pub folded: &'a str,
    /// The account's address, where it is known.
    pub email: Option<&'a str>,
    /// The full name of the account's owner, where it is known.
    pub full_name: Option<&'a str>,
    /// The operator's words. The password contains none of them.
    pub denied_words: &'a DeniedWords,
}

/// Shows no password.
impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Candidate(…)")
    }
}

/// The rule that an operator may replace.
///
/// # Errors
/// The reason, as the end of a sentence that begins with the password; an empty one stands for the usual reason.
pub type Judge = fn(&Candidate<'_>) -> Result<(), String>;

/// The rule that a new password breaks. Its text is the end of a sentence that begins with the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The password is shorter than [`Password::MIN_CHARACTERS`] or longer than [`Password::MAX_CHARACTERS`].
    #[error("must be 8 to 128 characters long")]
    Length,
    /// The password is the account's email address.
    #[error("must not be the email address")]
    SameAsEmail,
    /// The password contains this word of the operator's.
    #[error("must not contain the word {0}, however it is spelled; choose another")]
    DeniedWord(String),
    /// The [`Judge`] refuses the password for this reason.
    #[error("{0}")]
    Refused(String),
}

/// The maximum length of a judge's reason in an answer, in characters.
const MAX_REASON_CHARACTERS: usize = 500;
/// The reason when a [`Judge`] gives none.
const USUAL_REASON: &str = "must be harder to guess; choose another";

/// The rules for new passwords. Length, address and the operator's words count whatever judge the operator chooses. No rule requires
/// certain kinds of characters (NIST SP 800-63B-4 section 3.1.1.2).
#[derive(Debug, Clone)]
pub struct PasswordRules {
    words: DeniedWords,
    judge: Judge,
}

impl PasswordRules {
    /// The rules with these words and this judge.
    #[must_use]
    pub fn new(words: DeniedWords, judge: Judge) -> Self {
        Self { words, judge }
    }

    /// Returns the password if it may protect an account with this address and this owner. `None` stands for one that is not known.
    ///
    /// # Errors
    /// See [`Self::check`].
    pub fn accept(
        &self,
        password: NewPassword,
        email: Option<&Email>,
        full_name: Option<&str>,
    ) -> Result<Password, PasswordError> {
        let NewPassword(password) = password;
        self.check(&password, email, full_name).map(|()| password)
    }

    /// Checks the rules for an account with this address and this owner. `None` stands for one that is not known.
    ///
    /// # Errors
    /// The first rule that the password breaks.
    pub fn check(
        &self,
        password: &Password,
        email: Option<&Email>,
        full_name: Option<&str>,
    ) -> Result<(), PasswordError> {
        if !password.has_valid_length() {
            return Err(PasswordError::Length);
        }
        let folded: Zeroizing<String> = password.folded();
        if email.is_some_and(|email| nfc(email.as_str()).to_lowercase() == *folded.trim()) {
            return Err(PasswordError::SameAsEmail);
        }
        if let Some(word) = self.words.found_in(&password.normalised) {
            return Err(PasswordError::DeniedWord(word.to_owned()));
        }
        let candidate = Candidate {
            password: &password.normalised,
            folded: &folded,
            email: email.map(Email::as_str),
            full_name,
            denied_words: &self.words,
        };
        (self.judge)(&candidate).map_err(|reason| {
            let reason: String = reason.chars().take(MAX_REASON_CHARACTERS).collect();
            PasswordError::Refused(if reason.is_empty() { USUAL_REASON.to_owned() } else { reason })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refuses whatever begins with `common`, and whatever is the full name.
    fn judge(candidate: &Candidate<'_>) -> Result<(), String> {
        if candidate.folded.starts_with("common") {
            Err("must not be common".to_owned())
        } else if candidate.folded.starts_with("verbose") {
            Err("é".repeat(501))
        } else if candidate.full_name == Some(candidate.password) {
            Err(String::new())
        } else {
            Ok(())
        }
    }

    fn check_with(words: &str, password: &str) -> Result<(), PasswordError> {
        let email = Email::parse("Alice.Jones@Example.com").unwrap();
        let rules = PasswordRules::new(words.parse().unwrap(), judge);
        rules.check(&Password::from(password.to_owned()), Some(&email), Some("Alice Jones"))
    }

    fn check(password: &str) -> Result<(), PasswordError> {
        check_with("", password)
    }

    #[test]
    fn a_long_reason_is_cut_to_500_characters() {
        assert_eq!(check("verbose answer"), Err(PasswordError::Refused("é".repeat(500))));
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        assert_eq!(check("sevench"), Err(PasswordError::Length));
        assert_eq!(check("eight ch"), Ok(()));
        assert_eq!(check(&"é".repeat(128)), Ok(()));
        assert_eq!(check(&"é".repeat(129)), Err(PasswordError::Length));
    }

    #[test]
    fn a_password_is_judged_in_nfc() {
        assert_eq!(check(&"e\u{301}".repeat(7)), Err(PasswordError::Length));
        assert_eq!(check(&"e\u{301}".repeat(128)), Ok(()));
        assert_eq!(check(&"e\u{301}".repeat(129)), Err(PasswordError::Length));
        let umlaut = Email::parse("jürgen@example.com").unwrap();
        let decomposed = Password::from("JU\u{308}RGEN@example.com".to_owned());
        let rules = PasswordRules::new(DeniedWords::default(), judge);
        assert_eq!(rules.check(&decomposed, Some(&umlaut), None), Err(PasswordError::SameAsEmail));
    }

    #[test]
    fn there_are_no_composition_rules() {
        for good in ["lowercase only", "49301857264", "        x", "пароль без цифр"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_email_address_is_refused_as_a_password() {
        assert_eq!(check("alice.jones@example.COM"), Err(PasswordError::SameAsEmail));
        assert_eq!(check(" Alice.Jones@example.com "), Err(PasswordError::SameAsEmail));
        assert_eq!(check("alice.jones@example.org"), Ok(()));
    }

    #[test]
    fn the_judge_gives_the_reason_or_leaves_it_to_the_usual_one() {
        assert_eq!(check("COMMON password"), Err(PasswordError::Refused("must not be common".to_owned())));
        assert_eq!(check("Alice Jones"), Err(PasswordError::Refused(USUAL_REASON.to_owned())));
    }

    #[test]
    fn the_other_rules_count_whatever_the_judge_says() {
        let allows_all = PasswordRules::new("acme".parse().unwrap(), |_| Ok(()));
        let email = Email::parse("alice@example.com").unwrap();
        let check =
            |text: &str| allows_all.check(&Password::from(text.to_owned()), Some(&email), None).unwrap_err();
        assert_eq!(check("short"), PasswordError::Length);
        assert_eq!(check("alice@example.com"), PasswordError::SameAsEmail);
        assert_eq!(check("i work at ACME"), PasswordError::DeniedWord("acme".to_owned()));
    }

    #[test]
    fn a_denied_word_is_named_as_the_operator_wrote_it() {
        let error = check_with("Acme, Globex", "my-gl0bex-login").unwrap_err();
        assert_eq!(
            error.to_string(),
            "must not contain the word Globex, however it is spelled; choose another"
        );
        assert_eq!(check_with("Acme, Globex", "my global login"), Ok(()));
    }
}
