//! `/rbac/users`: the roles of users.

pub(crate) mod assign;
pub(crate) mod list;
pub(crate) mod roles;
pub(crate) mod unassign;
