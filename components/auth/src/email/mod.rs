//! Verification and change of addresses.

pub(crate) mod change;
pub(crate) mod verification;
pub(crate) mod verify;
