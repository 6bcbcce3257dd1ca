//! API keys: their names, the rights that they are limited to, and how their owners see them.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Array;
use utoipa::{PartialSchema, ToSchema};

use crate::schema::{inline_schema, nullable_list, string};
use crate::{ApiKeyId, Network, Slug, Timestamp};

/// An API key as its owner sees it. The key itself is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 9, "name": "nightly report", "permissions": ["accounts:read"], "addresses": ["10.0.0.0/8"],
    "expires_at": "2027-05-15T09:30:00.000000Z", "created_at": "2026-05-15T09:30:00.123456Z",
    "last_used_at": "2026-05-16T07:00:00.000000Z", "second_factor": false,
})))]
pub struct ApiKey {
    /// The id of the key.
    pub id: ApiKeyId,
    /// The purpose of the key, in the words of its owner.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The rights that the key is limited to; null for all that the account has at the moment of use.
    #[schema(schema_with = permissions)]
    pub permissions: Option<Vec<String>>,
    /// The addresses and networks from which the key may be used; null for all.
    #[schema(schema_with = addresses)]
    pub addresses: Option<Vec<String>>,
    /// The time from which the key is refused; null for never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// The time at which the key was made.
    pub created_at: Timestamp,
    /// The hour in which the key was last used; null if it was not.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// True if a second factor was proved in the session that made the key. Only then roles that require one count. A replica of the release
    /// before does not say it.
    #[serde(default)]
    #[schema(required)]
    pub second_factor: bool,
}

impl ApiKey {
    /// The most keys that an account may have.
    pub const MAX_PER_ACCOUNT: i32 = 100;
    /// The most rights that a key may be limited to, and the most networks.
    pub const MAX_ITEMS: usize = 100;
}

fn permissions() -> Array {
    nullable_list(RightName::schema(), ApiKey::MAX_ITEMS)
}

fn addresses() -> Array {
    nullable_list(Network::schema(), ApiKey::MAX_ITEMS)
}

/// The name of an API key: 1 to 100 characters (Unicode scalar values). White space around it is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiKeyName(String);

/// The text is not the name of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100 characters long")]
pub struct ApiKeyNameError;

inline_schema! {
    ApiKeyName => string("The purpose of the key. White space around it is ignored.", "nightly report")
        .min_length(Some(1))
        .max_length(Some(ApiKeyName::MAX_CHARACTERS))
        .pattern(Some(r"\S"))
}

impl ApiKeyName {
    /// The longest name, in characters.
    pub const MAX_CHARACTERS: usize = 100;

    /// The name, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ApiKeyName {
    type Error = ApiKeyNameError;

    fn try_from(text: String) -> Result<Self, ApiKeyNameError> {
        let name = text.trim();
        if (1..=Self::MAX_CHARACTERS).contains(&name.chars().count()) {
            Ok(Self(name.to_owned()))
        } else {
            Err(ApiKeyNameError)
        }
    }
}

impl From<ApiKeyName> for String {
    fn from(name: ApiKeyName) -> Self {
        name.0
    }
}

/// A right, written as `resource:action`. Both are [slugs](Slug).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RightName(String);

/// The text is not a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a resource and an action, such as accounts:read")]
pub struct RightNameError;

inline_schema! {
    RightName => string("A resource and an action.", "accounts:read")
        .pattern(Some("^[a-z][a-z0-9_-]{0,49}:[a-z][a-z0-9_-]{0,49}$"))
        .max_length(Some(2 * Slug::MAX_CHARACTERS + 1))
}

impl RightName {
    /// The right as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RightName {
    type Error = RightNameError;

    fn try_from(text: String) -> Result<Self, RightNameError> {
        let (resource, action) = text.split_once(':').ok_or(RightNameError)?;
        for part in [resource, action] {
            Slug::try_from(part.to_owned()).map_err(|_| RightNameError)?;
        }
        Ok(Self(text))
    }
}

impl From<RightName> for String {
    fn from(right: RightName) -> Self {
        right.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_has_at_most_100_characters() {
        let name = |text: &str| ApiKeyName::try_from(text.to_owned()).map(String::from);
        assert_eq!(name("  nightly réport\n").as_deref(), Ok("nightly réport"));
        assert_eq!(name(&"é".repeat(100)), Ok("é".repeat(100)));
        for wrong in ["", "  ", &"é".repeat(101)] {
            assert_eq!(name(wrong), Err(ApiKeyNameError), "{wrong:?}");
        }
    }

    #[test]
    fn a_right_is_a_resource_and_an_action() {
        let right = |text: &str| RightName::try_from(text.to_owned()).map(String::from);
        for good in ["accounts:read", "admin:all", "a:b", "x-1:y_2"] {
            assert_eq!(right(good).as_deref(), Ok(good));
        }
        for wrong in
            ["", "accounts", ":", "accounts:", ":read", "accounts:read:all", "Accounts:read", " a:b", "a:b "]
        {
            assert_eq!(right(wrong), Err(RightNameError), "{wrong:?}");
        }
    }
}
