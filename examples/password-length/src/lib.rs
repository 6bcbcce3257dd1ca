//! An example of a custom rule for passwords: the default rule, plus a minimum of 15 characters and a ban on the owner's name.
//!
//! The component has no standard library, because the standard library imports clocks, files and more. It imports nothing, so it
//! can access nothing.

#![cfg_attr(target_family = "wasm", no_std)]
// A panic fails the request that asked the rule.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
use users_policy_runtime as _;

#[cfg(target_family = "wasm")]
mod entry;
pub mod rule;
