//! `/users/{user_id}/api-keys`: the keys of any account.

pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod list;
