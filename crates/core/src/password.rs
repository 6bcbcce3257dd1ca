//! Passwords and the rules for choosing one.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::Email;

/// The most common passwords of at least eight characters, in order of code points.
static COMMON: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../data/common-passwords.txt").lines().collect());

/// A password as a person typed it; wiped from memory when it is dropped, and never shown.
///
/// Not normalised: it is compared as the octets that were sent.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Password(Zeroizing<String>);

/// A password that somebody chooses; the rules for that are judged by [`Self::choose`].
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct NewPassword(Password);

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than [`Password::MIN_CHARACTERS`] or longer than [`Password::MAX_CHARACTERS`].
    #[error("must be 8 to 128 characters long")]
    Length,
    /// On the list of the 3,000 most common passwords, however its letters are cased.
    #[error("must not be one of the most common passwords; choose one that is harder to guess")]
    Common,
    /// The same as the account's address.
    #[error("must not be the email address")]
    SameAsEmail,
}

impl NewPassword {
    /// The password, for an account with this address when it is known.
    ///
    /// # Errors
    /// See [`Password::check_choice`].
    pub fn choose(self, email: Option<&Email>) -> Result<Password, PasswordError> {
        self.0.check_choice(email).map(|()| self.0)
    }
}

impl Password {
    /// The shortest password that may be chosen, in Unicode scalar values (NIST SP 800-63B section 3.1.1.2).
    pub const MIN_CHARACTERS: usize = 8;
    /// The longest password that may be chosen, in Unicode scalar values.
    pub const MAX_CHARACTERS: usize = 128;

    /// What goes into the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether a new account with this address, when it is known, may use the password. There are no rules about which
    /// characters it must be made of (NIST SP 800-63B section 3.1.1.2).
    ///
    /// # Errors
    /// The first rule that the password breaks.
    pub fn check_choice(&self, email: Option<&Email>) -> Result<(), PasswordError> {
        let length = self.0.chars().count();
        if !(Self::MIN_CHARACTERS..=Self::MAX_CHARACTERS).contains(&length) {
            return Err(PasswordError::Length);
        }
        let folded = Zeroizing::new(self.0.to_lowercase());
        if COMMON.binary_search(&folded.as_str()).is_ok() {
            return Err(PasswordError::Common);
        }
        if email.is_some_and(|email| email.as_str().to_lowercase() == *folded.trim()) {
            return Err(PasswordError::SameAsEmail);
        }
        Ok(())
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
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

    fn choice(password: &str) -> Result<(), PasswordError> {
        Password::from(password.to_owned())
            .check_choice(Some(&Email::parse("Alice.Jones@Example.com").unwrap()))
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        assert_eq!(choice("sevench"), Err(PasswordError::Length));
        assert_eq!(choice("eight ch"), Ok(()));
        assert_eq!(choice(&"é".repeat(128)), Ok(()));
        assert_eq!(choice(&"é".repeat(129)), Err(PasswordError::Length));
    }

    #[test]
    fn there_are_no_composition_rules() {
        for good in ["lowercase only", "49301857264", "        x", "пароль без цифр"] {
            assert_eq!(choice(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_common_password_is_refused_however_it_is_cased() {
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
            assert_eq!(choice(bad), Err(PasswordError::Common), "{bad}");
        }
    }

    #[test]
    fn the_list_holds_3000_passwords_in_order_that_the_length_rule_lets_through() {
        assert_eq!(COMMON.len(), 3000);
        assert!(COMMON.is_sorted());
        assert!(
            COMMON.iter().all(|p| p.chars().count() >= Password::MIN_CHARACTERS && *p == p.to_lowercase())
        );
    }

    #[test]
    fn the_address_is_no_password() {
        assert_eq!(choice("alice.jones@example.COM"), Err(PasswordError::SameAsEmail));
        assert_eq!(choice("alice.jones@example.org"), Ok(()));
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Password::from("hunter2!".to_owned())), "Password(…)");
    }
}
