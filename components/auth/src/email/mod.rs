//! Addresses that are verified, and those that change.

pub(crate) mod change;
pub(crate) mod verification;
pub(crate) mod verify;
