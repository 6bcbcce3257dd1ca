//! The current account as a whole.

pub(crate) mod delete;
pub(crate) mod export;
