//! The default rule for new passwords: the rule and the list of `crates/password` behind the interface of `wit/password.wit`.
//!
//! The component has no standard library, because the standard library imports clocks, files and more. It imports nothing, so it
//! can access nothing.

#![cfg_attr(target_family = "wasm", no_std)]
// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
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
