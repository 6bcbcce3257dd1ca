//! Passwords and the rules for choosing one.

mod rules;
mod words;

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::fold::{is_nfc, push_nfc};
use crate::schema::{format, inline_schema, string};

pub use rules::{Candidate, Judge, PasswordError, PasswordRules};
pub use words::{DeniedWords, DeniedWordsError};

/// A password in NFC (NIST SP 800-63B-4 section 3.1.1.2): the same password has the same octets whatever keyboard typed it. It is wiped
/// from memory when it is dropped, and `Debug` hides it.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Password {
    normalised: Zeroizing<String>,
    /// The text as it was sent, if that differs.
    sent: Option<Zeroizing<String>>,
}

inline_schema! {
    Password => string("The password of the account. How its accents are composed does not matter.", "correct horse battery").format(format("password"))
}

/// A password that somebody chooses. [`PasswordRules::accept`] makes it a [`Password`] if it keeps the rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct NewPassword(Password);

inline_schema! {
    NewPassword => string(
        "Must not be the email address or one of the 475,794 most common passwords, and must not contain a word that the operator denies, \
         such as the name of the company. The operator may have replaced the list by another rule. Counted in NFC.",
        "correct horse battery",
    )
    .format(format("password"))
    .min_length(Some(Password::MIN_CHARACTERS))
    .max_length(Some(Password::MAX_CHARACTERS))
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

    /// The form in which lists of known passwords are compared: NFC, in lower case.
    #[must_use]
    pub fn folded(&self) -> Zeroizing<String> {
        Zeroizing::new(self.normalised.to_lowercase())
    }

    /// Returns true when the password is neither too short nor too long for a new one.
    #[must_use]
    pub fn has_valid_length(&self) -> bool {
        (Self::MIN_CHARACTERS..=Self::MAX_CHARACTERS).contains(&self.normalised.chars().count())
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

    #[test]
    fn the_octets_that_were_sent_are_kept_when_they_differ() {
        let password = |text: &str| Password::from(text.to_owned());
        assert_eq!(password("pe\u{301}ché").as_bytes(), "péché".as_bytes());
        assert_eq!(password("pe\u{301}ché").as_sent(), Some("pe\u{301}ché".as_bytes()));
        assert_eq!(password("péché").as_sent(), None);
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Password::from("hunter2!".to_owned())), "Password(…)");
    }
}
