//! Grants: the roles and permissions of an account.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Permission, RoleId, User, UserId};

/// An account and its grants: the input of the policy.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The account.
    pub user: UserId,
    /// True for an administrator; the default policy then allows everything.
    pub is_admin: bool,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// The permissions that its roles grant.
    pub permissions: Vec<Permission>,
    /// Rights that no permission of the installation has. Only an API key has some: an administrator may limit one to any rights.
    pub unnamed: Vec<UnnamedRight>,
}

/// A right that no permission of the installation has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UnnamedRight {
    /// The kind of object, such as `user`.
    pub resource: String,
    /// The operation on it, such as `read`.
    pub action: String,
}

/// The name of a role, in a list of accounts and in a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleLabel {
    /// The id of the role.
    pub id: RoleId,
    /// Its name.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
}

/// An account with its roles.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UserWithRoles {
    #[serde(flatten)]
    user: User,
    roles: Vec<RoleLabel>,
}
