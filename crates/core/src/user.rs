//! Accounts as the API shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, UserId};

/// An account without its secrets: there is no field for a password hash, so none can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 1, "email": "ada@example.com", "full_name": "Ada Lovelace", "is_active": true, "is_admin": false,
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z",
})))]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// As it was sent at registration.
    pub email: String,
    /// At most 255 characters.
    #[schema(required)]
    pub full_name: Option<String>,
    /// Whether the account may be used.
    pub is_active: bool,
    /// Whether everything is granted to the account.
    pub is_admin: bool,
    /// When the account was registered.
    pub created_at: Timestamp,
    /// When the account last changed.
    pub updated_at: Timestamp,
}
