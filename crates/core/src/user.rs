//! Accounts in the API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, UserId};

/// An account without its secrets: it has no field for the password hash, so no answer can contain one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": 1, "email": "ada@example.com", "full_name": "Ada Lovelace", "is_active": true, "is_admin": false,
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z", "email_verified": true,
})))]
pub struct User {
    /// The id of the account.
    pub id: UserId,
    /// As it was sent at registration.
    #[schema(max_length = 254)]
    pub email: String,
    /// At most 255 characters.
    #[schema(required, max_length = 255)]
    pub full_name: Option<String>,
    /// False when the account has been deactivated: it can no longer log in.
    pub is_active: bool,
    /// True for an administrator, who has every right.
    pub is_admin: bool,
    /// The time of the registration.
    pub created_at: Timestamp,
    /// The time of the last change of the account.
    pub updated_at: Timestamp,
    /// True when a link that was sent to the address has been used.
    pub email_verified: bool,
}
