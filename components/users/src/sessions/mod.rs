//! `/users/{user_id}/sessions`: the sessions of any account.

pub(crate) mod end;
pub(crate) mod list;
