//! Roles and permissions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fold::fold;
use crate::schema::{inline_schema, string};
use crate::{PermissionId, RoleId};

/// The right to an action on a resource, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 1, "name": "report:approve", "description": "Approve reports", "resource": "report", "action": "approve",
})))]
pub struct Permission {
    /// The id of the permission.
    pub id: PermissionId,
    /// As it was sent; unique regardless of case.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The purpose, for people.
    #[schema(required, max_length = 2000)]
    pub description: Option<String>,
    /// The kind of object, such as `user`.
    #[schema(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    pub resource: String,
    /// The operation on it, such as `read`; `all` stands for every operation.
    #[schema(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    pub action: String,
}

/// A set of permissions that are granted together, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 2, "name": "approver", "description": "Approves reports", "is_default": false,
    "requires_second_factor": false, "permissions": [{
        "id": 1, "name": "report:approve", "description": "Approve reports", "resource": "report", "action": "approve",
    }],
})))]
pub struct Role {
    /// The id of the role.
    pub id: RoleId,
    /// As it was sent; unique regardless of case.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// The purpose, for people.
    #[schema(required, max_length = 2000)]
    pub description: Option<String>,
    /// True when every new account gets the role.
    pub is_default: bool,
    /// True when the role counts only in a session in which a second factor was proved, and for an API key that was made in one. A replica of
    /// the release before does not say it.
    #[serde(default)]
    #[schema(required)]
    pub requires_second_factor: bool,
    /// Sorted by id.
    pub permissions: Vec<Permission>,
}

/// The name of a permission or a role: 1 to `MAX` characters (Unicode scalar values). White space around the name is removed, and the
/// rest is kept as it was sent. Names with the same [`Name::key`] are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name<const MAX: usize>(String);

inline_schema! {
    Name<MAX> where MAX => string("White space around it is ignored. Unique regardless of case.", "editor")
        .min_length(Some(1))
        .max_length(Some(MAX))
        .pattern(Some(r"\S"))
}

/// The name of a permission: at most 100 characters.
pub type PermissionName = Name<100>;

/// The name of a role: at most 50 characters.
pub type RoleName = Name<50>;

/// The text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {0} characters long")]
pub struct NameError(usize);

impl<const MAX: usize> Name<MAX> {
    /// The longest name, in characters.
    pub const MAX_CHARACTERS: usize = MAX;

    /// The name, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that makes the name unique: its form regardless of case and composition (see [`name_key`]).
    #[must_use]
    pub fn key(&self) -> String {
        name_key(&self.0)
    }
}

/// The form in which the names of roles and of permissions are compared: see [`fold`].
#[must_use]
pub fn name_key(name: &str) -> String {
    fold(name)
}

impl<const MAX: usize> TryFrom<String> for Name<MAX> {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        let name = text.trim();
        if (1..=MAX).contains(&name.chars().count()) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NameError(MAX))
        }
    }
}

impl<const MAX: usize> From<Name<MAX>> for String {
    fn from(name: Name<MAX>) -> Self {
        name.0
    }
}

/// The name of a resource or an action: `[a-z][a-z0-9_-]*`, at most 50 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

inline_schema! {
    Slug => string("The name of a resource or an action. The action `all` stands for every action.", "user")
        .pattern(Some("^[a-z][a-z0-9_-]*$"))
        .max_length(Some(Slug::MAX_CHARACTERS))
}

/// The text is not a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 50 of a-z, 0-9, _ and -, beginning with a letter")]
pub struct SlugError;

impl Slug {
    /// The longest slug, in characters.
    pub const MAX_CHARACTERS: usize = 50;

    /// The slug as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.len() <= Self::MAX_CHARACTERS
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && text.bytes().all(is_allowed)
        {
            Ok(Self(text))
        } else {
            Err(SlugError)
        }
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_limited_in_length() {
        let name = |text: &str| Name::<5>::try_from(text.to_owned()).map(String::from);
        assert_eq!(name("  Ünïtä\n"), Ok("Ünïtä".to_owned()));
        assert_eq!(name("a b"), Ok("a b".to_owned()));
        for bad in ["", "   ", "sixsix"] {
            assert_eq!(name(bad), Err(NameError(5)), "{bad:?}");
        }
        assert_eq!(NameError(100).to_string(), "must be 1 to 100 characters long");
    }

    #[test]
    fn spellings_of_one_name_have_one_key() {
        let key = |text: &str| RoleName::try_from(text.to_owned()).unwrap().key();
        assert_eq!(key(" Prüfer "), key("PRU\u{308}FER"));
        assert_eq!(key("ΣΑΣ"), key("σας"));
        assert_ne!(key("Maße"), key("Masse"));
    }

    #[test]
    fn a_slug_begins_with_a_letter() {
        for good in ["a", "user", "user-profile_2", &"a".repeat(50)] {
            assert!(Slug::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "User", "2fa", "-a", "_a", "a b", "a:b", "ü", "user\n", " user", &"a".repeat(51)] {
            assert_eq!(Slug::try_from(bad.to_owned()), Err(SlugError), "{bad:?}");
        }
    }
}
