//! A policy as an operator may write one: the default rule, and changes wait for business hours.
//!
//! Without the standard library, which would bring imports along: this component can reach nothing at all.

#![cfg_attr(target_family = "wasm", no_std)]
// A panic would fail the request that asked.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
mod entry;
pub mod rule;
#[cfg(target_family = "wasm")]
mod runtime;
