//! The default policy: the contract's rule, behind the interface of `wit/policy.wit`.
//!
//! Without the standard library, which would bring imports along: this component can reach nothing at all.

#![cfg_attr(target_family = "wasm", no_std)]
// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
mod entry;
#[cfg(target_family = "wasm")]
mod runtime;
