//! A policy for tests: it allows everything, and fails for certain users.

#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
use users_policy_runtime as _;

#[cfg(target_family = "wasm")]
mod guest;
