//! A rule for passwords for tests: it accepts everything, and fails for certain passwords.

#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
use users_policy_runtime as _;

#[cfg(target_family = "wasm")]
mod guest;
