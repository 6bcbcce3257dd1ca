//! The ways in which a browser reaches an authenticator.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A way in which a browser reaches an authenticator, such as `usb`, `nfc`, `ble`, `hybrid` or `internal` (WebAuthn section 5.8.4). The
/// standard asks to keep values that are not known yet, so this is any short word. It is a hint: no signature covers it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Transport(String);

impl Transport {
    /// The most that a passkey keeps.
    pub const MAX: usize = 8;
    /// The most characters.
    const MAX_CHARACTERS: usize = 32;

    /// Reads a word that was stored. `None` unless it has 1 to 32 letters, digits and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_word = text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        ((1..=Self::MAX_CHARACTERS).contains(&text.len()) && is_word).then(|| Self(text.to_owned()))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words among the texts, sorted, each once, and at most [`Self::MAX`].
    pub(crate) fn words(texts: &[String]) -> Vec<Self> {
        let mut words: Vec<Self> = texts.iter().filter_map(|text| Self::parse(text)).collect();
        words.sort_unstable();
        words.dedup();
        words.truncate(Self::MAX);
        words
    }
}

impl PartialSchema for Transport {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(Self::MAX_CHARACTERS))
            .pattern(Some("^[a-z0-9-]{1,32}$"))
            .into()
    }
}

impl ToSchema for Transport {
    fn name() -> Cow<'static, str> {
        "Transport".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_sorted_and_once_and_anything_else_is_dropped() {
        let texts = ["usb", "nfc", "usb", "later-one", "", "USB", "a b", &"x".repeat(33)].map(str::to_owned);
        let words = Transport::words(&texts);
        assert_eq!(words.iter().map(Transport::as_str).collect::<Vec<_>>(), ["later-one", "nfc", "usb"]);
        let many: Vec<String> = (0..20).map(|it| format!("t{it}")).collect();
        assert_eq!(Transport::words(&many).len(), Transport::MAX);
    }
}
