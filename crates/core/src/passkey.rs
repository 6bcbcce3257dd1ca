//! Passkeys: their names, and how their owners see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::{inline_schema, string, transports};
use crate::{PasskeyId, Timestamp};

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 9, "name": "phone", "created_at": "2026-05-15T09:30:00.123456Z", "last_used_at": "2026-05-16T07:05:00.654321Z",
    "backed_up": true, "transports": ["hybrid", "internal"],
})))]
pub struct Passkey {
    /// The id of the passkey.
    pub id: PasskeyId,
    /// The name of the passkey, in the words of its owner.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The time at which the passkey was registered.
    pub created_at: Timestamp,
    /// The last use; null if it was not used since its registration.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// True if the passkey was copied to other devices of its owner, such as by a password manager, at the last use.
    pub backed_up: bool,
    /// The ways in which a browser may reach the authenticator, such as `usb`, `nfc`, `ble`, `hybrid` and `internal`.
    #[schema(schema_with = transports)]
    pub transports: Vec<String>,
}

impl Passkey {
    /// The most passkeys that an account may have.
    pub const MAX_PER_ACCOUNT: i32 = 20;
}

/// The name of a passkey: 1 to 100 characters (Unicode scalar values). White space around it is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PasskeyName(String);

/// The text is not the name of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100 characters long")]
pub struct PasskeyNameError;

inline_schema! {
    PasskeyName => string("The name of the passkey. White space around it is ignored.", "phone")
        .min_length(Some(1))
        .max_length(Some(PasskeyName::MAX_CHARACTERS))
        .pattern(Some(r"\S"))
}

impl PasskeyName {
    /// The longest name, in characters.
    pub const MAX_CHARACTERS: usize = 100;

    /// The name, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PasskeyName {
    type Error = PasskeyNameError;

    fn try_from(text: String) -> Result<Self, PasskeyNameError> {
        let name = text.trim();
        if (1..=Self::MAX_CHARACTERS).contains(&name.chars().count()) {
            Ok(Self(name.to_owned()))
        } else {
            Err(PasskeyNameError)
        }
    }
}

impl From<PasskeyName> for String {
    fn from(name: PasskeyName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_has_at_most_100_characters() {
        let name = |text: &str| PasskeyName::try_from(text.to_owned()).map(String::from);
        assert_eq!(name("  Ada’s phone\n").as_deref(), Ok("Ada’s phone"));
        assert_eq!(name(&"é".repeat(100)), Ok("é".repeat(100)));
        for wrong in ["", "  ", &"é".repeat(101)] {
            assert_eq!(name(wrong), Err(PasskeyNameError), "{wrong:?}");
        }
    }
}
