//! Accounts as the API shows them.

use serde::Serialize;

use crate::{Timestamp, UserId};

/// An account without its secrets: there is no field for a password hash, so none can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// As it was sent at registration.
    pub email: String,
    /// At most 255 characters.
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
