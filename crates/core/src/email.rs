//! Email addresses.

use std::fmt;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};

use crate::schema::{format, inline_schema, string};

/// An email address (RFC 5321 section 4.1.2, with RFC 6531 for other scripts), kept as it was sent.
///
/// At most 254 octets (RFC 5321 section 4.5.3.1.3). The domain has at least two labels. Quoted names, comments and
/// address literals such as `user@[192.0.2.1]` are refused. Two addresses that differ only in case belong to the same
/// account: the database compares them with `lower()`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

inline_schema! {
    Email => string("An email address. White space around it is ignored, and so is case.", "alice@example.com")
        .format(format("email"))
        .min_length(Some(Email::MIN_OCTETS))
        .max_length(Some(Email::MAX_OCTETS))
}

/// The reason why a text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`Email::MAX_OCTETS`].
    #[error("must be at most 254 characters long")]
    TooLong,
    /// The text does not have the form of an address.
    #[error("must be an email address, such as alice@example.com")]
    Malformed,
}

impl Email {
    /// The longest address: RFC 5321 section 4.5.3.1.3 without the two angle brackets.
    pub const MAX_OCTETS: usize = 254;

    /// The shortest address, such as `a@b.c`.
    const MIN_OCTETS: usize = 5;

    /// Parses an address without the white space around it.
    ///
    /// # Errors
    /// [`EmailError`] when the text is too long or is not an address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > Self::MAX_OCTETS {
            return Err(EmailError::TooLong);
        }
        let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
        let address = EmailAddress::parse_with_options(text, options).map_err(|_| EmailError::Malformed)?;
        let readable = !text.contains('"') && !text.chars().any(|c| c.is_control() || c.is_whitespace());
        if readable && has_top_level_name(address.domain()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailError::Malformed)
        }
    }

    /// The address as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses `user@127.0.0.1`: a top-level domain is never a number (RFC 3696 section 2).
fn has_top_level_name(domain: &str) -> bool {
    domain.rsplit('.').next().is_some_and(|label| label.chars().any(|c| !c.is_ascii_digit()))
}

/// Hides the address: it is personal data, which must not appear in logs.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_trimmed_and_otherwise_kept() {
        assert_eq!(Email::parse("  Alice@Example.com\n").unwrap().as_str(), "Alice@Example.com");
        for good in [
            "a@b.co",
            "first.last+tag@sub.example.org",
            "ünï@exämple.de",
            "用户@例子.公司",
            "o'neil@example.ie",
        ] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn a_malformed_address_is_refused() {
        for bad in [
            "",
            " ",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a@b c.de",
            "a@@b.co",
            "a@b.co,c@d.ef",
            "<a@b.co>",
            "Alice <a@b.co>",
            "\"a b\"@c.de",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            ".a@b.co",
            "a.@b.co",
            "a@.b.co",
            "a@b.co.",
            "a@-b.co",
            "a@b\0.co",
            "a\r\n@b.co",
            "a@b..co",
        ] {
            assert_eq!(Email::parse(bad), Err(EmailError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn the_longest_address_has_254_octets() {
        let domain = format!("{}.{}.{}.co", "d".repeat(61), "d".repeat(62), "d".repeat(61));
        let longest = format!("{}@{domain}", "a".repeat(254 - 1 - domain.len()));
        assert_eq!(longest.len(), 254);
        assert!(Email::parse(&longest).is_ok());
        assert_eq!(Email::parse(&format!("a{longest}")), Err(EmailError::TooLong));
    }

    #[test]
    fn an_address_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Email::parse("a@b.co").unwrap()), "Email(…)");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_an_accepted_address_is_accepted_again(text in any::<String>()) {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
            }
        }
    }
}
