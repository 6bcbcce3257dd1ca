//! Passwords and the rules for choosing one.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::Email;
use crate::fold::{is_nfc, nfc, push_nfc};
use crate::schema::{format, inline_schema, string};

/// The most common passwords of at least eight characters, sorted by code points.
static COMMON: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../data/common-passwords.txt").lines().collect());

/// A password in NFC (NIST SP 800-63B-4 section 3.1.1.2): the same password has the same octets whatever keyboard typed it. It is wiped
/// from memory when it is dropped, and `Debug` hides it.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Password {
    normalised: Zeroizing<String>,
    /// Set when it differs.
    sent: Option<Zeroizing<String>>,
}

inline_schema! {
    Password => string("The password of the account. How its accents are composed does not matter.", "correct horse battery").format(format("password"))
}

/// A password for a new account. [`Self::validate`] checks the rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct NewPassword(Password);

inline_schema! {
    NewPassword => string("Must not be one of the 3,000 most common passwords or the email address. Counted in NFC.", "correct horse battery")
        .format(format("password"))
        .min_length(Some(Password::MIN_CHARACTERS))
        .max_length(Some(Password::MAX_CHARACTERS))
}

/// The rule that a new password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The password is shorter than [`Password::MIN_CHARACTERS`] or longer than [`Password::MAX_CHARACTERS`].
    #[error("must be 8 to 128 characters long")]
    Length,
    /// The password is one of the 3,000 most common ones, regardless of case.
    #[error("must not be one of the most common passwords; choose one that is harder to guess")]
    Common,
    /// The password is the account's email address.
    #[error("must not be the email address")]
    SameAsEmail,
}

impl NewPassword {
    /// Returns the password if it may protect an account with this address. `None` skips the comparison with the address.
    ///
    /// # Errors
    /// See [`Password::validate`].
    pub fn validate(self, email: Option<&Email>) -> Result<Password, PasswordError> {
        self.0.validate(email).map(|()| self.0)
    }
}

impl Password {
    /// The shortest new password, in Unicode scalar values of its NFC (NIST SP 800-63B section 3.1.1.2).
    pub const MIN_CHARACTERS: usize = 8;
    /// The longest new password, in Unicode scalar values of its NFC.
    pub const MAX_CHARACTERS: usize = 128;

    /// The input of the password hash: the octets of the text in NFC.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.normalised.as_bytes()
    }

    /// The octets that were sent, unless they are those of [`Self::as_bytes`]. Earlier releases hashed them.
    #[must_use]
    pub fn as_sent(&self) -> Option<&[u8]> {
        self.sent.as_ref().map(|sent| sent.as_bytes())
    }

    /// Checks the rules for the password of a new account with this address. `None` skips the comparison with the address.
    /// No rule requires certain kinds of characters (NIST SP 800-63B section 3.1.1.2).
    ///
    /// # Errors
    /// The first rule that the password breaks.
    pub fn validate(&self, email: Option<&Email>) -> Result<(), PasswordError> {
        let length = self.normalised.chars().count();
        if !(Self::MIN_CHARACTERS..=Self::MAX_CHARACTERS).contains(&length) {
            return Err(PasswordError::Length);
        }
        let folded = Zeroizing::new(self.normalised.to_lowercase());
        if COMMON.binary_search(&folded.as_str()).is_ok() {
            return Err(PasswordError::Common);
        }
        if email.is_some_and(|email| nfc(email.as_str()).to_lowercase() == *folded.trim()) {
            return Err(PasswordError::SameAsEmail);
        }
        Ok(())
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        let sent = Zeroizing::new(text);
        if is_nfc(&sent) {
            return Self { normalised: sent, sent: None };
        }
        // NFC has at most three times as many octets (Unicode Standard Annex 15, section 9). A buffer that had to grow would leave
        // copies of the password behind.
        let mut normalised = Zeroizing::new(String::with_capacity(3 * sent.len()));
        push_nfc(&sent, &mut normalised);
        Self { normalised, sent: Some(sent) }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordError> {
        Password::from(password.to_owned()).validate(Some(&Email::parse("Alice.Jones@Example.com").unwrap()))
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
        assert_eq!(decomposed.validate(Some(&umlaut)), Err(PasswordError::SameAsEmail));
    }

    #[test]
    fn the_octets_that_were_sent_are_kept_when_they_differ() {
        let password = |text: &str| Password::from(text.to_owned());
        assert_eq!(password("pe\u{301}ché").as_bytes(), "péché".as_bytes());
        assert_eq!(password("pe\u{301}ché").as_sent(), Some("pe\u{301}ché".as_bytes()));
        assert_eq!(password("péché").as_sent(), None);
    }

    #[test]
    fn there_are_no_composition_rules() {
        for good in ["lowercase only", "49301857264", "        x", "пароль без цифр"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_common_password_is_refused_regardless_of_case() {
        for bad in [
            "password",
            "PassWord",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "password123",
            "Football",
            "00000000",
            "aaaaaaaa",
            "0123456789",
            "abcdefgh",
        ] {
            assert_eq!(check(bad), Err(PasswordError::Common), "{bad}");
        }
    }

    #[test]
    fn the_list_has_3000_sorted_lower_case_passwords_of_valid_length() {
        assert_eq!(COMMON.len(), 3000);
        assert!(COMMON.is_sorted());
        assert!(
            COMMON.iter().all(|p| p.chars().count() >= Password::MIN_CHARACTERS && *p == p.to_lowercase())
        );
    }

    #[test]
    fn the_email_address_is_refused_as_a_password() {
        assert_eq!(check("alice.jones@example.COM"), Err(PasswordError::SameAsEmail));
        assert_eq!(check("alice.jones@example.org"), Ok(()));
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Password::from("hunter2!".to_owned())), "Password(…)");
    }
}
