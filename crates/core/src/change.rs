//! Validated changes of roles and permissions.

use crate::{Description, PermissionId, PermissionName, RoleName, Slug};

/// A change of a value that may be null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// The value stays as it is.
    Keep,
    /// The value becomes this one, or null.
    Set(Option<T>),
}

impl<T> Change<T> {
    /// Returns whether the value changes, and the new value: the parameters of `CASE WHEN $1::bool THEN $2 ELSE … END`.
    pub fn parts(&self) -> (bool, Option<&T>) {
        match self {
            Self::Keep => (false, None),
            Self::Set(value) => (true, value.as_ref()),
        }
    }
}

/// A new permission.
#[derive(Debug, Clone)]
pub struct NewPermission {
    /// Unique regardless of case.
    pub name: PermissionName,
    /// The purpose, for people.
    pub description: Option<Description>,
    /// The kind of object, such as `user`.
    pub resource: Slug,
    /// The operation on it, such as `read`.
    pub action: Slug,
}

/// A change of a permission; a field that is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct PermissionChange {
    /// Unique regardless of case.
    pub name: Option<PermissionName>,
    /// The purpose, for people.
    pub description: Change<Description>,
    /// The kind of object, such as `user`.
    pub resource: Option<Slug>,
    /// The operation on it, such as `read`.
    pub action: Option<Slug>,
}

/// A new role.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Unique regardless of case.
    pub name: RoleName,
    /// The purpose, for people.
    pub description: Option<Description>,
    /// True when every new account gets the role.
    pub is_default: bool,
    /// True when the role counts only for callers who have proved a second factor.
    pub requires_second_factor: bool,
    /// The permissions that the role grants.
    pub permissions: Vec<PermissionId>,
}

/// A change of a role; a field that is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct RoleChange {
    /// Unique regardless of case.
    pub name: Option<RoleName>,
    /// The purpose, for people.
    pub description: Change<Description>,
    /// True when every new account gets the role.
    pub is_default: Option<bool>,
    /// True when the role counts only for callers who have proved a second factor.
    pub requires_second_factor: Option<bool>,
    /// Replaces all permissions of the role.
    pub permissions: Option<Vec<PermissionId>>,
}
