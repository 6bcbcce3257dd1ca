//! Accounts in the API.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::schema::inline_schema;
use crate::{Timestamp, UserId};

/// An account without its secrets: it has no field for the password hash, so no answer can contain one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "Stored")]
#[schema(examples(json!({
    "id": 1, "email": "ada@example.com", "full_name": "Ada Lovelace", "is_active": true, "is_admin": false,
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z", "email_verified": true,
    "kind": "person",
})))]
pub struct User {
    /// The id of the account.
    pub id: UserId,
    /// As it was sent at registration. Null for a service account, and for no other.
    #[schema(required, max_length = 254)]
    pub email: Option<String>,
    /// At most 255 characters.
    #[schema(required, max_length = 255)]
    pub full_name: Option<String>,
    /// False when the account has been deactivated: nobody can log in to it, and its API keys are refused.
    pub is_active: bool,
    /// True for an administrator, who has every right.
    pub is_admin: bool,
    /// The time of the registration.
    pub created_at: Timestamp,
    /// The time of the last change of the account.
    pub updated_at: Timestamp,
    /// True when a link that was sent to the address has been used.
    pub email_verified: bool,
    /// The kind of its owner.
    pub kind: AccountKind,
}

/// The kind of owner of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum AccountKind {
    /// A person, who has an email address and logs in.
    #[default]
    Person,
    /// A program. Its account has no address and no password, so nobody logs in to it. It has API keys.
    Service,
}

/// The text is not a kind of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be person or service")]
pub struct AccountKindError;

inline_schema! {
    AccountKind => ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(AccountKind::ALL.map(AccountKind::as_str)))
        .description(Some("`person` for somebody who logs in, `service` for a program that uses API keys."))
}

impl AccountKind {
    const ALL: [Self; 2] = [Self::Person, Self::Service];

    /// The name in the API and in the column `users.kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }
}

impl FromStr for AccountKind {
    type Err = AccountKindError;

    fn from_str(text: &str) -> Result<Self, AccountKindError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(AccountKindError)
    }
}

impl TryFrom<String> for AccountKind {
    type Error = AccountKindError;

    fn try_from(text: String) -> Result<Self, AccountKindError> {
        text.parse()
    }
}

impl From<AccountKind> for &'static str {
    fn from(kind: AccountKind) -> Self {
        kind.as_str()
    }
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account as the database shows it. A service account has a reserved text in the place of an address, because the release before reads
/// the same rows and expects one.
#[derive(Deserialize)]
struct Stored {
    id: UserId,
    email: Option<String>,
    full_name: Option<String>,
    is_active: bool,
    is_admin: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    email_verified: bool,
    kind: AccountKind,
}

impl From<Stored> for User {
    fn from(stored: Stored) -> Self {
        let Stored {
            id,
            email,
            full_name,
            is_active,
            is_admin,
            created_at,
            updated_at,
            email_verified,
            kind,
        } = stored;
        let email = email.filter(|_| kind == AccountKind::Person);
        Self { id, email, full_name, is_active, is_admin, created_at, updated_at, email_verified, kind }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(kind: &str, email: &str) -> serde_json::Result<Value> {
        let time = "2026-05-15T09:30:00.123456Z";
        let stored = json!({
            "id": 7, "email": email, "full_name": null, "is_active": true, "is_admin": false, "created_at": time,
            "updated_at": time, "email_verified": false, "kind": kind,
        });
        serde_json::to_value(serde_json::from_value::<User>(stored)?)
    }

    #[test]
    fn the_reserved_text_of_a_service_account_is_never_shown() {
        let user = shown("service", "service:7").unwrap();
        assert_eq!((&user["email"], &user["kind"]), (&Value::Null, &json!("service")));
        let user = shown("person", "ada@example.com").unwrap();
        assert_eq!((&user["email"], &user["kind"]), (&json!("ada@example.com"), &json!("person")));
    }

    #[test]
    fn an_account_is_a_persons_or_a_programs() {
        assert!(shown("robot", "x").is_err());
        for kind in AccountKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
    }
}
