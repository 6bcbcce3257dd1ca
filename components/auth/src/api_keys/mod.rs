//! `/auth/api-keys`: the caller's own keys for programs.

pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod list;
