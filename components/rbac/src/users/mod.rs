//! `/rbac/users`: who has which roles.

pub(crate) mod assign;
pub(crate) mod list;
pub(crate) mod roles;
pub(crate) mod unassign;
