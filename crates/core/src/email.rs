//! Email addresses.

mod domain;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fold::fold;
use crate::schema::{format, inline_schema, string};

/// An email address in any script (RFC 5321 section 4.1.2, RFC 6531 section 3.3 and IDNA2008), kept as it was sent.
///
/// At most 254 octets in UTF-8 (RFC 5321 section 4.5.3.1.3), 64 of them before the `@`. The domain has at least two labels. Quoted
/// names, comments and address literals such as `user@[192.0.2.1]` are refused. Two addresses with the same [`EmailKey`] belong to
/// the same account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

inline_schema! {
    Email => string(
            "An email address of any script (RFC 6531): at most 254 octets in UTF-8, 64 of them before the `@`. White space around \
             it is ignored, and so is case.",
            "alice@example.com",
        )
        .format(format("idn-email"))
        .min_length(Some(Email::MIN_OCTETS))
        .max_length(Some(Email::MAX_OCTETS))
}

/// The reason why a text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`Email::MAX_OCTETS`].
    #[error("must be at most 254 octets long in UTF-8")]
    TooLong,
    /// The part before the `@` is longer than [`Email::MAX_LOCAL_OCTETS`].
    #[error("must have at most 64 octets in UTF-8 before the @")]
    LocalPartTooLong,
    /// The text does not have the form of an address.
    #[error("must be an email address, such as alice@example.com")]
    Malformed,
}

impl Email {
    /// The longest address, in octets: RFC 5321 section 4.5.3.1.3 without the two angle brackets.
    pub const MAX_OCTETS: usize = 254;
    /// The longest part before the `@`, in octets: RFC 5321 section 4.5.3.1.1.
    pub const MAX_LOCAL_OCTETS: usize = 64;

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
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if !is_dot_string(local) || domain::to_ascii(domain).is_none() {
            return Err(EmailError::Malformed);
        }
        if local.len() > Self::MAX_LOCAL_OCTETS {
            return Err(EmailError::LocalPartTooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that makes the address unique.
    #[must_use]
    pub fn key(&self) -> EmailKey {
        EmailKey::of(&self.0)
    }
}

/// The form in which addresses are compared: the part before the `@` in NFC and with Unicode's simple case folding, the domain as
/// A-labels in lower case. An account has the key of its address in a separate column, so that no locale of a database decides
/// which addresses are the same.
///
/// RFC 5321 section 2.4 lets the receiving host decide whether case before the `@` matters. For no known provider does it matter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailKey(String);

impl EmailKey {
    /// The key of any text: of a stored address, or of the input of a login. A domain that cannot exist is folded like the rest,
    /// because earlier releases accepted some invalid domains.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        // The conversion of a domain takes quadratic time, so longer texts skip it. No release ever accepted a longer address.
        let is_short = text.len() <= 4 * Email::MAX_OCTETS;
        let key = text.rsplit_once('@').filter(|_| is_short).and_then(|(local, domain)| {
            let domain = domain::to_ascii(domain)?;
            Some(format!("{}@{domain}", fold(local)))
        });
        Self(key.unwrap_or_else(|| fold(text)))
    }

    /// The text for the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hides the address.
impl fmt::Debug for EmailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailKey(…)")
    }
}

/// Returns true for a `Dot-string` of RFC 5321 section 4.1.2. RFC 6531 section 3.3 adds all characters beyond ASCII. Control
/// characters and white space are refused nevertheless: they are invisible, and could break the line that shows the address.
fn is_dot_string(local: &str) -> bool {
    let is_allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || !(c.is_ascii() || c.is_control() || c.is_whitespace())
    };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_allowed))
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
            "उत्तम@test.com",
            "ਪ੍ਰੀਤ@उदाहरण.com",
            "\u{1112}\u{1161}\u{11ab}@example.com",
            "!#$%&'*+-/=?^_`{|}~@example.com",
            "a@xn--bcher-kva.example",
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
            "a..b@c.de",
            "a@exam_ple.com",
            "a@exam`ple.com",
            "a@exam/ple.com",
            "a!@b!.com",
            "a@ｅｘａｍｐｌｅ.com",
            "a@xn--a.com",
            "a@example.com\u{85}b.co",
            "a\u{85}b@example.com",
            "a\u{a0}b@example.com",
            "a\u{2028}b@example.com",
            "a(b)@example.com",
            "a\\b@example.com",
            "a@b@c.de",
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
    fn the_part_before_the_at_sign_has_at_most_64_octets() {
        for longest in ["a".repeat(64), "ü".repeat(32)] {
            assert!(Email::parse(&format!("{longest}@example.com")).is_ok(), "{longest}");
            assert_eq!(
                Email::parse(&format!("{longest}a@example.com")),
                Err(EmailError::LocalPartTooLong),
                "{longest}"
            );
        }
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for (one, other) in [
            ("Alice@Example.com", "alice@example.COM"),
            ("σας@example.com", "ΣΑΣ@example.com"),
            ("jürgen@example.com", "JU\u{308}RGEN@example.com"),
            ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
            ("a@bu\u{308}cher.example", "a@bücher.example"),
        ] {
            let [one, other] = [one, other].map(|text| Email::parse(text).unwrap().key());
            assert_eq!(one.as_str(), other.as_str());
        }
    }

    #[test]
    fn different_addresses_have_different_keys() {
        for (one, other) in [
            ("xİ@example.com", "xi@example.com"),
            ("straße@example.com", "strasse@example.com"),
            ("a@faß.de", "a@fass.de"),
            ("a.b@example.com", "ab@example.com"),
            ("a+b@example.com", "a@example.com"),
        ] {
            assert_ne!(EmailKey::of(one), EmailKey::of(other), "{one} {other}");
        }
    }

    #[test]
    fn an_address_of_an_earlier_release_has_a_key() {
        for (stored, key) in [
            (" A@Exam_ple.com ", "a@exam_ple.com"),
            ("A@ＥXAMPLE.com", "a@ｅxample.com"),
            ("\"A B\"@c.de", "\"a b\"@c.de"),
            ("No Address", "no address"),
        ] {
            assert_eq!(EmailKey::of(stored).as_str(), key);
        }
    }

    #[test]
    fn an_address_does_not_show_in_debug_output() {
        let email = Email::parse("a@b.co").unwrap();
        assert_eq!(format!("{email:?} {:?}", email.key()), "Email(…) EmailKey(…)");
    }

    #[test]
    fn the_schema_says_any_script_and_octets() {
        let schema = serde_json::to_value(<Email as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!((&schema["format"], &schema["maxLength"]), (&"idn-email".into(), &254.into()));
        assert!(schema["description"].as_str().unwrap().contains("254 octets"), "{schema}");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_an_accepted_address_is_accepted_again(text in any::<String>()) {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
            }
            let _ = EmailKey::of(&text);
        }
    }
}
