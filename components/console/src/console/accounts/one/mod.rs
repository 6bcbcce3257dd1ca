//! `/console/accounts/{user_id}`: one account.

pub(crate) mod act;
mod action;
pub(crate) mod change;
pub(crate) mod confirm;
mod facts;
pub(crate) mod keys;
pub(crate) mod roles;
pub(crate) mod show;
mod view;

use users_core::UserId;

/// The path of the page of an account.
fn path_of(id: UserId) -> String {
    format!("/console/accounts/{id}")
}
